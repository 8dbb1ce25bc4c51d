//! LPR-03: access tokens of the Management API are valid for more than a day.

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
        side_effects: SideEffects::none(
            "Users notice nothing; applications get tokens for the Management API more often.",
        ),
        dashboard_path: "Applications > APIs > Auth0 Management API > Settings > Token Expiration",
        ..super::remediation(&[
            "Set the maximum access token lifetime to 86,400 seconds or less, or to what your policy asks \
             for.",
            "Save.",
        ])
    },
    controls: &[&sets::LEAST_PRIVILEGE],
    thresholds: &[&MAX_SECONDS],
    evaluate: Condition::Rule(Rule::Limit(Limit {
        kind: KIND,
        pointer: "/expires_in",
        value: |tenant| Ok(tenant.read::<TokenFacts>()?.expires_in.known()?.0),
        bound: Bound::AtMost(&MAX_SECONDS),
        worse: None,
        fix: None,
    })),
};
