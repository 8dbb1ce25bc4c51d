//! Reports on a tenant for people: a self-contained HTML page without script, and Markdown. What is in them comes from
//! a tenant and is hostile: HTML is escaped by `maud`, and in Markdown it is in code spans.

mod grouping;
mod html;
mod markdown;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeMap;

use domain::acceptance::Acceptance;
use domain::checks::Severity;
use domain::finding::FindingKey;
use domain::report::Report;
use jiff::Timestamp;

pub use html::{content_security_policy, html};
pub use markdown::markdown;

/// What a report shows beside what is computed on a snapshot.
#[derive(Debug, Clone)]
pub struct Cover {
    /// The name of the asset.
    pub title: String,
    /// The tenant's domain, or its client ID if the domain is not known.
    pub tenant: String,
    pub made_at: Timestamp,
    pub accepted: Vec<AcceptedRisk>,
    /// More than the listed ones are accepted.
    pub has_more_accepted: bool,
    /// Oldest first.
    pub history: Vec<Point>,
    /// A word for some findings, such as `new`.
    pub marks: BTreeMap<FindingKey, &'static str>,
    /// What changed since the baseline, one line each.
    pub comparison: Vec<String>,
}

impl Cover {
    /// Without anything that only the service stores.
    pub fn new(title: String, tenant: String, made_at: Timestamp) -> Self {
        Self {
            title,
            tenant,
            made_at,
            accepted: Vec::new(),
            has_more_accepted: false,
            history: Vec::new(),
            marks: BTreeMap::new(),
            comparison: Vec::new(),
        }
    }
}

/// A finding whose acceptance is in force.
#[derive(Debug, Clone)]
pub struct AcceptedRisk {
    pub key: FindingKey,
    pub title: String,
    pub object_name: Option<String>,
    pub severity: Severity,
    pub acceptance: Acceptance,
}

/// The figures of an earlier sync.
#[derive(Debug, Clone, Copy)]
pub struct Point {
    pub at: Timestamp,
    pub score: Option<u8>,
    pub coverage_percent: Option<u8>,
}

/// A report with its cover.
#[derive(Debug, Clone)]
pub struct Document {
    pub cover: Cover,
    pub report: Report,
}
