//! `GET /v1/configuration-form`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::AppState;
use crate::extract::{Caches, Caller, RequestInput, revalidate};
use crate::problem::ApiError;
use crate::wire::form::ConfigurationForm;
use crate::wire::params::IfNoneMatch;

/// Get the configuration form
///
/// Fields, scopes with the checks that need them, sync frequencies, the steps that create the Auth0 application, and
/// the outgoing addresses of this service.
#[utoipa::path(
    get,
    path = "/v1/configuration-form",
    tag = "configuration",
    params(IfNoneMatch),
    responses(
        (status = 200, description = "The form.", body = ConfigurationForm,
            headers(("ETag" = String, description = "A weak tag of the response, for `If-None-Match`."))),
        (status = 304, description = "The response still has a tag named in `If-None-Match`.",
            headers(("ETag" = String, description = "The tag."))),
    )
)]
pub async fn get_configuration_form(
    State(state): State<AppState>,
    _: Caller,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let if_none_match = input.if_none_match();
    input.reject_unknown()?;
    let form = ConfigurationForm::new(state.form.outgoing_addresses.clone());
    revalidate(if_none_match.as_ref(), Caches::Private, Json(form).into_response()).await
}
