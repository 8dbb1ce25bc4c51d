//! RSK-02: a device stays known for months.

use crate::checks::prelude::*;
use crate::readings::RiskAssessmentNewDevice;

const KIND: ReadingKind = ReadingKind::RiskAssessmentNewDevice;

const MAX_DAYS: Threshold = Threshold {
    check: "risk-device-remembered-too-long",
    name: "max_days",
    title: "Fails when a device counts as known for more than",
    unit: "days",
    default: 30,
    min: 1,
    max: 3650,
    not_above: Some(&LONG_DAYS),
    source: "Auth0's default (specification, RSK-02).",
};

pub const LONG_DAYS: Threshold = Threshold {
    check: "risk-device-remembered-too-long",
    name: "long_days",
    title: "The severity is medium instead of low above",
    unit: "days",
    default: 90,
    min: 1,
    max: 3650,
    not_above: None,
    source: "Specification, RSK-02: a lost device stays trusted for a season.",
};

pub const CHECK: Check = Check {
    id: "risk-device-remembered-too-long",
    version: 1,
    title: "Devices are remembered too long",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "A device that was lost, sold or taken over months ago still counts as known, so a \
           login from it raises no suspicion.",
    resource: "risk-assessments/settings/new-device",
    reads: &[KIND],
    parents: &["risk-assessment-off"],
    remediation: &super::remediation(
        "/api/v2/risk-assessments/settings/new-device",
        &[
            "Set the number of days for which a device is remembered to 30 or less, or to what your policy asks for.",
            "Save.",
        ],
    )
    .with_side_effects(SideEffects::on_users(
        "Users on a device that they rarely use are asked to prove themselves more often.",
    )),
    controls: &[&sets::MFA],
    thresholds: &[&MAX_DAYS, &LONG_DAYS],
    evaluate: Condition::Rule(Rule::Limit(Limit {
        kind: KIND,
        pointer: "/remember_for",
        value: |tenant| Ok(tenant.read::<RiskAssessmentNewDevice>()?.remember_for.known()?.0),
        bound: Bound::AtMost(&MAX_DAYS),
        worse: Some((&LONG_DAYS, Severity::Medium)),
        fix: Some(|tenant, thresholds| {
            Change::set(tenant, KIND, "/remember_for", json!(thresholds.value_of(&MAX_DAYS)))
        }),
    })),
};
