//! The OpenAPI 3.1 document, made from the route table and completed with what every operation
//! shares and declares. A test compares it with `openapi/openapi.json`; `UPDATE=1` rewrites that file.

#[cfg(test)]
mod bruno;
#[cfg(test)]
mod compatibility;
mod compressed_pages;
mod docs_page;
mod json;
mod links;
mod postprocess;
mod problems;
mod schemas;
mod start_page;
mod version_3_0;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use serde_json::Value;
use utoipa::OpenApi;

use compressed_pages::{CompressedPages, compress_once};

use crate::wire::problem::Problem;
use crate::wire::sync::{SecretExpiresEvent, SyncReadingEvent, SyncStateEvent};

/// The document, and the pages for people.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/", get(start_page::start_page))
        .route("/openapi.json", get(docs_page::openapi_json))
        .route("/openapi-3.0.json", get(docs_page::openapi_3_0_json))
        .route("/docs", get(docs_page::docs))
        .route("/docs/", get(docs_page::docs))
        .route("/docs/{file}", get(docs_page::docs_file))
        .layer(from_fn_with_state(CompressedPages::default(), compress_once))
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "SAFE Auth0 integration",
        description = "Reads the security settings of Auth0 tenants, evaluates them, and serves each tenant to SAFE \
            as an asset and each misconfiguration as a finding, with the history of every action.\n\n\
            The flow: read the configuration form, test the connection, save it, sync, read findings and \
            assets.\n\n\
            Every response with a status of 400 or above is a problem document (RFC 9457): see `code`. Lists are \
            paginated: pass `next` as `cursor`. Unknown query parameters and unknown members of a body are \
            refused. Objects of responses may gain members, and enumerations values: ignore unknown ones.",
        contact(name = "The maintainers of Auth0 for SAFE"),
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    external_docs(
        url = "https://auth0.com/docs/api/management/v2",
        description = "The Auth0 Management API, which the service reads"
    ),
    servers((url = "/", description = "The host of this document")),
    tags(
        (name = "configuration", description = "The configuration form and the connection test."),
        (name = "integrations", description = "Saved connections to Auth0 tenants."),
        (name = "syncs", description = "Syncs: each reads a tenant and evaluates its settings."),
        (name = "history", description = "Tests, changes and syncs of an integration."),
        (name = "findings", description = "Misconfigurations, and their acceptance."),
        (name = "assets", description = "Tenants as SAFE shows them."),
        (name = "checks", description = "The rules by which tenants are evaluated."),
        (name = "credentials", description = "API credentials of programs, and their access tokens."),
        (name = "policy", description = "The organisation's severities and thresholds."),
        (name = "audit", description = "Changes, refusals and denials, with their callers."),
        (name = "service", description = "Probes and metrics, without a token."),
    ),
    components(schemas(
        Problem, SecretExpiresEvent, SyncReadingEvent, SyncStateEvent,
    )),
)]
struct Document;

/// The whole document.
///
/// # Panics
/// Never: the document is made of JSON types.
pub fn openapi() -> Value {
    let mut document = Document::openapi();
    document.merge(crate::routes::openapi());
    let mut document = serde_json::to_value(document).expect("the document is made of JSON types");
    postprocess::complete(&mut document, crate::routes::operations());
    document
}

/// The document in OpenAPI 3.0.3, for generators that cannot read 3.1.
pub fn openapi_3_0() -> Value {
    version_3_0::convert(openapi())
}

#[cfg(test)]
mod tests;
