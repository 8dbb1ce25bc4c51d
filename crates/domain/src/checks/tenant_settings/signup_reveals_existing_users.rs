//! TEN-05: the signup says whether an address already has an account.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::TenantFlags;

pub const CHECK: Check = Check {
    id: "signup-reveals-existing-users",
    version: 1,
    title: "The signup reveals which users exist",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "An attacker tries a list of addresses and keeps those that have an account here: the \
           list to guess passwords for.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Settings, switch the user exists error of the public signup endpoint off.",
        "Save.",
    ]),
    controls: &[&sets::BOT, &sets::CFG],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let value = |flags: &TenantFlags| flags.enable_public_signup_user_exists_error.known().copied();
    super::flag(
        tenant,
        CHECK.severity,
        "/flags/enable_public_signup_user_exists_error",
        value,
        true,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, on_sample, on_sample_without, unknown};

    #[test]
    fn on_fails_and_off_passes() {
        let judged = on_sample(
            &CHECK,
            KIND,
            &[("/flags/enable_public_signup_user_exists_error", json!(true))],
        );
        assert_eq!(
            evidence(judged.clone()),
            ("/flags/enable_public_signup_user_exists_error".to_owned(), json!(true), json!(false))
        );
        assert_eq!(
            change(judged),
            (
                json!({"flags": {"enable_public_signup_user_exists_error": false}}),
                json!({"flags": {"enable_public_signup_user_exists_error": true}})
            )
        );
        assert_eq!(
            on_sample(
                &CHECK,
                KIND,
                &[("/flags/enable_public_signup_user_exists_error", json!(false))]
            ),
            PASS
        );
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(
            on_sample_without(&CHECK, KIND, "/flags/enable_public_signup_user_exists_error"),
            unknown()
        );
        assert_eq!(
            on_sample(
                &CHECK,
                KIND,
                &[("/flags/enable_public_signup_user_exists_error", json!("a new value"))]
            ),
            unknown()
        );
    }
}
