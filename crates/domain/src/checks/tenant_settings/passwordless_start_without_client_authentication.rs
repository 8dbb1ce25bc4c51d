//! TEN-06: anybody who knows a client ID can have codes sent.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::TenantFlags;

pub const CHECK: Check = Check {
    id: "passwordless-start-without-client-authentication",
    version: 1,
    title: "Passwordless flows start without client authentication",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Whoever knows a public client ID can have messages sent to any number or address, at \
           your cost and in your name.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Let confidential applications that start passwordless flows send their secret.",
        "Under Settings, switch client authentication on passwordless start on.",
        "Save.",
    ]),
    controls: &[&sets::SIP, &sets::OAU],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let value = |flags: &TenantFlags| {
        flags.enforce_client_authentication_on_passwordless_start.known().copied()
    };
    super::flag(
        tenant,
        CHECK.severity,
        "/flags/enforce_client_authentication_on_passwordless_start",
        value,
        false,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, on_sample, on_sample_without, unknown};

    #[test]
    fn off_fails_and_on_passes() {
        let judged = on_sample(
            &CHECK,
            KIND,
            &[("/flags/enforce_client_authentication_on_passwordless_start", json!(false))],
        );
        assert_eq!(
            evidence(judged.clone()),
            (
                "/flags/enforce_client_authentication_on_passwordless_start".to_owned(),
                json!(false),
                json!(true)
            )
        );
        assert_eq!(
            change(judged),
            (
                json!({"flags": {"enforce_client_authentication_on_passwordless_start": true}}),
                json!({"flags": {"enforce_client_authentication_on_passwordless_start": false}})
            )
        );
        assert_eq!(
            on_sample(
                &CHECK,
                KIND,
                &[("/flags/enforce_client_authentication_on_passwordless_start", json!(true))]
            ),
            PASS
        );
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(
            on_sample_without(
                &CHECK,
                KIND,
                "/flags/enforce_client_authentication_on_passwordless_start"
            ),
            unknown()
        );
        assert_eq!(
            on_sample(
                &CHECK,
                KIND,
                &[(
                    "/flags/enforce_client_authentication_on_passwordless_start",
                    json!("a new value")
                )]
            ),
            unknown()
        );
    }
}
