//! API-02: the tokens of an API live for longer than a day. Those of the Management API have a
//! check of their own (LPR-03).

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
    ]),
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
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, change, judge_each, on_sample, on_sample_without, reading, severity, unknown,
    };

    fn with(seconds: u64) -> Judgement {
        on_sample(&CHECK, KIND, &[("/1/token_lifetime", json!(seconds))])
    }

    #[test]
    fn more_than_a_day_is_low_and_more_than_a_week_medium() {
        assert_eq!(severity(with(86_401)), Severity::Low);
        assert_eq!(severity(with(604_800)), Severity::Low);
        assert_eq!(severity(with(604_801)), Severity::Medium);
        assert_eq!(change(with(100_000)).0, json!({"token_lifetime": 86_400}));
        assert_eq!(with(86_400), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(on_sample_without(&CHECK, KIND, "/1/token_lifetime"), unknown());
        assert_eq!(on_sample(&CHECK, KIND, &[("/1/token_lifetime", json!("1d"))]), unknown());
        assert_eq!(on_sample(&CHECK, KIND, &[("/1/is_system", json!("new"))]), unknown());
    }

    #[test]
    fn an_api_that_auth0_does_not_mark_as_its_own_is_the_customers() {
        let without = |apis: serde_json::Value| judge_each(&CHECK, reading(KIND, apis)).unwrap();
        let long = json!([{"id": "a", "identifier": "orders", "token_lifetime": 1_000_000}]);
        assert_eq!(severity(without(long).remove(0).1), Severity::Medium);
        let own = json!([{"id": "a", "identifier": "https://acme.eu.auth0.com/api/v2/",
            "token_lifetime": 1_000_000}]);
        assert_eq!(without(own), []);
        let like = json!([{"id": "a", "identifier": "https://api.acme.example/api/v2/",
            "token_lifetime": 1_000_000}]);
        assert_eq!(without(like)[0].1, unknown(), "it may be either");
        let nameless = without(json!([{"id": "a", "token_lifetime": 1_000_000}]));
        assert_eq!(nameless[0].1, unknown());
    }
}
