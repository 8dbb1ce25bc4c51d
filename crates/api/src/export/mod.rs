//! Streaming export of findings and its formats. The audit export uses the same stream and CSV writer. The
//! filter comes from `routes/findings/export.rs`, the OCSF event from `domain::ocsf`.

mod archive;
mod audit;
pub mod csv;
mod signals;
pub mod stream;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use domain::clock::rfc3339;
use domain::integration::stale_after;
use domain::ocsf::{self, Subject};
use domain::{FindingId, IdSource, OrganisationId};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::{FindingFilter, FindingView, Page, PageQuery, Store};
use tokio::task::JoinSet;
use tracing::Instrument as _;

pub use audit::ExportAudit;

use crate::limits::OrganisationPermit;
use crate::wire::finding::Finding;
use stream::ChunkSender;

/// Concurrent exports in one process; further ones get 503. Each reads one page at a time, while it writes the page
/// before, so exports use at most this many database connections.
pub const EXPORTS_AT_ONCE: usize = 4;
/// Concurrent exports of one organisation.
pub const EXPORTS_PER_ORGANISATION: usize = 2;
/// Findings per database read. An export holds two pages in memory, whatever its total.
const PAGE: u32 = 500;
/// Bytes of rows per database read; at least one row. Evidence can be long.
const PAGE_BYTES: usize = 1024 * 1024;
/// A chunk of the body is sent when it has this many bytes, and at the end of a page.
const CHUNK: usize = 64 * 1024;
/// Time limit of an export. A client that reads too slowly loses its permit.
const EXPORT_MAX: Duration = Duration::from_secs(15 * 60);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180, for spreadsheets.
    Csv,
    /// One finding of the API on each line.
    Jsonl,
    /// Open Cybersecurity Schema Framework.
    Ocsf,
    /// SAFE Signal, one of each judged check and resource on each line.
    Signal,
    /// The same as SAFE's API takes many: an archive with a file for each.
    SignalZip,
}

impl Format {
    /// Formats by name.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("csv", Self::Csv),
        ("jsonl", Self::Jsonl),
        ("ocsf", Self::Ocsf),
        ("signal", Self::Signal),
        ("signal-zip", Self::SignalZip),
    ];

    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Jsonl | Self::Ocsf | Self::Signal => "application/x-ndjson",
            Self::SignalZip => "application/zip",
        }
    }

    /// Name of a file exported on the day of `now`.
    pub fn file_name(self, now: Timestamp) -> String {
        let ending = match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Ocsf => "ocsf.jsonl",
            Self::Signal => "signal.jsonl",
            Self::SignalZip => "signal.zip",
        };
        format!("findings-{}.{ending}", now.strftime("%Y-%m-%d"))
    }

    /// Appends what precedes the first finding.
    fn write_head(self, file: &mut Vec<u8>) {
        match self {
            Self::Csv => csv::header(file),
            Self::Jsonl | Self::Ocsf | Self::Signal | Self::SignalZip => {}
        }
    }

    /// Appends one finding at `now`, with its line ending.
    fn write(self, finding: FindingView, now: Timestamp, file: &mut Vec<u8>) {
        match self {
            Self::Csv => csv::row(finding, now, file),
            Self::Jsonl => write_line(&Finding::new(finding, now), file),
            Self::Ocsf => write_line(&event(&finding, now), file),
            Self::Signal | Self::SignalZip => unreachable!("`signals.rs` writes them"),
        }
    }
}

/// An export of findings at one instant.
pub struct Export {
    pub store: Store,
    pub organisation: OrganisationId,
    pub filter: FindingFilter,
    pub format: Format,
    /// The instant at which acceptances are evaluated.
    pub now: Timestamp,
}

impl Export {
    /// The response body. The first page is read before the response starts, so that a database failure
    /// yields a problem document instead of a broken file.
    pub async fn into_body(
        self,
        permit: OrganisationPermit,
        audit: ExportAudit,
        ids: Arc<dyn IdSource>,
    ) -> Result<Body, store::Error> {
        if matches!(self.format, Format::Signal | Format::SignalZip) {
            let first = self.assets(None).await?;
            return Ok(stream::body(permit, EXPORT_MAX, |chunks| {
                self.send_signals(first, ids, chunks, audit)
            }));
        }
        let first = self.page(None, PAGE).await?;
        Ok(stream::body(permit, EXPORT_MAX, |chunks| self.send(first, chunks, audit)))
    }

    async fn send(
        self,
        mut page: Page<FindingView>,
        chunks: ChunkSender,
        mut audit: ExportAudit,
    ) -> Result<(), store::Error> {
        let (format, now) = (self.format, self.now);
        let export = Arc::new(self);
        let mut chunk = Vec::with_capacity(CHUNK);
        format.write_head(&mut chunk);
        let mut limit = PAGE;
        loop {
            // Long findings end a page early: Postgres is asked for few more than the next page holds.
            let read = u32::try_from(page.items.len()).unwrap_or(PAGE);
            limit = if read < limit { read.saturating_mul(2) } else { limit.saturating_mul(2) }
                .clamp(1, PAGE);
            // A task of its own reads the next page, and ends with this one.
            let mut reading = JoinSet::new();
            if page.has_more {
                let (export, last) =
                    (export.clone(), page.items.last().map(|each| each.finding.id));
                reading.spawn(async move { export.page(last, limit).await }.in_current_span());
            }
            let rows = page.items.len();
            for finding in page.items {
                format.write(finding, now, &mut chunk);
                if chunk.len() >= CHUNK {
                    chunks.send(std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK))).await;
                }
            }
            chunks.send(std::mem::take(&mut chunk)).await;
            audit.add(rows);
            page = match reading.join_next().await {
                None => {
                    audit.complete();
                    return Ok(());
                }
                Some(Ok(next)) => next?,
                Some(Err(error)) => std::panic::resume_unwind(error.into_panic()),
            };
        }
    }

    async fn page(
        &self,
        after: Option<FindingId>,
        limit: u32,
    ) -> Result<Page<FindingView>, store::Error> {
        let slice = PageQuery { limit, after };
        let read = self.store.export_findings(
            &self.organisation,
            &self.filter,
            slice,
            PAGE_BYTES,
            self.now,
        );
        read.await
    }
}

/// Appends a line of JSON.
pub fn write_line<T: Serialize>(value: &T, file: &mut Vec<u8>) {
    serde_json::to_writer(&mut *file, value).expect("exported values are plain JSON types");
    file.push(b'\n');
}

fn event(view: &FindingView, now: Timestamp) -> serde_json::Value {
    let domain = &view.tenant_domain;
    let mut subject = Subject::identify(&view.finding, view.acceptance.as_ref(), domain, now);
    let age = now.duration_since(view.finding.last_evaluated_at);
    let is_stale = age > stale_after(&view.frequency, now);
    subject.kept.insert("asset_name".into(), json!(view.asset_name));
    subject.kept.insert("stale".into(), json!(is_stale));
    for (name, at) in [("next_sync_at", view.next_sync_at), ("deleted_at", view.deleted_at)] {
        if let Some(at) = at {
            subject.kept.insert(name.into(), json!(rfc3339(at)));
        }
    }
    ocsf::compliance_finding(&subject)
}
