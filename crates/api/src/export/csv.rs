//! CSV export (RFC 4180) with a header; every cell is quoted. Cells that a spreadsheet would run as a
//! formula get an apostrophe, because names of resources come from tenants.

use jiff::Timestamp;
use serde_json::Value;
use store::FindingExport;

use crate::wire::finding::Finding;

/// How a value is written to a cell.
#[derive(Clone, Copy)]
enum Cell {
    /// The text itself; empty for null.
    Text,
    Json,
    /// Texts joined with `; `.
    List,
    /// Texts with their key, joined with `; `, such as `pci_dss 8.3.4`.
    ByName,
}
use Cell::{ByName, Json, List, Text};

/// Columns after those of the asset, each with its JSON Pointer into a finding. New columns are added at
/// the end.
const COLUMNS: [(&str, &str, Cell); 38] = [
    ("id", "/id", Text),
    ("integration_id", "/integration_id", Text),
    ("asset_id", "/asset_id", Text),
    ("check_id", "/check_id", Text),
    ("check_version", "/check_version", Text),
    ("resource", "/resource", Text),
    ("title", "/title", Text),
    ("severity", "/severity", Text),
    ("confidence", "/confidence", Text),
    ("state", "/state", Text),
    ("result", "/result", Text),
    ("result_reason", "/result_reason", Text),
    ("risk", "/risk", Text),
    ("evidence", "/evidence", Json),
    ("dashboard_path", "/remediation/dashboard_path", Text),
    ("steps", "/remediation/steps", List),
    ("api_call_method", "/remediation/api_call/method", Text),
    ("api_call_path", "/remediation/api_call/path", Text),
    ("api_call_body", "/remediation/api_call/body", Json),
    ("undo_call_body", "/remediation/undo_call/body", Json),
    ("required_scope", "/remediation/required_scope", Text),
    ("controls", "/controls", ByName),
    ("attack_techniques", "/attack_techniques", List),
    ("automated_threats", "/automated_threats", List),
    ("acceptance_reason", "/acceptance/reason", Text),
    ("acceptance_rationale", "/acceptance/rationale", Text),
    ("accepted_by", "/acceptance/accepted_by", Text),
    ("accepted_at", "/acceptance/accepted_at", Text),
    ("acceptance_expires_at", "/acceptance/expires_at", Text),
    ("first_seen_at", "/first_seen_at", Text),
    ("last_seen_at", "/last_seen_at", Text),
    ("last_evaluated_at", "/last_evaluated_at", Text),
    ("open_since", "/open_since", Text),
    ("resolved_at", "/resolved_at", Text),
    ("reopen_count", "/reopen_count", Text),
    ("next_sync_at", "/next_sync_at", Text),
    ("stale", "/stale", Text),
    ("deleted_at", "/deleted_at", Text),
];
const ASSET_COLUMNS: [&str; 2] = ["asset_name", "tenant_domain"];

/// The header record.
pub fn header() -> String {
    let names = ASSET_COLUMNS.into_iter().chain(COLUMNS.map(|(name, ..)| name));
    record(names.map(str::to_owned))
}

/// The record of one finding.
pub fn row(export: FindingExport, now: Timestamp) -> String {
    let finding = serde_json::to_value(Finding::new(export.view, now));
    let finding = finding.expect("a finding is made of plain JSON types");
    let cells = COLUMNS.iter().map(|(_, place, cell)| match finding.pointer(place) {
        None | Some(Value::Null) => String::new(),
        Some(value) => cell.text(value),
    });
    record([export.asset_name, export.tenant_domain].into_iter().chain(cells))
}

impl Cell {
    fn text(self, value: &Value) -> String {
        match (self, value) {
            (Text, Value::String(text)) => text.clone(),
            (List, Value::Array(items)) => joined(items),
            (ByName, Value::Object(named)) => {
                let lists = named.iter().flat_map(|(name, list)| {
                    let items = list.as_array().into_iter().flatten();
                    items.map(move |item| format!("{name} {}", Text.text(item)))
                });
                lists.collect::<Vec<_>>().join("; ")
            }
            (Text | Json | List | ByName, value) => value.to_string(),
        }
    }
}

fn joined(items: &[Value]) -> String {
    items.iter().map(|item| Text.text(item)).collect::<Vec<_>>().join("; ")
}

/// Writes one record. The only CSV writer, so that the protection of spreadsheets is in one place.
pub fn record(cells: impl Iterator<Item = String>) -> String {
    let quoted: Vec<String> = cells.map(|cell| quoted(&cell)).collect();
    quoted.join(",") + "\r\n"
}

/// Cells are always quoted: a spreadsheet that splits at other characters than commas could turn the rest
/// of an unquoted cell into a formula.
fn quoted(cell: &str) -> String {
    let apostrophe = if is_formula(cell) { "'" } else { "" };
    format!("\"{apostrophe}{}\"", cell.replace('"', "\"\""))
}

/// The characters that OWASP lists under "CSV Injection", and the full-width forms that some spreadsheets
/// convert.
fn is_formula(cell: &str) -> bool {
    let signs = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    cell.starts_with(signs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_cell_is_quoted_and_never_a_formula() {
        for (cell, written) in [
            ("", r#""""#),
            ("plain", r#""plain""#),
            ("a,\"b\"\r\n", "\"a,\"\"b\"\"\r\n\""),
            ("=1+1", r#""'=1+1""#),
            ("+1", r#""'+1""#),
            ("-1", r#""'-1""#),
            ("@SUM(A1)", r#""'@SUM(A1)""#),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            ("\n=1", "\"'\n=1\""),
            ("＝1", r#""'＝1""#),
            ("a=1", r#""a=1""#),
        ] {
            assert_eq!(quoted(cell), written, "{cell:?}");
        }
    }

    #[test]
    fn values_are_flat_and_json_stays_json() {
        let controls = json!({"nist_800_53": ["AC-7", "SI-4"], "pci_dss": ["8.3.4"]});
        assert_eq!(ByName.text(&controls), "nist_800_53 AC-7; nist_800_53 SI-4; pci_dss 8.3.4");
        assert_eq!(List.text(&json!(["a", "b"])), "a; b");
        assert_eq!(Json.text(&json!(["all-applications"])), r#"["all-applications"]"#);
        assert_eq!(Text.text(&json!(false)), "false");
    }

    #[test]
    fn the_names_of_the_columns_differ() {
        let mut names: Vec<&str> = ASSET_COLUMNS.into_iter().collect();
        names.extend(COLUMNS.map(|(name, ..)| name));
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
