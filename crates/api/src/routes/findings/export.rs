//! `GET /v1/findings/export`

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http::Method;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::list::read_filter;
use crate::AppState;
use crate::export::{Export, ExportAudit, Format};
use crate::extract::{Caller, RequestInput};
use crate::problem::ApiError;
use crate::wire::choice_schema;
use crate::wire::params::FindingFilters;

const RETRY_AFTER_S: u32 = 30;

/// The format of an export.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the fields are read by the derive alone")]
struct ExportFormat {
    /// The format of the file. Default: `jsonl`.
    #[param(inline)]
    format: Option<FormatName>,
}

struct FormatName;

impl ToSchema for FormatName {}

impl PartialSchema for FormatName {
    fn schema() -> RefOr<Schema> {
        choice_schema(&Format::NAMES)
    }
}

/// Export findings
///
/// All findings that match the filters, ordered by id, as one file: `csv` (RFC 4180 with a header), `jsonl` (a
/// Finding on each line), `ocsf` (an OCSF Compliance Finding on each line), `signal` (a SAFE Signal of each judged check
/// and resource on each line, by asset), `signal-zip` (the same as the archive that SAFE's API takes). If the transfer
/// fails, the file is incomplete.
#[utoipa::path(
    get,
    path = "/v1/findings/export",
    tag = "findings",
    params(FindingFilters, ExportFormat),
    responses((status = 200, description = "The file.",
        content((Vec<u8> = "application/x-ndjson"), (Vec<u8> = "text/csv"), (Vec<u8> = "application/zip")),
        headers(("Content-Disposition" = String, description = "`attachment` with a file name."))))
)]
pub async fn export_findings(
    State(state): State<AppState>,
    caller: Caller,
    method: Method,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let filter = read_filter(&mut input);
    let format = input.choice("format", &Format::NAMES).unwrap_or(Format::Jsonl);
    input.reject_unknown()?;
    let now = state.now();
    let file = format!("attachment; filename=\"{}\"", format.file_name(now));
    let headers = [(CONTENT_TYPE, format.content_type().to_owned()), (CONTENT_DISPOSITION, file)];
    if method == Method::HEAD {
        // The length is unknown, as for GET. Nothing is read.
        let none = Body::from_stream(stream::empty::<Result<Bytes, Infallible>>());
        return Ok((headers, none).into_response());
    }
    let organisation = caller.organisation().clone();
    let permit = state.exports.acquire(&organisation).ok().ok_or(ApiError::unavailable(
        RETRY_AFTER_S,
        "Too many exports are running. Try again later.",
    ))?;
    let export = Export { store: state.store().clone(), organisation, filter, format, now };
    let actor = caller.actor.clone();
    let (action, query) = (input.operation_id(), input.query());
    let audit = ExportAudit::new(state.engine.clone(), actor, action, query);
    Ok((headers, export.into_body(permit, audit, state.ids.clone()).await?).into_response())
}
