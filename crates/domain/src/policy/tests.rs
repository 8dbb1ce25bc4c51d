use serde_json::{Value, json};

use super::*;
use crate::checks::{CATALOGUE, EffectiveThresholds};
use crate::fault::FaultLocation;

/// Pointer and detail of each fault.
fn faults(body: &Value) -> Vec<(String, String)> {
    let faults = Policy::parse(body).unwrap_err().0.into_iter();
    let told = faults.map(|fault| match fault.place {
        FaultLocation::Pointer(pointer) => (pointer, fault.detail),
        other => panic!("{other:?}"),
    });
    told.collect()
}

fn pointers(body: &Value) -> Vec<String> {
    faults(body).into_iter().map(|(pointer, _)| pointer).collect()
}

#[test]
fn stated_values_are_kept_and_null_or_empty_ones_are_absent() {
    let body = json!({
        "thresholds": {
            "brute-force-threshold-high": {"max_attempts": 10},
            "signing-key-old": {"max_days": null},
            "session-lifetime-long": null,
            "api-token-lifetime-long": {},
        },
        "severities": {"mfa-never-required": "critical", "default-audience-set": null},
    });
    let policy = Policy::parse(&body).unwrap();
    assert_eq!(
        serde_json::to_value(&policy).unwrap(),
        json!({
            "thresholds": {"brute-force-threshold-high": {"max_attempts": 10}},
            "severities": {"mfa-never-required": "critical"},
        })
    );
    for empty in [json!({}), json!({"thresholds": null}), json!({"severities": {}})] {
        assert_eq!(Policy::parse(&empty), Ok(Policy::default()));
    }
}

#[test]
fn an_unknown_name_is_refused_also_where_its_value_is_null() {
    let body = json!({
        "thresholds": {
            "no-such-check": null,
            "signing-key-old": {"max_days": null, "no_such_threshold": null},
            "mfa-never-required": {"max_attempts": null},
        },
        "severities": {"unheard-of": null, "mfa-never-required": null},
        "unknown": null,
    });
    let expected = [
        "/severities/unheard-of",
        "/thresholds/mfa-never-required/max_attempts",
        "/thresholds/no-such-check",
        "/thresholds/signing-key-old/no_such_threshold",
        "/unknown",
    ];
    let mut found = pointers(&body);
    found.sort();
    assert_eq!(found, expected);
    let mut proposed: Vec<_> = Proposal::parse(&body).unwrap_err().0;
    proposed.sort();
    let proposed = proposed.into_iter().map(|fault| fault.place);
    assert_eq!(
        proposed.collect::<Vec<_>>(),
        expected.map(|at| FaultLocation::Pointer(at.to_owned()))
    );
}

#[test]
fn all_faults_are_reported_at_once_with_pointers() {
    let body = json!({
        "version": 3,
        "a/b~c": true,
        "thresholds": {
            "no/such-check": {"max_attempts": 1},
            "brute-force-threshold-high": {"max_attempts": 0, "max/tries": 3},
            "brute-force-threshold-extreme": {"max_attempts": 20.5},
            "signing-key-old": {"max_days": "365"},
            "mfa-never-required": {"max_attempts": 1},
            "session-lifetime-long": [168],
        },
        "severities": {"unheard-of": "low", "mfa-never-required": "awful", "session-lifetime-long": 1},
    });
    let mut found = pointers(&body);
    found.sort();
    assert_eq!(
        found,
        [
            "/a~1b~0c",
            "/severities/mfa-never-required",
            "/severities/session-lifetime-long",
            "/severities/unheard-of",
            "/thresholds/brute-force-threshold-extreme/max_attempts",
            "/thresholds/brute-force-threshold-high/max_attempts",
            "/thresholds/brute-force-threshold-high/max~1tries",
            "/thresholds/mfa-never-required/max_attempts",
            "/thresholds/no~1such-check",
            "/thresholds/session-lifetime-long",
            "/thresholds/signing-key-old/max_days",
            "/version",
        ]
    );
    assert_eq!(pointers(&json!([])), [""]);
    assert_eq!(pointers(&json!({"thresholds": 1, "severities": "x"})).len(), 2);
}

#[test]
fn both_ends_of_a_range_are_inclusive() {
    for threshold in CATALOGUE.iter().flat_map(|check| check.thresholds) {
        let body = |value: Value| json!({"thresholds": {threshold.check: {threshold.name: value}}});
        let range = format!("must be a whole number from {} to {}", threshold.min, threshold.max);
        let above = faults(&body(json!(threshold.max + 1)));
        assert!(above.iter().any(|(_, detail)| *detail == range), "{}", threshold.name);
        for end in [threshold.min, threshold.max, threshold.default] {
            let found = Policy::parse(&body(json!(end))).err().map(|f| f.0).unwrap_or_default();
            assert!(found.iter().all(|fault| fault.detail != range), "{}", threshold.name);
        }
        assert!(Policy::parse(&body(json!(threshold.default))).is_ok());
    }
}

#[test]
fn numbers_that_contradict_each_other_are_refused_where_they_are_stated() {
    let body = |high: Option<u64>, extreme: Option<u64>| {
        json!({"thresholds": {
            "brute-force-threshold-high": {"max_attempts": high},
            "brute-force-threshold-extreme": {"max_attempts": extreme},
        }})
    };
    let (high, extreme) = (
        "/thresholds/brute-force-threshold-high/max_attempts",
        "/thresholds/brute-force-threshold-extreme/max_attempts",
    );
    assert!(Policy::parse(&body(Some(20), Some(20))).is_ok());
    assert_eq!(pointers(&body(Some(21), Some(20))), [high]);
    assert_eq!(pointers(&body(Some(51), None)), [high]);
    assert_eq!(pointers(&body(None, Some(9))), [extreme]);
    // One check must not consider a lock too early that another considers too late.
    let lockout = json!({"thresholds": {"brute-force-lockout-abusable": {"min_attempts": 11}}});
    assert_eq!(pointers(&lockout), ["/thresholds/brute-force-lockout-abusable/min_attempts"]);
}

#[test]
fn a_stored_policy_with_unknown_checks_is_still_read() {
    let stored = json!({
        "thresholds": {
            "gone": {"x": 1},
            "brute-force-threshold-high": {"gone": 2, "max_attempts": 1_000_000},
        },
        "severities": {"gone": "low"}, "later": true,
    });
    let policy: Policy = serde_json::from_value(stored).unwrap();
    let threshold = crate::checks::find("brute-force-threshold-high").unwrap().thresholds[0];
    assert_eq!(EffectiveThresholds::under_policy(&policy).value_of(threshold), threshold.max);
    assert_eq!(serde_json::from_value::<Policy>(json!({})).unwrap(), Policy::default());
}

#[test]
fn a_proposal_names_integrations_or_none() {
    let id = "0199aaaa-0000-7000-8000-000000000001";
    let ids = |body: &Value| Proposal::parse(body).unwrap().integration_ids.map(|ids| ids.len());
    assert_eq!(ids(&json!({})), None);
    assert_eq!(ids(&json!({"integration_ids": [id, id]})), Some(1));
    let many: Vec<_> = (0..=INTEGRATIONS_MAX).map(|_| id).collect();
    for wrong in [json!([]), json!(many), json!("x")] {
        let faults = Proposal::parse(&json!({"integration_ids": wrong})).unwrap_err().0;
        assert_eq!(faults[0].place, FaultLocation::Pointer("/integration_ids".to_owned()));
    }
    let body = json!({"integration_ids": [id, "x"], "thresholds": {"x": {}}, "updated_by": "a"});
    assert_eq!(Proposal::parse(&body).unwrap_err().0.len(), 3);
    assert_eq!(pointers(&json!({"integration_ids": [id]})), ["/integration_ids"]);
}

#[test]
fn a_check_is_disabled_with_a_reason_and_an_end() {
    let body = json!({"disabled": [
        {"check_id": "mfa-never-required", "reason": " An external service requires it. ", "expires_at": null},
        {"check_id": "custom-domain-missing", "reason": "Planned.", "expires_at": "2027-01-31T00:00:00Z"},
    ]});
    let policy = Policy::parse(&body).unwrap();
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    let disables = |id: &str, time| policy.disables(crate::checks::find(id).unwrap(), at(time));
    assert_eq!(policy.disabled["mfa-never-required"].reason, "An external service requires it.");
    assert!(disables("mfa-never-required", "2099-01-01T00:00:00Z"));
    assert!(disables("custom-domain-missing", "2027-01-30T23:59:59Z"));
    assert!(!disables("custom-domain-missing", "2027-01-31T00:00:00Z"));
    assert!(!disables("log-stream-missing", "2027-01-30T23:59:59Z"));
}

#[test]
fn faults_of_disabled_checks_are_all_named() {
    let long = "x".repeat(501);
    let body = json!({"disabled": [
        {"check_id": "no-such-check", "reason": "x"},
        {"check_id": "mfa-never-required", "reason": "  "},
        {"check_id": "log-stream-missing", "reason": long, "expires_at": "tomorrow"},
        {"check_id": "custom-domain-missing", "reason": "x", "until": 1},
        {"check_id": "custom-domain-missing", "reason": "again"},
        "mfa-never-required",
    ]});
    let expected = [
        "/disabled/0/check_id",
        "/disabled/1/reason",
        "/disabled/2/reason",
        "/disabled/2/expires_at",
        "/disabled/3/until",
        "/disabled/4/check_id",
        "/disabled/5",
    ];
    assert_eq!(pointers(&body), expected);
    assert_eq!(pointers(&json!({"disabled": {}})), ["/disabled"]);
}
