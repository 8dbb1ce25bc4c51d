//! API-02: access tokens of an API are valid for more than a day. Those of the Management API have a separate check
//! (LPR-03).

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::ResourceServers;

const MAX_SECONDS: Threshold = Threshold {
    check: "api-token-lifetime-long",
    name: "max_seconds",
    title: "Fails when a token lives longer than",
    unit: "s",
    default: 86_400,
    min: 60,
    max: 2_592_000,
    not_above: Some(&LONG_SECONDS),
    source: "Specification, API-02: a day.",
};

const LONG_SECONDS: Threshold = Threshold {
    check: "api-token-lifetime-long",
    name: "long_seconds",
    title: "The severity is medium instead of low above",
    unit: "s",
    default: 604_800,
    min: 60,
    max: 2_592_000,
    not_above: None,
    source: "Specification, API-02: a week.",
};

pub const CHECK: Check = Check {
    id: "api-token-lifetime-long",
    version: 2,
    title: "The tokens of an API live for too long",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "A token that leaks works until it expires: nobody can revoke it.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Settings > Token Settings, set the maximum lifetime to 86,400 seconds or less, or \
         to what your policy asks for.",
        "Save.",
    ])
    .with_side_effects(SideEffects::on_users(
        "Applications get tokens more often; one that cannot renew them sends its users to \
         log in again.",
    )),
    controls: &[&sets::TOKENS],
    thresholds: &[&MAX_SECONDS, &LONG_SECONDS],
    evaluate: Condition::EachWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgements {
    let (most, long) = (terms.value_of(&MAX_SECONDS), terms.value_of(&LONG_SECONDS));
    each::<ResourceServers>(tenant, super::is_of_the_customer, |api| {
        let seconds = api.item.token_lifetime.known()?.0;
        if seconds <= most {
            return Ok(Verdict::Pass);
        }
        let severity = if seconds > long { Severity::Medium } else { CHECK.severity };
        api.wrong(severity, "/token_lifetime", &Expected::AtMost(most))
            .fixed_by(api.set("/token_lifetime", json!(most)))
            .into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/1/token_lifetime";
    more_than_a_day_is_low_and_more_than_a_week_medium {
        86_400 => passes;
        86_401, 604_800 => fails {"severity": "low", "fix": {"token_lifetime": 86_400}};
        604_801 => fails {"severity": "medium"};
        {"/1/is_system": "new"} => unknown;
    }
    an_api_that_auth0_does_not_mark_as_its_own_is_the_customers {
        {"": [{"id": "a", "identifier": "orders", "token_lifetime": 604_801}]} => fails {"severity": "medium"};
        {"": [{"id": "a", "identifier": "https://acme.eu.auth0.com/api/v2/", "token_lifetime": 604_801}]} => left_out;
        {"": [{"id": "a", "identifier": "https://api.acme.example/api/v2/", "token_lifetime": 604_801}]} => unknown;
        {"": [{"id": "a", "token_lifetime": 604_801}]} => unknown;
    }
}
