//! BPD-10: breached passwords become known months late.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::{ActiveUsers, BreachedPasswordDetection, BreachedPasswordMethod};

const MANY_USERS: Threshold = Threshold {
    check: "breached-password-standard-feed",
    name: "many_users",
    title: "The severity is low instead of info above",
    unit: "active users",
    default: 10_000,
    min: 0,
    max: 1_000_000_000,
    not_above: None,
    source: "Specification, BPD-10: above this the delay of the feed concerns many people.",
};

pub const CHECK: Check = Check {
    id: "breached-password-standard-feed",
    version: 1,
    title: "The standard feed of breached passwords is used, without Credential Guard",
    severity: Severity::Info,
    confidence: Confidence::High,
    risk: "Auth0 learns of a leak 7 to 13 months later instead of within 12 to 36 hours, and for \
           all that time the stolen passwords work.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["breached-password-detection-off"],
    remediation: &super::remediation(&[
        "Add Credential Guard to the subscription.",
        "Under Detection Method, choose As soon as possible, with Credential Guard.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "Credential Guard has to be part of the subscription; users notice nothing else.",
    )),
    controls: &[&sets::BREACHED_PASSWORD],
    thresholds: &[&MANY_USERS],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    super::PROTECTION.when_on(tenant)?;
    if *tenant.read::<BreachedPasswordDetection>()?.method.known()?
        == BreachedPasswordMethod::Enhanced
    {
        return Ok(Verdict::Pass);
    }
    // The number of users affects only the severity; if unknown, the lower one applies.
    let is_large = tenant.read().map(|ActiveUsers(users)| users.0 > terms.value_of(&MANY_USERS));
    let severity_if = |yes| if yes { Severity::Low } else { CHECK.severity };
    let severity = severity_if(is_large == Ok(true));
    Violation::at(tenant, severity, KIND, "/method", &Expected::Is(json!("enhanced")))
        .or_worse(severity_if(is_large != Ok(false)))
        .fixed_by(Change::set(tenant, KIND, "/method", json!("enhanced")))
        .into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/method";
    the_standard_feed_is_informative_and_low_above_ten_thousand_users {
        {"/method": "standard", "active_users": 10_000} => fails {"severity": "info"};
        {"/method": "standard", "active_users": 10_001} => fails {"severity": "low"};
        {"/method": "standard", "active_users": "(absent)"}
            => fails {"severity": "info", "fix": {"method": "enhanced"}, "undo": {"method": "standard"}};
    }
    the_enhanced_feed_passes_and_off_is_not_applicable {
        "enhanced" => passes;
        {"/enabled": false, "/method": "standard"} => feature_off;
    }
}
