//! RSK-02: a device counts as known for months.

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
    ),
    controls: &[&sets::MFA],
    thresholds: &[&MAX_DAYS, &LONG_DAYS],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    let days = tenant.read::<RiskAssessmentNewDevice>()?.remember_for.known()?.0;
    let most = terms.value_of(&MAX_DAYS);
    if days <= most {
        return Ok(Verdict::Pass);
    }
    let severity =
        if days > terms.value_of(&LONG_DAYS) { Severity::Medium } else { CHECK.severity };
    Violation::at(tenant, severity, KIND, "/remember_for", &Expected::AtMost(most))
        .fixed_by(Change::set(tenant, KIND, "/remember_for", json!(most)))
        .into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, judge, reading, severity, unknown};

    fn with(days: u64) -> Judgement {
        judge(&CHECK, reading(KIND, json!({"remember_for": days})))
    }

    #[test]
    fn the_days_have_their_boundaries() {
        assert_eq!(with(30), PASS);
        assert_eq!(severity(with(31)), Severity::Low);
        assert_eq!(severity(with(90)), Severity::Low);
        assert_eq!(severity(with(91)), Severity::Medium);
    }

    #[test]
    fn the_mend_sets_thirty_days() {
        let judged = with(365);
        assert_eq!(evidence(judged.clone()).2, json!({"at_most": 30}));
        assert_eq!(change(judged), (json!({"remember_for": 30}), json!({"remember_for": 365})));
    }

    #[test]
    fn a_mistyped_or_missing_number_is_unknown() {
        assert_eq!(judge(&CHECK, reading(KIND, json!({"remember_for": "long"}))), unknown());
        assert_eq!(judge(&CHECK, reading(KIND, json!({}))), unknown());
    }
}
