//! The route table: one line for each path, one file for each operation. What is not here is not
//! served, and what is here is in the OpenAPI document.

mod api_credentials;
mod assets;
mod audit;
mod checks;
mod configuration_form;
mod connection_tests;
mod findings;
mod history;
mod integrations;
mod policy;
pub mod roles;
mod service;
mod syncs;
mod tokens;

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::Router;
use axum::routing::get;
use http::Method;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::openapi::{docs_page, start_page};

/// The one request that may be told to wait; see `middleware/load_shed.rs`.
pub const START_SYNC_PATH: &str = "/v1/integrations/{integration_id}/syncs";
/// What must answer also under load.
pub const UNCOUNTED_PATHS: [&str; 3] = ["/livez", "/readyz", "/metrics"];

/// What may call a tenant in its course, or costs as much, and is limited for that.
const TESTING: [(Method, &str); 5] = [
    (Method::POST, "/v1/policy/preview"),
    (Method::POST, "/v1/connection-tests"),
    (Method::POST, "/v1/integrations"),
    (Method::PATCH, "/v1/integrations/{integration_id}"),
    (Method::POST, "/v1/integrations/{integration_id}/connection-tests"),
];

/// Whether the operation may call a tenant in its course.
pub fn tests_a_connection(method: &Method, path: &str) -> bool {
    TESTING.iter().any(|(each, at)| each == method && *at == path)
}

/// Operations that change nothing whatever their method.
const ONLY_LOOKING: [&str; 1] = ["preview_policy"];

/// Whether the operation is there to change something.
pub fn changes(method: &Method, operation_id: &str) -> bool {
    !matches!(*method, Method::GET | Method::HEAD) && !ONLY_LOOKING.contains(&operation_id)
}

/// The id of the operation at this path of the table.
pub fn operation_id(method: &Method, path: &str) -> Option<&'static str> {
    static IDS: LazyLock<HashMap<(String, String), String>> = LazyLock::new(|| {
        let document = crate::openapi::openapi();
        let paths = document["paths"].as_object().into_iter().flatten();
        let ids = paths.flat_map(|(path, item)| {
            let operations = item.as_object().into_iter().flatten();
            operations.filter_map(|(method, operation)| {
                let id = operation["operationId"].as_str()?.to_owned();
                Some(((method.to_uppercase(), path.clone()), id))
            })
        });
        ids.collect()
    });
    IDS.get(&(method.to_string(), path.to_owned())).map(String::as_str)
}

/// Every operation.
pub fn operations() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(configuration_form::get::get_configuration_form))
        .routes(routes!(connection_tests::test::test_connection))
        .routes(routes!(
            integrations::list::list_integrations,
            integrations::create::create_integration,
        ))
        .routes(routes!(
            integrations::get::get_integration,
            integrations::update::update_integration,
            integrations::delete::delete_integration,
        ))
        .routes(routes!(integrations::test::test_integration))
        .routes(routes!(
            integrations::put_next_secret::put_next_secret,
            integrations::delete_next_secret::delete_next_secret,
        ))
        .routes(routes!(integrations::coverage::get_coverage))
        .routes(routes!(syncs::start::start_sync))
        .routes(routes!(syncs::get::get_sync, syncs::cancel::cancel_sync))
        .routes(routes!(syncs::events::stream_sync_events))
        .routes(routes!(history::list::list_history))
        .routes(routes!(history::get::get_history_entry))
        .routes(routes!(findings::list::list_findings))
        .routes(routes!(findings::export::export_findings))
        .routes(routes!(findings::get::get_finding))
        .routes(routes!(findings::accept::accept_finding, findings::unaccept::unaccept_finding))
        .routes(routes!(findings::bulk_accept::bulk_accept_findings))
        .routes(routes!(assets::list::list_assets))
        .routes(routes!(assets::get::get_asset))
        .routes(routes!(assets::score_history::list_score_history))
        .routes(routes!(assets::drift::get_drift))
        .routes(routes!(checks::list::list_checks))
        .routes(routes!(checks::get::get_check))
        .routes(routes!(tokens::create::create_token))
        .routes(routes!(
            api_credentials::list::list_api_credentials,
            api_credentials::create::create_api_credential,
        ))
        .routes(routes!(
            api_credentials::get::get_api_credential,
            api_credentials::revoke::revoke_api_credential,
        ))
        .routes(routes!(policy::get::get_policy, policy::put::put_policy))
        .routes(routes!(policy::preview::preview_policy))
        .routes(routes!(audit::list::list_audit))
        .routes(routes!(audit::verify::verify_audit))
        .routes(routes!(service::livez::livez))
        .routes(routes!(service::readyz::readyz))
        .routes(routes!(service::metrics::metrics))
}

/// The operations and the pages that document them.
pub fn router() -> Router<AppState> {
    let (router, _) = operations().split_for_parts();
    router
        .route("/", get(start_page::start_page))
        .route("/openapi.json", get(docs_page::openapi_json))
        .route("/docs", get(docs_page::docs))
        .route("/docs/", get(docs_page::docs))
        .route("/docs/{file}", get(docs_page::docs_file))
}
