//! `GET /v1/configuration-form`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::AppState;
use crate::extract::{Caller, NoInput};
use crate::problem::ApiError;
use crate::wire::form::ConfigurationForm;

/// Get the configuration form
///
/// Fields, scopes with the checks that need them, sync frequencies, the steps that create the Auth0 application, and
/// the outgoing addresses of this service.
#[utoipa::path(
    get,
    path = "/v1/configuration-form",
    tag = "configuration",
    responses((status = 200, description = "The form.", body = ConfigurationForm))
)]
pub async fn get_configuration_form(
    State(state): State<AppState>,
    _: Caller,
    _: NoInput,
) -> Result<Response, ApiError> {
    Ok(Json(ConfigurationForm::new(state.form.outgoing_addresses.clone())).into_response())
}
