//! Findings on their way out: the formats that others read, and a body that is made while it is read;
//! that and the writer of CSV are the audit's too. Not here: which findings (`routes/findings/export.rs`), and the OCSF event (`domain::ocsf`).

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

use crate::middleware::ConcurrencyPermit;
use crate::wire::finding::Finding;
use crate::wire::signal::Signal;
use stream::ChunkSender;

/// Exports that one process makes at once; more are answered 503. Each reads one page at a time, so they
/// never take more than so many of the database's connections.
pub const EXPORTS_AT_ONCE: usize = 4;
/// Of those, how many of one organisation.
pub const EXPORTS_PER_ORGANISATION: usize = 2;
/// Findings that are read at once. An export has a few times as many in memory, however many there are.
const PAGE: u32 = 200;
/// An export that is not over by then is broken off, and its place is free: the client reads too slowly.
const EXPORT_MAX: Duration = Duration::from_secs(15 * 60);

/// In which format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180, for spreadsheets.
    Csv,
    /// The API's own shape, a line for each.
    Jsonl,
    /// Open Cybersecurity Schema Framework.
    Ocsf,
    /// For security signal pipelines.
    Signal,
}

impl Format {
    /// Every format by its name.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("csv", Self::Csv),
        ("jsonl", Self::Jsonl),
        ("ocsf", Self::Ocsf),
        ("signal", Self::Signal),
    ];

    /// The media type.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Jsonl | Self::Ocsf | Self::Signal => "application/x-ndjson",
        }
    }

    /// How a file of it is called on this day.
    pub fn file_name(self, now: Timestamp) -> String {
        let ending = match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Ocsf => "ocsf.jsonl",
            Self::Signal => "signal.jsonl",
        };
        format!("findings-{}.{ending}", now.strftime("%Y-%m-%d"))
    }

    /// What stands before the first finding.
    fn head(self) -> String {
        match self {
            Self::Csv => csv::header(),
            Self::Jsonl | Self::Ocsf | Self::Signal => String::new(),
        }
    }

    /// One finding as it stands at `now`, with its end of line.
    fn write(self, export: FindingExport, now: Timestamp) -> String {
        match self {
            Self::Csv => csv::row(export, now),
            Self::Jsonl => line(&Finding::new(export.view, now)),
            Self::Ocsf => line(&event(&export, now)),
            Self::Signal => line(&Signal::new(export, now)),
        }
    }
}

/// Which findings, as they stand at one instant, in which format.
pub struct Export {
    /// The database.
    pub store: Store,
    /// Whose.
    pub organisation: OrganisationId,
    /// Which.
    pub filter: FindingFilter,
    /// In which format.
    pub format: Format,
    /// Acceptances that are over by then are over throughout.
    pub now: Timestamp,
}

impl Export {
    /// The body. The first page is read before the answer begins, so that a database that does not answer
    /// is a problem document and no broken file.
    pub async fn into_body(self, place: ConcurrencyPermit) -> Result<Body, store::Error> {
        let first = self.page(None).await?;
        Ok(stream::body(place, EXPORT_MAX, |pieces| self.send(first, pieces)))
    }

    async fn send(
        self,
        mut page: Page<FindingExport>,
        pieces: ChunkSender,
    ) -> Result<(), store::Error> {
        let mut text = self.format.head();
        loop {
            let last = page.items.last().map(|each| each.view.finding.id);
            text.extend(page.items.into_iter().map(|each| self.format.write(each, self.now)));
            pieces.send(std::mem::take(&mut text)).await;
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
    text.expect("what is told is made of plain JSON types") + "\n"
}

fn event(export: &FindingExport, now: Timestamp) -> serde_json::Value {
    let view = &export.view;
    let domain = &export.tenant_domain;
    let mut subject = Subject::of(&view.finding, view.acceptance.as_ref(), domain, now);
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
