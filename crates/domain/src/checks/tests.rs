//! The table as a whole: that it is complete and well-formed, and what it says of whole tenants.
//! The condition of a single check is tested in its own file, the rules of families in `families`.

mod cases;
mod families;
pub(super) mod fixtures;
mod losses;
mod outages;
mod parts;
mod policies;
pub(super) mod properties;
mod remediations;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::json;

use super::catalogue::AREAS;
use super::{CATALOGUE, Check, CheckResult, Evaluation, Severity, evaluate, scopes};
use crate::coverage::{counts, coverage_percent};
use crate::inconclusive::{NotApplicableReason, UnknownReason};
use crate::readings::{Need, ReadingKind};
use crate::test_support::lose;
use cases::cases;
use fixtures::Bodies;

/// Checks that the required scopes feed, and those that need an optional one.
fn core_and_optional_checks() -> (usize, usize) {
    let core = CATALOGUE.iter().filter(|check| check.optional_scopes().is_empty()).count();
    (core, CATALOGUE.len() - core)
}

fn failing(evaluation: &Evaluation) -> BTreeMap<&'static str, Severity> {
    let failing = evaluation.outcomes.iter().filter_map(|outcome| match &outcome.overall {
        CheckResult::Fail(violation) => Some((outcome.check.id, violation.severity)),
        _ => None,
    });
    failing.collect()
}

fn result<'a>(evaluation: &'a Evaluation, id: &str) -> &'a CheckResult {
    let outcome = evaluation.outcomes.iter().find(|outcome| outcome.check.id == id);
    &outcome.unwrap_or_else(|| panic!("{id} was not part of the run")).overall
}

#[test]
fn ids_are_unique_kebab_case_and_each_is_a_file() {
    let areas = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/checks");
    let mut seen = BTreeSet::new();
    for check in CATALOGUE.iter() {
        let id = check.id;
        assert!(seen.insert(id), "{id} stands twice");
        let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(id.chars().all(is_allowed), "{id}");
        let file = format!("{}.rs", id.replace('-', "_"));
        let areas = std::fs::read_dir(&areas).unwrap();
        let holding = areas.filter(|area| area.as_ref().unwrap().path().join(&file).exists());
        assert_eq!(holding.count(), 1, "{file}");
    }
}

#[test]
fn every_check_says_what_why_and_what_now() {
    for check in CATALOGUE.iter() {
        let (id, remediation) = (check.id, check.remediation);
        assert!(check.version > 0 && !check.reads.is_empty() && !check.controls.is_empty(), "{id}");
        assert!(check.title.len() > 15 && !check.title.ends_with('.'), "{id}");
        assert!(check.risk.len() > 40 && check.risk.ends_with('.'), "{id}");
        assert!((2..=4).contains(&remediation.steps.len()), "{id}");
        assert!(remediation.steps.iter().all(|step| step.ends_with('.')), "{id}");
        assert!(!remediation.dashboard_path.is_empty(), "{id}");
        let side_effects = remediation.side_effects.text;
        assert!(side_effects.len() > 20 && side_effects.ends_with('.'), "{id}: {side_effects}");
        if let Some((_, path)) = remediation.call {
            assert!(path.starts_with("/api/v2/"), "{id}");
            assert!(remediation.required_scope.unwrap().starts_with("update:"), "{id}");
        }
    }
}

#[test]
fn parents_stand_earlier_and_neither_allowlists_nor_combinations_have_any() {
    for (index, check) in CATALOGUE.iter().enumerate() {
        for parent in check.parents {
            let position = CATALOGUE.iter().position(|other| other.id == *parent);
            assert!(position.is_some_and(|p| p < index), "{parent} before {}", check.id);
        }
        let has_none = check.id.contains("allowlist") || check.resource == "tenant";
        assert!(!has_none || check.parents.is_empty(), "{}", check.id);
    }
}

#[test]
fn without_a_reading_all_its_checks_are_unknown() {
    for lost in ReadingKind::ALL {
        let mut bodies = Bodies::hardened();
        bodies.0.remove(lost);
        let evaluation = evaluate(&bodies.tenant());
        for outcome in &evaluation.outcomes {
            let is_unknown = matches!(outcome.overall, CheckResult::Unknown(_));
            assert_eq!(is_unknown, outcome.check.reads.contains(lost), "{}", outcome.check.id);
        }
    }
}

#[test]
fn a_hardened_tenant_has_nothing_wrong_and_is_judged_completely() {
    let evaluation = evaluate(&Bodies::hardened().tenant());
    assert_eq!(failing(&evaluation), BTreeMap::new());
    for outcome in &evaluation.outcomes {
        let judged = !matches!(outcome.overall, CheckResult::Unknown(_));
        assert!(judged && outcome.is_complete, "{}", outcome.check.id);
    }
    let counts = counts(&evaluation);
    assert_eq!(coverage_percent(&counts), Some(100));
    assert_eq!(counts.passed as usize, CATALOGUE.len());
    assert_eq!(crate::score::score(&evaluation), Some(100));
}

#[test]
fn a_hardened_tenant_that_grants_three_scopes_is_judged_by_the_core_alone() {
    let mut bodies = Bodies::hardened();
    let scope = json!(crate::scope::REQUIRED.join(" "));
    bodies.set(ReadingKind::TokenFacts, "/scope", scope);
    let mut tenant = bodies.tenant();
    let evaluation = evaluate(&tenant);
    assert_eq!(failing(&evaluation), BTreeMap::new());
    let counted = counts(&evaluation);
    let (core, optional) = core_and_optional_checks();
    assert_eq!((counted.passed as usize, counted.unknown), (core, 0));
    assert_eq!(counted.not_enabled as usize, optional);
    assert_eq!(coverage_percent(&counted), Some(100));
    // Nor does the forecast miss what is not even read.
    for kind in ReadingKind::ALL.iter().filter(|kind| kind.need() == Need::Optional) {
        lose(&mut tenant, *kind, UnknownReason::MissingScope);
    }
    let scopes = tenant.token().unwrap().scopes().unwrap();
    let forecast = crate::coverage::forecast(Some(&tenant), "");
    assert_eq!(forecast.checks_total as usize, CATALOGUE.len());
    assert_eq!(forecast.checks_not_enabled as usize, optional);
    assert_eq!((forecast.checks_runnable as usize, forecast.percent), (core, 100));
    assert_eq!(scopes::missing_optional(&scopes).len(), 17);
}

#[test]
fn a_list_that_was_cut_leaves_its_checks_unknown() {
    let mut tenant = Bodies::hardened().tenant();
    lose(&mut tenant, ReadingKind::Clients, UnknownReason::Truncated);
    let evaluation = evaluate(&tenant);
    let unknown = CheckResult::Unknown(UnknownReason::Truncated);
    for outcome in &evaluation.outcomes {
        let reads_it = outcome.check.reads.contains(&ReadingKind::Clients);
        assert_eq!(outcome.overall == unknown, reads_it, "{}", outcome.check.id);
        assert_eq!(outcome.is_complete, !reads_it, "{}", outcome.check.id);
    }
}

#[test]
fn each_object_of_a_collection_is_a_finding_of_its_own() {
    let mut bodies = Bodies::hardened();
    let mut apps = bodies.0[&ReadingKind::Clients].clone();
    let mut second = apps[0].clone();
    second["client_id"] = json!("app2");
    apps.as_array_mut().unwrap().push(second);
    for index in [0, 3] {
        apps[index]["cross_origin_authentication"] = json!(true);
    }
    bodies.set(ReadingKind::Clients, "", apps);
    let evaluation = evaluate(&bodies.tenant());
    let id = "application-cross-origin-authentication";
    let outcome = evaluation.outcomes.iter().find(|outcome| outcome.check.id == id).unwrap();
    let failing = outcome.results.iter().filter(|r| matches!(r.result, CheckResult::Fail(_)));
    let failing: Vec<_> = failing.map(|result| result.resource.as_str()).collect();
    assert_eq!(failing, ["clients/app1", "clients/app2"]);
    assert!(outcome.is_complete);
}

#[test]
fn an_untouched_tenant_fails_exactly_what_the_specification_says() {
    let evaluation = evaluate(&Bodies::untouched().tenant());
    let expected = [
        ("breached-password-detection-off", Severity::High),
        ("brute-force-distributed-guessing-not-counted", Severity::Medium),
        ("suspicious-ip-signup-rate-loosest", Severity::Info),
        ("bot-detection-off", Severity::High),
        ("mfa-never-required", Severity::High),
        ("risk-assessment-off", Severity::Low),
        ("stolen-credentials-sufficient", Severity::Critical),
    ];
    assert_eq!(failing(&evaluation), expected.into());
    assert_eq!(coverage_percent(&counts(&evaluation)), Some(100));
}

#[test]
fn an_untouched_tenant_without_bot_detection_leaves_its_checks_unknown() {
    let mut tenant = Bodies::untouched().tenant();
    for kind in [ReadingKind::BotDetection, ReadingKind::Captcha] {
        lose(&mut tenant, kind, UnknownReason::PlanUnavailable);
    }
    let evaluation = evaluate(&tenant);
    assert!(!failing(&evaluation).contains_key("bot-detection-off"));
    let unknown = CheckResult::Unknown(UnknownReason::PlanUnavailable);
    assert_eq!(result(&evaluation, "bot-detection-off"), &unknown);
    assert_eq!(result(&evaluation, "captcha-simple-image"), &unknown);
    assert_eq!(result(&evaluation, "range-exempt-from-several-protections"), &unknown);
    assert_eq!(result(&evaluation, "no-automated-abuse-control"), &CheckResult::Pass);
}

#[test]
fn each_check_has_a_minimal_change_that_trips_it_and_only_what_follows() {
    let cases = cases();
    let covered: BTreeSet<_> = cases.iter().map(|case| case.trips).collect();
    assert_eq!(covered, CATALOGUE.iter().map(|check| check.id).collect());
    for case in cases {
        let evaluation = evaluate(&case.bodies().tenant());
        let expected: BTreeSet<_> = case.implies.iter().copied().chain([case.trips]).collect();
        let found: BTreeSet<_> = failing(&evaluation).into_keys().collect();
        assert_eq!(found, expected, "{}", case.trips);
        assert!(counts(&evaluation).unknown == 0, "{}", case.trips);
    }
}

#[test]
fn a_failing_parent_silences_all_its_children() {
    for case in
        cases().iter().filter(|case| CATALOGUE.iter().any(|c| c.parents.contains(&case.trips)))
    {
        let evaluation = evaluate(&case.bodies().tenant());
        for child in CATALOGUE.iter().filter(|check| check.parents.contains(&case.trips)) {
            let silenced = CheckResult::NotApplicable(NotApplicableReason::ParentFailed);
            assert_eq!(result(&evaluation, child.id), &silenced, "{}", child.id);
        }
    }
}

/// Whether the failure of a check explains that of another one in its area.
fn explains(area: &[&Check], parent: &str, child: &str) -> bool {
    let is_response = ["-not-blocked", "-not-notified", "-not-throttled", "-admin-alert-"];
    match parent {
        "mfa-no-factor-enabled" => child != "mfa-factor-trial-expired",
        "tenant-acl-missing" => child == "management-api-open-to-all-addresses",
        off if off.ends_with("-off") && off == area[0].id => !child.contains("allowlist"),
        monitoring if monitoring.ends_with("-monitoring-only") => {
            is_response.iter().any(|part| child.contains(part))
        }
        _ => false,
    }
}

#[test]
fn a_protection_that_is_off_or_only_monitors_is_the_parent_of_what_it_explains() {
    let mut parents = 0;
    for area in AREAS {
        let pairs = area.iter().flat_map(|parent| area.iter().map(move |child| (parent, child)));
        for (parent, child) in pairs.filter(|(parent, child)| parent.id != child.id) {
            let is_parent = child.parents.contains(&parent.id);
            assert_eq!(
                is_parent,
                explains(area, parent.id, child.id),
                "{} {}",
                parent.id,
                child.id
            );
            parents += usize::from(is_parent);
        }
    }
    let declared: usize = CATALOGUE.iter().map(|check| check.parents.len()).sum();
    assert_eq!(parents, declared, "parents are in the same area");
}

#[test]
fn a_policy_that_cannot_be_named_leaves_the_collection_incomplete() {
    let mut bodies = Bodies::hardened();
    let policies = json!([{"action": {"active_provider_id": "simple_captcha"}}]);
    bodies.set(ReadingKind::CaptchaPolicies, "", policies);
    let evaluation = evaluate(&bodies.tenant());
    let id = "captcha-policy-weakens-default";
    let outcome = evaluation.outcomes.iter().find(|outcome| outcome.check.id == id).unwrap();
    assert!(!outcome.is_complete, "or a known finding would be taken for gone");
    assert_eq!(outcome.overall, CheckResult::Unknown(UnknownReason::NotUnderstood));
}
