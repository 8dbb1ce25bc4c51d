//! `GET /v1/configuration-form`

use axum::Json;
use axum::extract::State as Given;
use axum::response::{IntoResponse, Response};

use crate::AppState;
use crate::extract::{RequestInput, Viewer};
use crate::problem::ApiError;
use crate::wire::form::ConfigurationForm;

/// What to fill in, and how to prepare Auth0
///
/// Fields, scopes with the checks they feed, sync frequencies, the steps to create the Auth0
/// application, and the addresses that this service calls from.
#[utoipa::path(
    get,
    path = "/v1/configuration-form",
    tag = "configuration",
    responses((status = 200, description = "The form.", body = ConfigurationForm))
)]
pub async fn get_configuration_form(
    Given(state): Given<AppState>,
    _: Viewer,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    input.finish(Some(()))?;
    Ok(Json(ConfigurationForm::new(state.form.outgoing_addresses.clone())).into_response())
}
