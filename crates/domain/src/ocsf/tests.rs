use serde_json::{Value, json};

use super::*;
use crate::acceptance::{Acceptance, AcceptanceTerms, Reason};
use crate::checks;
use crate::finding::{Finding, FindingState};
use crate::inconclusive::{NotApplicableReason, UnknownReason};
use crate::test_support;

const DOMAIN: &str = "acme.eu.auth0.com";

fn t(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

fn finding() -> Finding {
    let resource = "attack-protection/brute-force-protection";
    test_support::finding("brute-force-protection-off", resource, t(0))
}

fn accepted(expires_at: Option<Timestamp>) -> Acceptance {
    Acceptance {
        terms: AcceptanceTerms {
            reason: Reason::FalsePositive,
            rationale: "Limited elsewhere.".into(),
            expires_at,
        },
        accepted_by: "ada@acme.example".to_owned(),
        accepted_at: t(50),
    }
}

fn event(finding: &Finding, acceptance: Option<&Acceptance>) -> Value {
    compliance_finding(&Subject::identify(finding, acceptance, DOMAIN, t(100)))
}

/// (activity, type, time, status) of an event.
fn axes(event: &Value) -> [i64; 4] {
    ["activity_id", "type_uid", "time", "status_id"].map(|name| event[name].as_i64().unwrap())
}

#[test]
fn an_event_has_what_the_schema_requires_and_nothing_null() {
    let event = event(&finding(), None);
    for required in [
        "/activity_id",
        "/category_uid",
        "/class_uid",
        "/type_uid",
        "/time",
        "/severity_id",
        "/metadata/version",
        "/metadata/product/name",
        "/finding_info/uid",
        "/finding_info/analytic/type_id",
        "/compliance",
        "/remediation/desc",
        "/remediation/cis_controls/0/name",
        "/evidences/0/data",
        "/resources/0/uid",
    ] {
        assert!(event.pointer(required).is_some(), "{required}: {event:#}");
    }
    assert_eq!((&event["category_uid"], &event["class_uid"]), (&json!(2), &json!(2003)));
    assert!(!event.to_string().contains("null"), "{event:#}");
    assert_eq!(event["time"], t(0).as_millisecond());
    assert_eq!(event["finding_info"]["uid"], finding().id.to_string());
    assert_eq!(event["resources"][0]["uid"], format!("{DOMAIN}/{}", finding().key.resource));
    let attacks = event["finding_info"]["attacks"].as_array().unwrap();
    assert_eq!(attacks[0]["technique"]["uid"], "T1110");
    assert_eq!(attacks[0]["sub_technique"]["uid"], "T1110.001");
    assert_eq!(attacks[0]["sub_technique"]["name"], "Password Guessing");
    assert_eq!(attacks[0]["tactic"]["uid"], "TA0006");
    let requirements = event["compliance"]["requirements"].as_array().unwrap();
    assert!(requirements.contains(&json!("NIST SP 800-53 Rev. 5 AC-7")), "{requirements:?}");
    let call = &event["unmapped"]["remediation"]["api_call"];
    assert_eq!((&call["method"], &call["body"]), (&json!("PATCH"), &json!({"enabled": true})));
}

#[test]
fn open_accepted_and_resolved_are_new_suppressed_and_resolved() {
    let mut finding = finding();
    assert_eq!(axes(&event(&finding, None)), [1, 200_301, t(0).as_millisecond(), 1]);
    finding.last_evaluated_at = t(20);
    assert_eq!(axes(&event(&finding, None)), [2, 200_302, t(20).as_millisecond(), 1]);
    let acceptance = accepted(Some(t(101)));
    let suppressed = event(&finding, Some(&acceptance));
    assert_eq!(axes(&suppressed), [2, 200_302, t(50).as_millisecond(), 3]);
    assert_eq!(suppressed["comment"], "Limited elsewhere.");
    let expired = event(&finding, Some(&accepted(Some(t(100)))));
    assert_eq!(axes(&expired)[3], 1, "an acceptance that is over is none");
    assert_eq!(expired.get("comment"), None);
    finding.state = FindingState::Resolved;
    (finding.result, finding.resolved_at) = (LastResult::Pass, Some(t(30)));
    let closed = event(&finding, Some(&acceptance));
    assert_eq!(axes(&closed), [3, 200_303, t(30).as_millisecond(), 4]);
}

#[test]
fn unknown_is_a_warning_and_never_a_pass() {
    let mut finding = finding();
    for (result, id, details) in [
        (LastResult::Pass, 1, None),
        (LastResult::Unknown(UnknownReason::MissingScope), 2, Some("missing_scope")),
        (LastResult::Fail, 3, None),
        (LastResult::NotApplicable(NotApplicableReason::ParentFailed), 99, Some("parent_failed")),
    ] {
        finding.result = result;
        let compliance = event(&finding, None)["compliance"].clone();
        assert_eq!(compliance["status_id"], id);
        assert_eq!(compliance["status_details"][0].as_str(), details);
    }
}

#[test]
fn severities_ascend_from_informational_to_critical() {
    let ids: Vec<u32> = Severity::ALL.into_iter().map(|each| severity(each).0).collect();
    assert_eq!(ids, [5, 4, 3, 2, 1]);
}

#[test]
fn a_finding_of_a_removed_check_keeps_its_stored_texts() {
    let mut finding = finding();
    finding.key.check_id = "gone".to_owned();
    let event = event(&finding, None);
    assert_eq!(event["compliance"]["control"], "gone");
    assert_eq!(event["finding_info"]["title"], finding.title);
    assert_eq!((event.get("remediation"), event.get("confidence_id")), (None, None));
    assert!(!event.to_string().contains("null"), "{event:#}");
}

#[test]
fn every_check_has_standards_and_techniques_have_urls() {
    for check in checks::all() {
        assert!(!controls::requirements(check).is_empty(), "{}", check.id);
        for attack in attacks(check) {
            let url = attack["technique"]["src_url"].as_str().unwrap();
            assert!(url.starts_with("https://attack.mitre.org/techniques/T"), "{url}");
        }
    }
}
