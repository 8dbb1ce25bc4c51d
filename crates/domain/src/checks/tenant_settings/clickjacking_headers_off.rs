//! TEN-03: the classic login page may be framed by any other page.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::TenantFlags;

pub const CHECK: Check = Check {
    id: "clickjacking-headers-off",
    version: 1,
    title: "The headers against clickjacking are switched off",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Another site can show the login page in an invisible frame and have users type or \
           click into it.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Migrations, switch on the clickjacking protection for Classic Universal Login.",
        "Save.",
    ]),
    controls: &[&sets::CFG],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let value = |flags: &TenantFlags| flags.disable_clickjack_protection_headers.known().copied();
    super::flag(tenant, CHECK.severity, "/flags/disable_clickjack_protection_headers", value, true)
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
            &[("/flags/disable_clickjack_protection_headers", json!(true))],
        );
        assert_eq!(
            evidence(judged.clone()),
            ("/flags/disable_clickjack_protection_headers".to_owned(), json!(true), json!(false))
        );
        assert_eq!(
            change(judged),
            (
                json!({"flags": {"disable_clickjack_protection_headers": false}}),
                json!({"flags": {"disable_clickjack_protection_headers": true}})
            )
        );
        assert_eq!(
            on_sample(
                &CHECK,
                KIND,
                &[("/flags/disable_clickjack_protection_headers", json!(false))]
            ),
            PASS
        );
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(
            on_sample_without(&CHECK, KIND, "/flags/disable_clickjack_protection_headers"),
            unknown()
        );
        assert_eq!(
            on_sample(
                &CHECK,
                KIND,
                &[("/flags/disable_clickjack_protection_headers", json!("a new value"))]
            ),
            unknown()
        );
    }
}
