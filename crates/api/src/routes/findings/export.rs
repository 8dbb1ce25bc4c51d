//! `GET /v1/findings/export`

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::State as Given;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http::Method;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use super::list::read_filter;
use crate::AppState;
use crate::export::{Export, Format};
use crate::extract::{RequestInput, Viewer};
use crate::openapi::params::{ExportFormat, FindingFilters};
use crate::problem::ApiError;

/// How soon to try again when too many exports are made, in seconds.
const RETRY_AFTER_S: u32 = 30;

/// Export findings
///
/// All findings that the filters leave, in the order of their ids, as one file: `csv` (RFC 4180 with a
/// header), `jsonl` (a Finding on each line), `ocsf` (a Compliance Finding of OCSF on each line), `signal` (a
/// Signal on each line). A file that is broken off is not the whole: its transfer fails.
#[utoipa::path(
    get,
    path = "/v1/findings/export",
    tag = "findings",
    params(FindingFilters, ExportFormat),
    responses((status = 200, description = "The file.",
        content((String = "text/csv"), (String = "application/x-ndjson")),
        headers(("Content-Disposition" = String, description = "`attachment`, with the name of the file."))))
)]
pub async fn export_findings(
    Given(state): Given<AppState>,
    Viewer(caller): Viewer,
    method: Method,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let filter = read_filter(&mut input);
    let format = input.choice("format", &Format::NAMES).unwrap_or(Format::Jsonl);
    input.finish(Some(()))?;
    let now = state.now();
    let file = format!("attachment; filename=\"{}\"", format.file_name(now));
    let headers = [(CONTENT_TYPE, format.content_type().to_owned()), (CONTENT_DISPOSITION, file)];
    if method == Method::HEAD {
        // Of unknown length, like the file; nothing is looked at.
        let none = Body::from_stream(stream::empty::<Result<Bytes, Infallible>>());
        return Ok((headers, none).into_response());
    }
    let organisation = caller.organisation().clone();
    let place = state.exports.acquire(&organisation).ok().ok_or(ApiError::Unavailable {
        retry_after_s: RETRY_AFTER_S,
        detail: "Too many exports are being made at the moment. Try again.",
        cause: None,
    })?;
    let export = Export { store: state.store().clone(), organisation, filter, format, now };
    Ok((headers, export.into_body(place).await?).into_response())
}
