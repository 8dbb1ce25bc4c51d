//! LPR-03: a token of the Management API lives for more than a day.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::TokenFacts;

const MAX_SECONDS: Threshold = Threshold {
    check: "integration-token-lifetime-long",
    name: "max_seconds",
    title: "Fails when a token lives longer than",
    unit: "s",
    default: 86_400,
    min: 60,
    max: 2_592_000,
    not_above: None,
    source: "Auth0's default for the Management API: a day.",
};

pub const CHECK: Check = Check {
    id: "integration-token-lifetime-long",
    version: 1,
    title: "The Management API token lives too long",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "A token that leaks works until it expires: nobody can revoke it.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &Remediation {
        dashboard_path: "Applications > APIs > Auth0 Management API > Settings > Token Expiration",
        ..super::remediation(&[
            "Set the maximum access token lifetime to 86,400 seconds or less, or to what your policy asks \
             for.",
            "Save.",
        ])
    },
    controls: &[&sets::LPR],
    thresholds: &[&MAX_SECONDS],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    let most = terms.value_of(&MAX_SECONDS);
    if tenant.read::<TokenFacts>()?.expires_in.known()?.0 <= most {
        return Ok(Verdict::Pass);
    }
    let expected = Expected::AtMost(most);
    Violation::at(tenant, CHECK.severity, KIND, "/expires_in", &expected).into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, evidence, judge, reading, unknown, violation};

    fn with(expires_in: u64) -> Judgement {
        judge(&CHECK, reading(KIND, json!({"expires_in": expires_in})))
    }

    #[test]
    fn more_than_a_day_fails() {
        let judged = with(86_401);
        let (pointer, found, expected) = evidence(judged.clone());
        assert_eq!((pointer.as_str(), found), ("/expires_in", json!(86_401)));
        assert_eq!(expected, json!({"at_most": 86_400}));
        assert_eq!(violation(judged).change, None);
    }

    #[test]
    fn a_day_passes() {
        assert_eq!(with(86_400), PASS);
    }

    #[test]
    fn a_response_that_does_not_say_is_unknown() {
        assert_eq!(judge(&CHECK, reading(KIND, json!({"scope": "read:stats"}))), unknown());
    }
}
