//! Access tokens that browsers get by the implicit or the hybrid flow live longer than Auth0 makes them.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::ResourceServers;

const MAX_SECONDS: Threshold = Threshold {
    check: "api-browser-token-lifetime-long",
    name: "max_seconds",
    title: "Fails when a token of a browser lives longer than",
    unit: "s",
    default: 7_200,
    min: 60,
    max: 2_592_000,
    not_above: None,
    source: "Auth0's default (\"API Settings\"): two hours.",
};

pub const CHECK: Check = Check {
    id: "api-browser-token-lifetime-long",
    version: 1,
    title: "Browsers get access tokens of an API that live for too long",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "Tokens in the address bar and the storage of a browser leak, and nobody can revoke them.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Move applications off the implicit and the hybrid flow.",
        "Under Settings > Token Settings, set the implicit and hybrid lifetime to 7,200 seconds or less, or to what your policy asks for.",
        "Save.",
    ])
    .with_side_effects(SideEffects::on_users(
        "Browsers ask for a new token sooner.",
    )),
    controls: &[&sets::TOKENS],
    thresholds: &[&MAX_SECONDS],
    evaluate: Condition::EachWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgements {
    let most = terms.value_of(&MAX_SECONDS);
    each::<ResourceServers>(tenant, super::is_of_the_customer, |api| {
        if api.item.token_lifetime_for_web.known()?.0 <= most {
            return Ok(Verdict::Pass);
        }
        api.wrong(CHECK.severity, "/token_lifetime_for_web", &Expected::AtMost(most))
            .fixed_by(api.set("/token_lifetime_for_web", json!(most)))
            .into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/1/token_lifetime_for_web";
    more_than_two_hours_fails {
        7_200 => passes;
        {"/1/token_lifetime_for_web": 7_201} => fails {"expected": {"at_most": 7_200},
            "fix": {"token_lifetime_for_web": 7_200}, "undo": {"token_lifetime_for_web": 7_201}};
        "new" => unknown;
        {"/0/token_lifetime_for_web": 86_400} => left_out;
    }
}
