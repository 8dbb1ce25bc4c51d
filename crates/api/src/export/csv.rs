//! CSV export (RFC 4180) with a header; every cell is quoted. Against CSV injection, cells that a spreadsheet would run
//! as a formula get an apostrophe, because names of resources come from tenants.

use std::fmt::{self, Display, Write as _};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use store::FindingView;

use crate::wire::Confidence;
use crate::wire::acceptance::Acceptance;
use crate::wire::evidence::Evidence;
use crate::wire::finding::Finding;
use crate::wire::remediation::{ApiCall, Remediation};

/// Appends the text of a cell.
type Cell = fn(&Finding, &mut String);

/// Columns after those of the asset. The cell of a null value is empty. New columns are added at the end.
#[rustfmt::skip]
const COLUMNS: [(&str, Cell); 46] = [
    ("id", |finding, cell| text(finding.id, cell)),
    ("integration_id", |finding, cell| text(finding.integration_id, cell)),
    ("asset_id", |finding, cell| text(finding.asset_id, cell)),
    ("check_id", |finding, cell| text(&finding.check_id, cell)),
    ("check_version", |finding, cell| text(finding.check_version, cell)),
    ("resource", |finding, cell| text(&finding.resource, cell)),
    ("title", |finding, cell| text(&finding.title, cell)),
    ("severity", |finding, cell| text(finding.severity.name(), cell)),
    ("confidence", |finding, cell| list(finding.confidence.map(Confidence::name), cell)),
    ("state", |finding, cell| text(finding.state.name(), cell)),
    ("result", |finding, cell| text(finding.result.name(), cell)),
    ("result_reason", |finding, cell| list(finding.result_reason, cell)),
    ("risk", |finding, cell| list(finding.risk, cell)),
    ("evidence", |finding, cell| evidence(&finding.evidence, cell)),
    ("dashboard_path", |finding, cell| list(remediation(finding).map(|r| r.dashboard_path), cell)),
    ("steps", |finding, cell| list(remediation(finding).into_iter().flat_map(|r| r.steps), cell)),
    ("api_call_method", |finding, cell| list(api_call(finding).map(|call| call.method.name()), cell)),
    ("api_call_path", |finding, cell| list(api_call(finding).map(|call| &call.path), cell)),
    ("api_call_body", |finding, cell| call_body(api_call(finding), cell)),
    ("undo_call_body", |finding, cell| call_body(remediation(finding).and_then(|r| r.undo_call.as_ref()), cell)),
    ("required_scope", |finding, cell| list(remediation(finding).and_then(|r| r.required_scope), cell)),
    ("controls", controls),
    ("attack_techniques", |finding, cell| list(finding.attack_techniques, cell)),
    ("automated_threats", |finding, cell| list(finding.automated_threats, cell)),
    ("acceptance_reason", |finding, cell| list(acceptance(finding).map(|a| a.reason.name()), cell)),
    ("acceptance_rationale", |finding, cell| list(acceptance(finding).map(|a| &a.rationale), cell)),
    ("accepted_by", |finding, cell| list(acceptance(finding).map(|a| &a.accepted_by), cell)),
    ("accepted_at", |finding, cell| list(acceptance(finding).map(|a| a.accepted_at), cell)),
    ("acceptance_expires_at", |finding, cell| list(acceptance(finding).and_then(|a| a.expires_at), cell)),
    ("first_seen_at", |finding, cell| text(finding.first_seen_at, cell)),
    ("last_seen_at", |finding, cell| text(finding.last_seen_at, cell)),
    ("last_evaluated_at", |finding, cell| text(finding.last_evaluated_at, cell)),
    ("open_since", |finding, cell| text(finding.open_since, cell)),
    ("resolved_at", |finding, cell| list(finding.resolved_at, cell)),
    ("reopen_count", |finding, cell| text(finding.reopen_count, cell)),
    ("next_sync_at", |finding, cell| list(finding.next_sync_at, cell)),
    ("stale", |finding, cell| text(finding.stale, cell)),
    ("deleted_at", |finding, cell| list(finding.deleted_at, cell)),
    ("object_type", |finding, cell| text(finding.object.kind.name(), cell)),
    ("object_id", |finding, cell| list(&finding.object.id, cell)),
    ("object_name", |finding, cell| list(&finding.object.name, cell)),
    ("priority", |finding, cell| text(finding.priority, cell)),
    ("priority_reasons", |finding, cell| list(&finding.priority_reasons, cell)),
    ("cause_id", |finding, cell| list(finding.cause_id, cell)),
    ("part_of", |finding, cell| list(finding.part_of, cell)),
    ("disabled_by_policy", |finding, cell| text(finding.disabled_by_policy, cell)),
];
const ASSET_COLUMNS: [&str; 2] = ["asset_name", "tenant_domain"];

/// Appends the header record.
pub fn header(file: &mut Vec<u8>) {
    record(ASSET_COLUMNS.into_iter().chain(COLUMNS.map(|(name, _)| name)), file);
}

/// Appends the record of one finding.
pub fn row(view: FindingView, now: Timestamp, file: &mut Vec<u8>) {
    let mut record = Record::new(file);
    record.push(&view.asset_name);
    record.push(&view.tenant_domain);
    let finding = Finding::new(view, now);
    let mut cell = String::new();
    for (_, write) in COLUMNS {
        cell.clear();
        write(&finding, &mut cell);
        record.push(&cell);
    }
    record.end();
}

/// Appends one record.
pub fn record(cells: impl IntoIterator<Item = impl AsRef<str>>, file: &mut Vec<u8>) {
    let mut record = Record::new(file);
    for cell in cells {
        record.push(cell.as_ref());
    }
    record.end();
}

fn text(value: impl Display, cell: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(cell, "{value}");
}

/// Joined with `; `.
fn list(values: impl IntoIterator<Item = impl Display>, cell: &mut String) {
    for value in values {
        if !cell.is_empty() {
            cell.push_str("; ");
        }
        text(value, cell);
    }
}

fn json<T: Serialize>(value: &T, cell: &mut String) {
    let json = serde_json::to_string(value);
    cell.push_str(&json.expect("exported values are plain JSON types"));
}

/// Null if the call is absent or its body is null.
fn call_body(request: Option<&ApiCall>, cell: &mut String) {
    if let Some(ApiCall { body, .. }) = request.filter(|request| !request.body.is_null()) {
        json(body, cell);
    }
}

/// With the members in alphabetical order.
fn evidence(values: &[Evidence], cell: &mut String) {
    #[derive(Serialize)]
    struct Sorted<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        assumed: Option<&'a Value>,
        expected: &'a Value,
        found: &'a Value,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        may_compensate: bool,
        pointer: &'a str,
        reading: &'a str,
    }
    let sorted = values.iter().map(|value| {
        let Evidence { reading, pointer, found, expected, assumed, may_compensate, .. } = value;
        let (assumed, may_compensate) = (assumed.as_ref(), *may_compensate);
        Sorted { assumed, expected, found, may_compensate, pointer, reading }
    });
    json(&sorted.collect::<Vec<_>>(), cell);
}

/// Each with its framework, such as `pci_dss 8.3.4`.
fn controls(finding: &Finding, cell: &mut String) {
    let named = finding.controls.by_framework().into_iter().flat_map(|(name, ids)| {
        ids.iter().map(move |id| fmt::from_fn(move |f| write!(f, "{name} {id}")))
    });
    list(named, cell);
}

fn remediation(finding: &Finding) -> Option<&Remediation> {
    finding.remediation.as_ref()
}

fn api_call(finding: &Finding) -> Option<&ApiCall> {
    remediation(finding)?.api_call.as_ref()
}

fn acceptance(finding: &Finding) -> Option<&Acceptance> {
    finding.acceptance.as_ref()
}

/// Writes one record. The only CSV writer, so that the protection of spreadsheets is in one place.
struct Record<'a> {
    file: &'a mut Vec<u8>,
    is_empty: bool,
}

impl<'a> Record<'a> {
    fn new(file: &'a mut Vec<u8>) -> Self {
        Self { file, is_empty: true }
    }

    /// Cells are always quoted: a spreadsheet that splits at other characters than commas could turn the rest
    /// of an unquoted cell into a formula.
    fn push(&mut self, cell: &str) {
        if !std::mem::take(&mut self.is_empty) {
            self.file.push(b',');
        }
        self.file.push(b'"');
        if is_formula(cell) {
            self.file.push(b'\'');
        }
        let mut parts = cell.split('"');
        self.file.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
        for part in parts {
            self.file.extend_from_slice(b"\"\"");
            self.file.extend_from_slice(part.as_bytes());
        }
        self.file.push(b'"');
    }

    fn end(self) {
        self.file.extend_from_slice(b"\r\n");
    }
}

/// The characters that OWASP lists under "CSV Injection", and the full-width forms that some spreadsheets
/// convert.
fn is_formula(cell: &str) -> bool {
    let signs = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    cell.starts_with(signs)
}

#[cfg(test)]
mod tests;
