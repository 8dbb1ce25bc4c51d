use domain::acceptance::{Acceptance, AcceptanceTerms, Reason};
use domain::checks::{Change, Confidence, Evidence, Severity};
use domain::finding::{Finding, FindingKey, FindingState, LastResult, Ranking};
use domain::frequency::Frequency;
use domain::inconclusive::UnknownReason;
use domain::readings::ReadingKind;
use domain::{AssetId, FindingId, IntegrationId, OrganisationId};
use serde_json::json;
use store::FindingView;
use uuid::Uuid;

use super::{ASSET_COLUMNS, COLUMNS, Timestamp, Value, record, row};
use crate::wire::finding as wire;

#[test]
fn a_cell_is_quoted_and_never_a_formula() {
    for (cell, written) in [
        ("", r#""""#),
        ("plain", r#""plain""#),
        ("a,\"b\"\r\n", "\"a,\"\"b\"\"\r\n\""),
        ("\"", r#""""""#),
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
        let mut file = Vec::new();
        record([cell, "next"], &mut file);
        assert_eq!(String::from_utf8(file).unwrap(), format!("{written},\"next\"\r\n"));
    }
}

#[test]
fn the_names_of_the_columns_differ() {
    let mut names: Vec<&str> = ASSET_COLUMNS.into_iter().collect();
    names.extend(COLUMNS.map(|(name, _)| name));
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

/// A finding with every field, and one of a check that is no longer in the catalogue, with as few as possible.
fn exports() -> [FindingView; 2] {
    let at = |second: i64| Timestamp::from_second(1_780_000_000 + second).unwrap();
    let terms = AcceptanceTerms {
        reason: Reason::CompensatingControls,
        rationale: "=1 \"quoted\"; a,b\r\nc".into(),
        expires_at: Some(at(999)),
    };
    let acceptance =
        Acceptance { terms, accepted_by: "ada@acme.example".into(), accepted_at: at(9) };
    let wrong = |found| {
        let expected = json!({"at_most": 10, "a": null});
        Evidence::wrong(ReadingKind::BruteForceProtection, "/a~1b", found, expected)
    };
    let [mut compensating, mut assuming] = [json!("x"), json!(null)].map(wrong);
    compensating.may_compensate = true;
    assuming.assumed = Some(json!(false));
    let (body, undo) = (json!({"z": ["\"é\u{1F511}"], "a": 1.5}), json!({"a": false}));
    let full = Finding {
        organisation_id: OrganisationId::parse("acme").unwrap(),
        id: FindingId(Uuid::from_u128(1)),
        integration_id: IntegrationId(Uuid::from_u128(2)),
        asset_id: AssetId(Uuid::from_u128(3)),
        key: FindingKey {
            check_id: "brute-force-protection-off".into(),
            resource: "clients/a?b".into(),
        },
        check_version: 7,
        title: "@title".into(),
        object_name: Some("=Shop".into()),
        severity: Severity::High,
        ranking: Ranking {
            priority: 812,
            reasons: vec!["Severity high".into(), "Part of: x".into()],
            part_of: Some(FindingId(Uuid::from_u128(4))),
        },
        confidence: Some(Confidence::Low),
        state: FindingState::Open,
        result: LastResult::Unknown(UnknownReason::MissingScope),
        evidence: vec![wrong(json!([true, "é", 1e300])), compensating, assuming],
        change: Some(Change { body, undo }),
        first_seen_at: at(1),
        last_seen_at: at(2),
        last_evaluated_at: at(3),
        open_since: at(4),
        resolved_at: Some(at(5)),
        reopen_count: 6,
    };
    let bare = Finding {
        key: FindingKey { check_id: "removed".into(), ..full.key.clone() },
        object_name: None,
        ranking: Ranking::default(),
        confidence: None,
        result: LastResult::Fail,
        evidence: Vec::new(),
        change: None,
        resolved_at: None,
        ..full.clone()
    };
    [(full, Some(acceptance), Some(at(10_000))), (bare, None, None)].map(
        |(finding, acceptance, later)| FindingView {
            finding,
            asset_name: "-name".into(),
            tenant_domain: "acme.eu.auth0.com".into(),
            acceptance,
            frequency: Frequency::default(),
            next_sync_at: later,
            deleted_at: later,
        },
    )
}

/// The JSON Pointer of each column, in their order.
#[rustfmt::skip]
const POINTERS: [&str; 46] = [
    "/id", "/integration_id", "/asset_id", "/check_id", "/check_version", "/resource", "/title", "/severity",
    "/confidence", "/state", "/result", "/result_reason", "/risk", "/evidence", "/remediation/dashboard_path",
    "/remediation/steps", "/remediation/api_call/method", "/remediation/api_call/path", "/remediation/api_call/body",
    "/remediation/undo_call/body", "/remediation/required_scope", "/controls", "/attack_techniques",
    "/automated_threats", "/acceptance/reason", "/acceptance/rationale", "/acceptance/accepted_by",
    "/acceptance/accepted_at", "/acceptance/expires_at", "/first_seen_at", "/last_seen_at", "/last_evaluated_at",
    "/open_since", "/resolved_at", "/reopen_count", "/next_sync_at", "/stale", "/deleted_at",
    "/object/type", "/object/id", "/object/name", "/priority", "/priority_reasons", "/cause_id", "/part_of",
    "/disabled_by_policy",
];

/// The cell of a value: JSON for evidence and bodies, with its members sorted; else its texts.
fn cell_of(name: &str, value: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let texts = |list: &Value| list.as_array().unwrap().iter().map(text).collect::<Vec<_>>();
    match (name, value) {
        (_, Value::Null) => String::new(),
        ("evidence" | "api_call_body" | "undo_call_body", _) => value.to_string(),
        ("controls", Value::Object(named)) => {
            let lists = named.iter();
            let named = lists.flat_map(|(name, list)| {
                texts(list).into_iter().map(move |id| format!("{name} {id}"))
            });
            named.collect::<Vec<_>>().join("; ")
        }
        (_, Value::Array(_)) => texts(value).join("; "),
        _ => text(value),
    }
}

#[test]
fn the_cells_have_the_values_of_the_json() {
    let now = Timestamp::from_second(1_780_000_100).unwrap();
    for (export, absent) in exports().into_iter().zip([0, 25]) {
        let json = serde_json::to_value(wire::Finding::new(export.clone(), now)).unwrap();
        let mut cells = vec![export.asset_name.clone(), export.tenant_domain.clone()];
        for ((name, _), pointer) in COLUMNS.iter().zip(POINTERS) {
            cells.push(cell_of(name, json.pointer(pointer).unwrap_or(&Value::Null)));
        }
        assert_eq!(cells.iter().filter(|cell| cell.is_empty()).count(), absent, "{json:#}");
        let (mut expected, mut written) = (Vec::new(), Vec::new());
        record(&cells, &mut expected);
        row(export, now, &mut written);
        assert_eq!(String::from_utf8(written), String::from_utf8(expected));
    }
}
