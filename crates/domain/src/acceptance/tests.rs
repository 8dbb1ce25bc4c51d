use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::fault::Faults;
use crate::finding::{FindingState, FindingStatus};
use crate::test_support;

fn now() -> Timestamp {
    "2026-06-15T12:00:00Z".parse().unwrap()
}

fn pointers<T: std::fmt::Debug>(read: Result<T, Faults>) -> Vec<String> {
    test_support::pointers(read.unwrap_err())
}

fn body() -> Value {
    json!({"reason": "wont_fix", "rationale": " Soon gone. ", "expires_at": "2026-06-15T12:00:01Z"})
}

fn with(name: &str, value: Value) -> Value {
    let mut body = body();
    body[name] = value;
    body
}

#[test]
fn a_body_is_read_with_its_rationale_trimmed() {
    let terms = AcceptanceTerms::parse(&body(), now()).unwrap();
    assert_eq!((terms.reason, terms.rationale.as_str()), (Reason::WontFix, "Soon gone."));
    assert_eq!(terms.expires_at.map(|at| at.to_string()).as_deref(), Some("2026-06-15T12:00:01Z"));
    let for_ever = AcceptanceTerms::parse(&with("expires_at", Value::Null), now()).unwrap();
    assert_eq!(for_ever.expires_at, None);
}

#[test]
fn all_faults_are_reported_at_once() {
    let bad =
        json!({"reason": "x", "rationale": " ", "expires_at": 1, "a/b": 1, "accepted_by": "me"});
    let expected = ["/accepted_by", "/a~1b", "/expires_at", "/rationale", "/reason"];
    assert_eq!(pointers(AcceptanceTerms::parse(&bad, now())), expected);
    assert_eq!(pointers(AcceptanceTerms::parse(&json!({}), now())), ["/rationale", "/reason"]);
    assert_eq!(pointers(AcceptanceTerms::parse(&json!([]), now())), [""]);
    assert_eq!(pointers(BulkAcceptance::parse(&json!({"finding_ids": ["x", 1]}), now())).len(), 4);
}

#[test]
fn each_limit_holds_on_both_sides() {
    for (name, value, is_good) in [
        ("rationale", json!("x"), true),
        ("rationale", json!(format!(" {} ", "é".repeat(2000))), true),
        ("rationale", json!("é".repeat(2001)), false),
        ("rationale", json!(null), false),
        ("expires_at", json!("2026-06-15T12:00:00Z"), false),
        // Below the precision of Postgres: the acceptance would have expired when stored.
        ("expires_at", json!("2026-06-15T12:00:00.0000009Z"), false),
        ("expires_at", json!("2026-06-15T12:00:00.000001Z"), true),
        ("expires_at", json!("2026-06-15T14:00:01+02:00"), true),
        ("expires_at", json!("tomorrow"), false),
        ("reason", json!("WONT_FIX"), false),
    ] {
        let read = AcceptanceTerms::parse(&with(name, value.clone()), now());
        assert_eq!(read.is_ok(), is_good, "{name} {value}");
    }
    let id = "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02";
    for (ids, is_good) in [
        (json!([id]), true),
        (json!([id, id]), true),
        (json!(vec![id; 500]), true),
        (json!(vec![id; 501]), false),
        (json!([]), false),
        (json!(id), false),
        (json!([id.replace('-', "")]), false),
    ] {
        let read = BulkAcceptance::parse(&with("finding_ids", ids.clone()), now());
        assert_eq!(read.is_ok(), is_good, "{ids}");
    }
}

#[test]
fn resolved_comes_before_accepted_and_accepted_before_open() {
    let acceptance = |expires_at: Option<&str>| Acceptance {
        terms: AcceptanceTerms {
            reason: Reason::WontFix,
            rationale: "x".to_owned(),
            expires_at: expires_at.map(|at| at.parse().unwrap()),
        },
        accepted_by: "ada@acme.example".to_owned(),
        accepted_at: now(),
    };
    let standing =
        |state, acceptance: &Acceptance| FindingStatus::derive(state, Some(acceptance), now());
    let (open, resolved) = (FindingState::Open, FindingState::Resolved);
    assert_eq!(standing(open, &acceptance(None)), FindingStatus::Accepted);
    assert_eq!(standing(open, &acceptance(Some("2026-06-15T12:00:01Z"))), FindingStatus::Accepted);
    assert_eq!(standing(open, &acceptance(Some("2026-06-15T12:00:00Z"))), FindingStatus::Open);
    assert_eq!(standing(resolved, &acceptance(None)), FindingStatus::Resolved);
    assert_eq!(FindingStatus::derive(open, None, now()), FindingStatus::Open);
    for each in [FindingStatus::Open, FindingStatus::Accepted, FindingStatus::Resolved] {
        assert_eq!(FindingStatus::from_name(each.name()), Some(each));
    }
}
