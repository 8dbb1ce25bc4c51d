use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::acceptance::Reason;
use crate::checks::testing::{readings, samples};
use crate::policy::Policy;
use crate::readings::ReadingKind;

fn situation(more: &[(ReadingKind, serde_json::Value)]) -> Situation {
    let mut all: BTreeMap<ReadingKind, serde_json::Value> =
        samples::hardened().into_iter().collect();
    all.extend(more.iter().cloned());
    let tenant = readings(&all.into_iter().collect::<Vec<_>>());
    Situation::of_tenant(tenant, Policy::default())
}

fn report(situation: &Situation) -> Report {
    let plan = Plan::build(situation, |_| true, || true);
    Report::build(situation, plan)
}

fn control<'a>(report: &'a Report, framework: &str, name: &str) -> &'a Control {
    let framework = report.frameworks.iter().find(|each| each.name == framework).unwrap();
    framework.controls.iter().find(|each| each.name == name).unwrap()
}

/// Without multi-factor authentication.
fn weak() -> Situation {
    situation(&[(ReadingKind::MfaPolicies, json!([]))])
}

#[test]
fn a_control_fails_by_a_finding_and_is_accepted_if_all_its_findings_are() {
    let clean = report(&situation(&[]));
    assert!(clean.findings.is_empty(), "{:?}", clean.findings);
    let mut situation = weak();
    let failing = report(&situation);
    let (framework, name) =
        ("NIST SP 800-53 Rev. 5", failing_control(&failing, "NIST SP 800-53 Rev. 5"));
    assert_ne!(control(&clean, framework, name).status, ControlStatus::Failing);
    let keys = failing.findings.iter().map(|finding| finding.key.clone());
    situation.known.accepted = keys.map(|key| (key, Reason::WontFix)).collect();
    let accepted = report(&situation);
    assert_eq!(control(&accepted, framework, name).status, ControlStatus::Accepted);
    assert_eq!(control(&accepted, framework, name).failing, 0);
    assert!(accepted.findings.is_empty() && accepted.findings_total == 0);
}

fn failing_control(report: &Report, framework: &str) -> &'static str {
    let framework = report.frameworks.iter().find(|each| each.name == framework).unwrap();
    let failing = framework.controls.iter().find(|each| each.status == ControlStatus::Failing);
    let control = failing.unwrap();
    assert!(control.failing > 0);
    control.name
}

#[test]
fn nothing_is_said_about_a_control_whose_checks_are_unknown() {
    let mut situation = situation(&[]);
    situation.tenant = readings(&[]);
    let report = report(&situation);
    let statuses: BTreeSet<ControlStatus> =
        report.frameworks.iter().flat_map(|each| &each.controls).map(|each| each.status).collect();
    assert!(!statuses.contains(&ControlStatus::Passing), "{statuses:?}");
    assert!(statuses.contains(&ControlStatus::NotDecided));
    assert_eq!(report.unknown.len(), report.counts.unknown as usize);
    assert_eq!(report.not_enabled.len(), report.counts.not_enabled as usize);
}

#[test]
fn findings_are_sorted_by_priority() {
    let untouched: Vec<_> = samples::untouched().into_iter().collect();
    let report = report(&situation(&untouched));
    let priorities: Vec<u16> = report.findings.iter().map(|each| each.ranking.priority).collect();
    assert!(priorities.len() > 1 && priorities.is_sorted_by(|a, b| a >= b), "{priorities:?}");
}
