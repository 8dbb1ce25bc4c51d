//! Streaming export of the audit as JSON Lines or CSV (RFC 4180), with one page in memory.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use domain::OrganisationId;
use domain::clock::rfc3339;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use store::{AuditFilter, AuditPosition, Error, Page, PageQuery};

use crate::AppState;
use crate::export::stream::{self, ChunkSender};
use crate::export::{ExportAudit, csv, write_line};
use crate::extract::Caller;
use crate::problem::ApiError;
use crate::wire::audit::AuditEvent;

/// Rows per database read.
const ROWS: u32 = 500;
/// Time limit of an export. The transfer then fails, so the client sees that the file is incomplete.
const STREAM_MAX: Duration = Duration::from_secs(30 * 60);

#[derive(Debug, Clone, Copy)]
pub enum Format {
    /// One JSON object on each line.
    JsonLines,
    /// One record on each line, after a header.
    Csv,
}

/// Streams all matching events.
pub async fn stream(
    state: &AppState,
    caller: &Caller,
    filter: AuditFilter,
    format: Format,
    audit: ExportAudit,
) -> Result<Response, ApiError> {
    let organisation = caller.organisation().clone();
    let permit = state
        .waits
        .acquire(&organisation)
        .ok()
        .ok_or(ApiError::unavailable(5, "Too many streams are open. Try again later."))?;
    let (media_type, name) = match format {
        Format::JsonLines => ("application/x-ndjson", "audit.jsonl"),
        Format::Csv => ("text/csv; charset=utf-8; header=present", "audit.csv"),
    };
    let headers = [
        (CONTENT_TYPE, media_type.to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    let export = Export { store: state.store().clone(), organisation, filter, format };
    // Read before the response starts, so that an unavailable database gives a problem document.
    let first = export.page(None).await?;
    let body = stream::body(permit, STREAM_MAX, |chunks| export.send(first, chunks, audit));
    Ok((headers, body).into_response())
}

struct Export {
    store: store::Store,
    organisation: OrganisationId,
    filter: AuditFilter,
    format: Format,
}

impl Export {
    async fn send(
        self,
        mut page: Page<store::AuditEvent>,
        chunks: ChunkSender,
        mut audit: ExportAudit,
    ) -> Result<(), Error> {
        let mut chunk = Vec::new();
        if let Format::Csv = self.format {
            csv::record(COLUMNS, &mut chunk);
        }
        loop {
            let (last, rows) = (page.items.last().map(|event| event.position), page.items.len());
            for event in page.items {
                self.format.write(event.into(), &mut chunk);
            }
            chunks.send(std::mem::take(&mut chunk)).await;
            audit.add(rows);
            if !page.has_more {
                audit.complete();
                return Ok(());
            }
            page = self.page(last).await?;
        }
    }

    async fn page(&self, after: Option<AuditPosition>) -> Result<Page<store::AuditEvent>, Error> {
        let slice = PageQuery { limit: ROWS, after };
        self.store.list_audit(&self.organisation, &self.filter, slice).await
    }
}

impl Format {
    fn write(self, event: AuditEvent, file: &mut Vec<u8>) {
        match self {
            Self::JsonLines => write_line(&event, file),
            Self::Csv => csv::record(cells(event), file),
        }
    }
}

const COLUMNS: [&str; 13] = [
    "seq",
    "at",
    "actor_subject",
    "actor_email",
    "source_address",
    "source_port",
    "action",
    "target",
    "outcome",
    "request_id",
    "details",
    "hash",
    "own_request_id",
];

fn cells(event: AuditEvent) -> [String; COLUMNS.len()] {
    let text = |value: Option<String>| value.unwrap_or_default();
    [
        text(event.seq.map(|seq| seq.to_string())),
        rfc3339(event.at.0),
        event.actor_subject,
        event.actor_email,
        text(event.source_address),
        text(event.source_port.map(|port| port.to_string())),
        event.action,
        text(event.target.map(|id| id.to_string())),
        event.outcome,
        event.request_id,
        if event.details.is_null() { String::new() } else { event.details.to_string() },
        text(event.hash),
        text(event.own_request_id),
    ]
}
