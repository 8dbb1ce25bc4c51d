//! Streaming export of findings and its formats. The audit export uses the same stream and CSV writer. The
//! filter comes from `routes/findings/export.rs`, the OCSF event from `domain::ocsf`.

pub mod csv;
pub mod stream;

use std::time::Duration;

use axum::body::Body;
use domain::clock::rfc3339;
use domain::integration::stale_after;
use domain::ocsf::{self, Subject};
use domain::{FindingId, OrganisationId};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::{FindingExport, FindingFilter, Page, PageQuery, Store};

use crate::limits::OrganisationPermit;
use crate::wire::finding::Finding;
use crate::wire::signal::Signal;
use stream::ChunkSender;

/// Concurrent exports in one process; further ones get 503. Each reads one page at a time, so exports use
/// at most this many database connections.
pub const EXPORTS_AT_ONCE: usize = 4;
/// Concurrent exports of one organisation.
pub const EXPORTS_PER_ORGANISATION: usize = 2;
/// Findings per database read. An export holds a small multiple of this in memory, whatever its total.
const PAGE: u32 = 200;
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
    /// For security signal pipelines.
    Signal,
}

impl Format {
    /// Formats by name.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("csv", Self::Csv),
        ("jsonl", Self::Jsonl),
        ("ocsf", Self::Ocsf),
        ("signal", Self::Signal),
    ];

    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Jsonl | Self::Ocsf | Self::Signal => "application/x-ndjson",
        }
    }

    /// Name of a file exported on the day of `now`.
    pub fn file_name(self, now: Timestamp) -> String {
        let ending = match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Ocsf => "ocsf.jsonl",
            Self::Signal => "signal.jsonl",
        };
        format!("findings-{}.{ending}", now.strftime("%Y-%m-%d"))
    }

    /// Text before the first finding.
    fn head(self) -> String {
        match self {
            Self::Csv => csv::header(),
            Self::Jsonl | Self::Ocsf | Self::Signal => String::new(),
        }
    }

    /// One finding at `now`, with its line ending.
    fn write(self, export: FindingExport, now: Timestamp) -> String {
        match self {
            Self::Csv => csv::row(export, now),
            Self::Jsonl => line(&Finding::new(export.view, now)),
            Self::Ocsf => line(&event(&export, now)),
            Self::Signal => line(&Signal::new(export, now)),
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
    pub async fn into_body(self, permit: OrganisationPermit) -> Result<Body, store::Error> {
        let first = self.page(None).await?;
        Ok(stream::body(permit, EXPORT_MAX, |chunks| self.send(first, chunks)))
    }

    async fn send(
        self,
        mut page: Page<FindingExport>,
        chunks: ChunkSender,
    ) -> Result<(), store::Error> {
        let mut text = self.format.head();
        loop {
            let last = page.items.last().map(|each| each.view.finding.id);
            text.extend(page.items.into_iter().map(|each| self.format.write(each, self.now)));
            chunks.send(std::mem::take(&mut text)).await;
            if !page.has_more {
                return Ok(());
            }
            page = self.page(last).await?;
        }
    }

    async fn page(&self, after: Option<FindingId>) -> Result<Page<FindingExport>, store::Error> {
        let slice = PageQuery { limit: PAGE, after };
        self.store.export_findings(&self.organisation, &self.filter, slice, self.now).await
    }
}

fn line<T: Serialize>(value: &T) -> String {
    let text = serde_json::to_string(value);
    text.expect("exported values are plain JSON types") + "\n"
}

fn event(export: &FindingExport, now: Timestamp) -> serde_json::Value {
    let view = &export.view;
    let domain = &export.tenant_domain;
    let mut subject = Subject::identify(&view.finding, view.acceptance.as_ref(), domain, now);
    let age = now.duration_since(view.finding.last_evaluated_at);
    let is_stale = age > stale_after(&view.frequency, now);
    subject.kept.insert("asset_name".into(), json!(export.asset_name));
    subject.kept.insert("stale".into(), json!(is_stale));
    for (name, at) in [("next_sync_at", view.next_sync_at), ("deleted_at", view.deleted_at)] {
        if let Some(at) = at {
            subject.kept.insert(name.into(), json!(rfc3339(at)));
        }
    }
    ocsf::compliance_finding(&subject)
}
