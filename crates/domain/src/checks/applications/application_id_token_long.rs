//! ID tokens that are accepted for more than an hour. They say who logged in, once: no application needs them for longer.
//! Auth0 makes them last ten hours.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::Clients;

const MAX_SECONDS: Threshold = Threshold {
    check: "application-id-token-long",
    name: "max_seconds",
    title: "Fails when an ID token lives longer than",
    unit: "s",
    default: 3_600,
    min: 60,
    max: 2_592_000,
    not_above: None,
    source: "OWASP ASVS 5.0, 10.4.8: as short as the use allows; an hour is the default of other providers.",
};

pub const CHECK: Check = Check {
    id: "application-id-token-long",
    version: 1,
    title: "An application gets ID tokens that live for more than an hour",
    severity: Severity::Info,
    confidence: Confidence::High,
    risk: "An ID token that leaks is taken as proof of a login for as long as it lives.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Make sure that the application does not use ID tokens as its session.",
        "Under ID Token Expiration, set 3,600 seconds or less, or what your policy asks for.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "Applications that use the ID token as their session end it earlier.",
    )),
    controls: &[&sets::TOKENS],
    thresholds: &[&MAX_SECONDS],
    evaluate: Condition::EachWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgements {
    let most = terms.value_of(&MAX_SECONDS);
    each::<Clients>(tenant, super::is_of_the_tenant, |app| {
        let configuration = app.item.jwt_configuration.known();
        let lifetime = configuration.and_then(|of| of.lifetime_in_seconds.known());
        let is_long = lifetime.map(|seconds| seconds.0 > most);
        if !unknown::all([super::sends_users(app.item), is_long])? {
            return Ok(Verdict::Pass);
        }
        let change =
            app.change_members("/jwt_configuration", &[("lifetime_in_seconds", json!(most))]);
        app.wrong(CHECK.severity, "/jwt_configuration/lifetime_in_seconds", &Expected::AtMost(most))
            .fixed_by(change)
            .into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/0/jwt_configuration/lifetime_in_seconds";
    more_than_an_hour_fails {
        3_600, 900 => passes;
        36_000 => fails {"severity": "info", "expected": {"at_most": 3_600},
            "fix": {"jwt_configuration": {"alg": "RS256", "lifetime_in_seconds": 3_600, "secret_encoded": false}}};
        "(absent)" => fails {"found": null, "evidence/0/assumed": 36_000};
        "new" => unknown;
        {"/0/grant_types": ["client_credentials"], "/0/jwt_configuration/lifetime_in_seconds": 36_000} => passes;
    }
}
