//! The OpenAPI 3.1 document, made from the route table and completed with what every operation
//! shares. A test compares it with `openapi/openapi.json`; `UPDATE=1` rewrites that file.

pub mod docs_page;
pub mod params;
mod postprocess;
pub mod start_page;

use crate::wire::sync::{SecretExpiresEvent, SyncReadingEvent, SyncStateEvent};
use serde_json::Value;
use utoipa::OpenApi;

use crate::wire::history::details::{MachineDetails, SyncDetails, TestDetails, UpdateDetails};
use crate::wire::problem::Problem;
use crate::wire::signal::Signal;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "SAFE Auth0 integration",
        version = "1.0.0",
        description = "Reads the security settings of Auth0 tenants, judges them, and serves SAFE each tenant \
            as an asset and each misconfiguration as a finding, with the history of every action.\n\n\
            The flow: read the configuration form, test the connection, save it, sync, read findings and \
            assets.\n\n\
            Every answer of 400 or more is a problem document (RFC 9457): look at `code`. Lists come in \
            pages: pass `next` as `cursor`. Unknown query parameters and unknown members of a body are \
            refused. Enumerations and objects may gain members: ignore what you do not know.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/", description = "Where this document comes from")),
    tags(
        (name = "configuration", description = "What to fill in, and whether it works."),
        (name = "integrations", description = "Saved connections to Auth0 tenants."),
        (name = "syncs", description = "Readings of a tenant."),
        (name = "history", description = "What was done, by whom."),
        (name = "findings", description = "What is wrong."),
        (name = "assets", description = "Tenants as SAFE shows them."),
        (name = "checks", description = "The rules that tenants are judged by."),
        (name = "credentials", description = "What programs call with, and the tokens they get for it."),
        (name = "policy", description = "What the organisation wants judged otherwise."),
        (name = "audit", description = "Who did what from where, and what was refused."),
        (name = "service", description = "For whoever runs the service. No token is needed."),
    ),
    components(schemas(
        Problem, Signal, SecretExpiresEvent, SyncReadingEvent, SyncStateEvent,
        SyncDetails, TestDetails, UpdateDetails, MachineDetails,
    )),
)]
struct Document;

/// The whole document.
///
/// # Panics
/// Never: the document is made of JSON types.
pub fn openapi() -> Value {
    let mut document = Document::openapi();
    document.merge(crate::routes::operations().into_openapi());
    let mut document = serde_json::to_value(document).expect("the document is made of JSON types");
    postprocess::complete(&mut document);
    document
}

#[cfg(test)]
mod tests;
