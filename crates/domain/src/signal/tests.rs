mod quality;

use serde_json::{Value, json};

use super::check_fields::{NAMES, name_of};
use super::*;
use crate::acceptance::{AcceptanceTerms, Reason};
use crate::checks::testing::readings;
use crate::inconclusive::{NotApplicableReason, UnknownReason};
use crate::test_support;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-11-24T12:00:00Z")
}

fn tenant(frequency: &Frequency) -> SignalTenant<'_> {
    SignalTenant {
        integration_id: IntegrationId(Uuid::from_u128(1)),
        asset_id: AssetId(Uuid::from_u128(2)),
        sync_id: SyncId(Uuid::from_u128(3)),
        asset_name: "acme-auth0-prod",
        domain: "acme.eu.auth0.com",
        score: Some(72),
        frequency,
        evaluated_at: at("2026-11-24T06:00:00Z"),
        deleted_at: None,
    }
}

fn of_result(check_id: &str, result: RecordedResult) -> Option<Value> {
    let key = (check_id, "attack-protection/brute-force-protection");
    let signal = tenant(&Frequency::Manual).of_result(Uuid::from_u128(9), key, result, now());
    signal.map(|signal| serde_json::to_value(signal).unwrap())
}

fn finding() -> Finding {
    let resource = "attack-protection/brute-force-protection";
    let first = at("2026-11-01T06:00:00Z");
    let mut finding = test_support::finding("brute-force-protection-off", resource, first);
    finding.last_evaluated_at = at("2026-11-24T06:00:00Z");
    finding
}

fn of_finding(
    finding: &Finding,
    acceptance: Option<&Acceptance>,
    results: Option<&Results>,
) -> Option<Value> {
    let tenant = tenant(&Frequency::Manual);
    let signal = tenant.of_finding(Uuid::from_u128(9), finding, acceptance, results, now());
    signal.map(|signal| serde_json::to_value(signal).unwrap())
}

#[test]
fn every_check_has_a_name_of_its_own_that_never_changes() {
    if std::env::var_os("UPDATE").is_some() {
        let mut names: std::collections::BTreeMap<&str, String> =
            serde_json::from_str(NAMES).unwrap();
        for check in checks::all() {
            let is_taken = names.values().any(|name| name == check.title);
            let name = if is_taken {
                format!("{} ({})", check.title, check.id)
            } else {
                check.title.into()
            };
            names.entry(check.id).or_insert(name);
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/signal/names.json");
        std::fs::write(path, serde_json::to_string_pretty(&names).unwrap() + "\n").unwrap();
        return;
    }
    let mut names: Vec<&str> = checks::all()
        .map(|check| name_of(check.id).unwrap_or_else(|| panic!("run `make bless`: {}", check.id)))
        .collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), checks::all().count());
    // Of the first version.
    let published = json!({"brute-force-protection-off": "Brute-force protection is off"});
    for (check, name) in published.as_object().unwrap() {
        assert_eq!(name_of(check), name.as_str());
    }
}

/// Those that SAFE publishes; the golden list of what is used.
#[test]
fn the_members_are_the_published_ones() {
    let open = of_finding(&finding(), None, None).unwrap();
    let members = |pointer: &str| -> Vec<String> {
        open.pointer(pointer).unwrap().as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(
        members(""),
        [
            "confidence",
            "createdAt",
            "description",
            "entity",
            "expiresAt",
            "firstSeen",
            "id",
            "lastSeen",
            "name",
            "openSince",
            "securityContext",
            "source",
            "tags",
            "type",
            "version"
        ]
    );
    assert_eq!(
        members("/securityContext"),
        [
            "attackPattern",
            "complianceMap",
            "controlType",
            "degreeOfImpact",
            "description",
            "effect",
            "evidence",
            "lastAssessed",
            "openSinceInSource",
            "owaspIds",
            "remediation",
            "severity",
            "standardsMapping",
            "status",
            "type"
        ]
    );
    assert_eq!(
        members("/entity/entityAttributes"),
        [
            "assetScore",
            "assetType",
            "attackSurface",
            "availabilityRequirement",
            "confidentialityRequirement",
            "criticality",
            "domain",
            "externalSourceId",
            "fqdn",
            "integrityRequirement",
            "internetFacing",
            "platform",
            "type",
            "url"
        ]
    );
}

#[test]
fn an_open_finding_is_a_failure_with_its_techniques_and_controls() {
    let open = of_finding(&finding(), None, None).unwrap();
    let context = &open["securityContext"];
    assert_eq!(
        (&open["version"], &open["type"], &context["type"]),
        (&json!("2.0.0"), &json!("default"), &json!("ca"))
    );
    assert_eq!(context["status"], json!({"complianceStatus": "fail", "workflowStatus": "new"}));
    assert_eq!(context["severity"]["type"], "custom");
    assert_eq!(context["controlType"], "mitigation");
    assert_eq!(context["effect"], json!(["dataExposure"]));
    assert_eq!(
        context["attackPattern"][0],
        json!({"name": "Password Guessing", "sourceName": "ATT&CK", "sourceId": "T1110.001",
            "mapping": {"techniqueName": "Password Guessing", "techniqueId": "T1110.001"}})
    );
    assert!(
        context["standardsMapping"]
            .as_array()
            .unwrap()
            .contains(&json!({"name": "NIST SP 800-53 Rev. 5", "value": "AC-7"}))
    );
    assert_eq!(open["entity"]["name"], "acme.eu.auth0.com");
    assert_eq!(open["tags"]["findingId"], json!([finding().id.to_string()]));
    assert_eq!(open["source"], json!({"name": "Auth0 for SAFE"}), "by hand: no interval");
}

#[test]
fn what_could_not_be_judged_is_unknown_and_counts_neither_way() {
    let reason = UnknownReason::MissingScope;
    let unknown =
        of_result("brute-force-protection-off", RecordedResult::Unknown { reason }).unwrap();
    let context = &unknown["securityContext"];
    assert_eq!(context["status"], json!({"complianceStatus": "unknown"}));
    assert_eq!(context["degreeOfImpact"], 0.0);
    assert!(context["evidence"]["observationText"].as_str().unwrap().contains(reason.name()));

    // A finding that was resolved, or is open, and cannot be read now.
    let mut finding = finding();
    finding.result = LastResult::Unknown(reason);
    for (state, workflow) in [(FindingState::Open, "new"), (FindingState::Resolved, "resolved")] {
        finding.state = state;
        let status = &of_finding(&finding, None, None).unwrap()["securityContext"]["status"];
        assert_eq!(*status, json!({"complianceStatus": "unknown", "workflowStatus": workflow}));
    }
    let reason = NotApplicableReason::ALL[0];
    assert_eq!(
        of_result("brute-force-protection-off", RecordedResult::NotApplicable { reason }),
        None
    );
}

#[test]
fn a_pass_is_good_news_and_a_failure_bad_news_by_severity() {
    let impact = |result| {
        of_result("brute-force-protection-off", result).unwrap()["securityContext"]["degreeOfImpact"].clone()
    };
    assert_eq!(impact(RecordedResult::Pass), 9.5);
    assert_eq!(impact(RecordedResult::Fail { severity: Severity::Low }), -2.5);
}

#[test]
fn an_accepted_finding_still_fails_and_a_resolved_one_passes() {
    let mut finding = finding();
    let acceptance = Acceptance {
        terms: AcceptanceTerms {
            reason: Reason::WontFix,
            rationale: "Closed soon.".into(),
            expires_at: None,
        },
        accepted_by: "ada@acme.example".into(),
        accepted_at: at("2026-11-20T06:00:00Z"),
    };
    let accepted = of_finding(&finding, Some(&acceptance), None).unwrap();
    let status = |signal: &Value| signal["securityContext"]["status"].clone();
    assert_eq!(
        status(&accepted),
        json!({"complianceStatus": "fail", "workflowStatus": "riskAccepted"})
    );

    finding.state = FindingState::Resolved;
    finding.result = LastResult::Pass;
    finding.resolved_at = Some(at("2026-11-24T06:00:00Z"));
    let resolved = of_finding(&finding, None, None).unwrap();
    assert_eq!(
        status(&resolved),
        json!({"complianceStatus": "pass", "workflowStatus": "resolved"})
    );
    assert_eq!((resolved.get("revoked"), resolved.get("openSince")), (None, None));

    finding.state = FindingState::Disabled;
    assert_eq!(of_finding(&finding, None, None), None, "not judged");
}

#[test]
fn a_finding_whose_resource_is_gone_is_revoked() {
    let mut finding = finding();
    finding.state = FindingState::Resolved;
    finding.result = LastResult::Pass;
    finding.resolved_at = Some(at("2026-11-23T06:00:00Z"));
    finding.key.check_id = "application-not-oidc-conformant".into();
    finding.key.resource = "clients/gone".into();
    let kinds = [
        (
            crate::readings::ReadingKind::Clients,
            json!([{"client_id": "there", "oidc_conformant": true}]),
        ),
        (crate::readings::ReadingKind::TokenFacts, json!({"scope": "read:clients"})),
    ];
    let results = Results::from(&checks::evaluate(&readings(&kinds)));
    let signal = of_finding(&finding, None, Some(&results)).unwrap();
    assert_eq!(
        (&signal["revoked"], &signal["modifiedAt"]),
        (&json!(true), &json!("2026-11-23T06:00:00.000000Z"))
    );
    finding.key.resource = "clients/there".into();
    assert_eq!(of_finding(&finding, None, Some(&results)).unwrap().get("revoked"), None);
    finding.key.resource = "clients/gone".into();
    let cut = results.cut();
    assert_eq!(of_finding(&finding, None, Some(&cut)).unwrap().get("revoked"), None, "not known");
}

#[test]
fn a_signal_expires_when_the_next_sync_did_not_renew_it() {
    let frequency = Frequency::parse(&json!({"every": "6h"})).unwrap();
    let signal =
        tenant(&frequency).of_finding(Uuid::from_u128(9), &finding(), None, None, now()).unwrap();
    assert_eq!(signal.source.next_submission_interval_in_mins, Some(360));
    let stale = finding().last_evaluated_at + stale_after(&frequency, now());
    assert_eq!(signal.expires_at, rfc3339(stale));
}
