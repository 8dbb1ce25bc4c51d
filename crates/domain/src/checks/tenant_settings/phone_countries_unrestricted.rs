//! TEN-12: phone numbers of all countries are accepted. An empty list restricts nothing, whether it allows or denies.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::TenantSettings;

pub const CHECK: Check = Check {
    id: "phone-countries-unrestricted",
    version: 2,
    title: "Phone numbers of every country are accepted",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    risk: "Attackers have messages sent to numbers in countries where they earn by each one, at \
           your cost.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Settings, allow only the countries that your users live in.",
        "Save.",
    ])
    .with_side_effects(SideEffects::on_users(
        "Users with a number of a country that is not listed get no messages.",
    ))
    .without_call(),
    controls: &[&sets::SUSPICIOUS_IP],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let codes = tenant.read::<TenantSettings>()?.country_codes.known()?;
    if !codes.list.known()?.is_empty() {
        return Ok(Verdict::Pass);
    }
    Violation::at(tenant, CHECK.severity, KIND, "/country_codes/list", &Expected::SET)
        .into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/country_codes/list";
    an_empty_list_fails_and_a_country_passes {
        [] => fails {"at": "/country_codes/list", "found": [], "expected": {"at_least": 1}, "fix": null};
        ["DE"] => passes;
    }
}
