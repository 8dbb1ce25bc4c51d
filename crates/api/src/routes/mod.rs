//! The route table: one line for each operation, which declares everything but its texts and schemas.
//! What is not here is not served, and what is here is in the OpenAPI document.

mod api_credentials;
mod assets;
mod audit;
mod checks;
mod command;
mod configuration_form;
mod connection_tests;
mod findings;
mod history;
mod integrations;
mod policy;
mod service;
mod syncs;
mod tokens;

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use http::Method;
use utoipa::openapi::PathItem;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

use crate::AppState;
use crate::operation::{Declaration, Operation, admin, credential, public, viewer};
use crate::problem::ProblemKind::{
    AssetNameTaken, Conflict, ConnectionTestFailed, CursorOutdated, FindingNotOpen,
    IntegrationDeleted, IntegrationDisabled, PreconditionFailed, QuotaExceeded, SyncInProgress,
    Unavailable,
};

/// Every operation.
#[rustfmt::skip]
fn table() -> Table {
    Table::default()
        .add(viewer(), routes!(configuration_form::get::get_configuration_form))
        .add(admin().idempotent().tests_connection(), routes!(connection_tests::test::test_connection))
        .add(viewer(), routes!(integrations::list::list_integrations))
        .add(admin().idempotent().tests_connection()
            .fails_with(&[ConnectionTestFailed, AssetNameTaken, Conflict, QuotaExceeded]),
            routes!(integrations::create::create_integration))
        .add(viewer(), routes!(integrations::get::get_integration))
        .add(admin().needs_if_match().tests_connection()
            .fails_with(&[ConnectionTestFailed, AssetNameTaken, Conflict, IntegrationDeleted]),
            routes!(integrations::update::update_integration))
        .add(admin()
            .fails_with(&[PreconditionFailed]),
            routes!(integrations::delete::delete_integration))
        .add(admin().idempotent().tests_connection()
            .fails_with(&[IntegrationDeleted]),
            routes!(integrations::test::test_integration))
        .add(admin()
            .fails_with(&[IntegrationDeleted, Conflict]),
            routes!(integrations::put_next_secret::put_next_secret))
        .add(admin()
            .fails_with(&[IntegrationDeleted]),
            routes!(integrations::delete_next_secret::delete_next_secret))
        .add(viewer(), routes!(integrations::coverage::get_coverage))
        .add(admin().idempotent().may_wait()
            .fails_with(&[SyncInProgress, IntegrationDeleted, IntegrationDisabled]),
            routes!(syncs::start::start_sync))
        .add(viewer(), routes!(syncs::get::get_sync))
        .add(admin(), routes!(syncs::cancel::cancel_sync))
        .add(viewer(), routes!(syncs::event_stream::stream_sync_events))
        .add(viewer(), routes!(history::list::list_history))
        .add(viewer(), routes!(history::get::get_history_entry))
        .add(viewer()
            .fails_with(&[CursorOutdated]),
            routes!(findings::list::list_findings))
        .add(viewer(), routes!(findings::export::export_findings))
        .add(viewer(), routes!(findings::get::get_finding))
        .add(admin()
            .fails_with(&[FindingNotOpen]),
            routes!(findings::accept::accept_finding))
        .add(admin(), routes!(findings::revoke_acceptance::unaccept_finding))
        .add(admin().idempotent(), routes!(findings::bulk_accept::bulk_accept_findings))
        .add(viewer(), routes!(assets::list::list_assets))
        .add(viewer(), routes!(assets::get::get_asset))
        .add(viewer(), routes!(assets::score_history::list_score_history))
        .add(viewer().fails_with(&[Conflict]), routes!(assets::drift::get_drift))
        .add(viewer().tests_connection().fails_with(&[Conflict]), routes!(assets::plan::get_plan))
        .add(viewer().reads_only().idempotent().tests_connection()
            .fails_with(&[Conflict]),
            routes!(assets::preview_plan::preview_plan))
        .add(viewer(), routes!(checks::list::list_checks))
        .add(viewer(), routes!(checks::get::get_check))
        .add(credential().returns_secret(), routes!(tokens::create::create_token))
        .add(admin(), routes!(api_credentials::list::list_api_credentials))
        .add(admin().returns_secret()
            .fails_with(&[QuotaExceeded]),
            routes!(api_credentials::create::create_api_credential))
        .add(admin(), routes!(api_credentials::get::get_api_credential))
        .add(admin(), routes!(api_credentials::revoke::revoke_api_credential))
        .add(viewer(), routes!(policy::get::get_policy))
        .add(admin().needs_if_match(), routes!(policy::put::put_policy))
        .add(viewer().reads_only().idempotent().tests_connection(), routes!(policy::preview::preview_policy))
        .add(admin(), routes!(audit::list::list_audit))
        .add(admin(), routes!(audit::verify::verify_audit))
        .add(public(), routes!(service::livez::livez))
        .add(public()
            .fails_with(&[Unavailable]),
            routes!(service::readyz::readyz))
        .add(public(), routes!(service::metrics::metrics))
}

#[derive(Default)]
struct Table {
    router: OpenApiRouter<AppState>,
    operations: Vec<Operation>,
}

impl Table {
    /// Method and path are those of the handler's `utoipa::path`, the id is the handler's name.
    fn add(mut self, declared: Declaration, route: UtoipaMethodRouter<AppState>) -> Self {
        for (path, item) in &route.1.paths {
            self.operations.extend(methods(item).into_iter().filter_map(|(method, operation)| {
                let id = operation?.operation_id.clone()?;
                Some(Operation { id, method, path: path.clone(), declared })
            }));
        }
        Self { router: self.router.routes(route), operations: self.operations }
    }
}

fn methods(item: &PathItem) -> [(Method, Option<&utoipa::openapi::path::Operation>); 5] {
    [
        (Method::GET, item.get.as_ref()),
        (Method::POST, item.post.as_ref()),
        (Method::PUT, item.put.as_ref()),
        (Method::PATCH, item.patch.as_ref()),
        (Method::DELETE, item.delete.as_ref()),
    ]
}

/// What each operation declares, in the order of the table.
pub fn operations() -> &'static [Operation] {
    static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| table().operations);
    &OPERATIONS
}

/// The part of the OpenAPI document that the handlers describe.
pub fn openapi() -> utoipa::openapi::OpenApi {
    table().router.into_openapi()
}

/// The operations.
pub fn router() -> Router<AppState> {
    table().router.split_for_parts().0
}

/// Puts the matched [`Operation`] into the extensions of each request, for every layer inside this one.
pub fn match_operation<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router.layer(from_fn(async |mut request: Request, next: Next| -> Response {
        let matched = request.extensions().get::<MatchedPath>();
        let operation = matched.and_then(|path| find(request.method(), path.as_str()));
        if let Some(operation) = operation {
            request.extensions_mut().insert(operation);
        }
        next.run(request).await
    }))
}

fn find(method: &Method, path: &str) -> Option<&'static Operation> {
    static BY_PATH: LazyLock<HashMap<(&'static Method, &'static str), &'static Operation>> =
        LazyLock::new(|| {
            let all = operations().iter();
            all.map(|operation| ((&operation.method, operation.path.as_str()), operation)).collect()
        });
    // HEAD is GET without a body.
    let method = if method == Method::HEAD { &Method::GET } else { method };
    BY_PATH.get(&(method, path)).copied()
}
