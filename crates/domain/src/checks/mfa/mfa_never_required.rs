//! MFA-01: no policy demands a second factor. An Action may demand it, which our scopes cannot see.

use super::{ALWAYS, KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::MfaPolicies;

pub const CHECK: Check = Check {
    id: "mfa-never-required",
    version: 1,
    title: "MFA is never required",
    severity: Severity::High,
    confidence: Confidence::Medium,
    risk: "A password is all it takes: whoever guesses, buys or phishes one is in.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Enable at least one factor that resists phishing, such as WebAuthn.",
        "Under Define policies, choose Always.",
        "If a post-login Action already demands MFA, accept this finding as compensated.",
        "Save.",
    ]),
    controls: &[&sets::MFA],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

pub fn evaluate(tenant: &Tenant) -> Judgement {
    if !tenant.read::<MfaPolicies>()?.0.is_empty()? {
        return Ok(Verdict::Pass);
    }
    Violation::at(tenant, CHECK.severity, KIND, "", &ALWAYS)
        .mended_by(super::require_always(tenant))
        .fails()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, judge, reading, unknown};

    fn with(policies: serde_json::Value) -> Judgement {
        judge(&CHECK, reading(KIND, policies))
    }

    #[test]
    fn no_policy_fails_and_the_mend_is_a_bare_array() {
        let judged = with(json!([]));
        let (pointer, found, expected) = evidence(judged.clone());
        assert_eq!((pointer.as_str(), found), ("", json!([])));
        assert_eq!(expected, json!({"contains": ["all-applications"]}));
        assert_eq!(change(judged), (json!(["all-applications"]), json!([])));
    }

    #[test]
    fn any_policy_we_know_passes() {
        assert_eq!(with(json!(["all-applications"])), PASS);
        assert_eq!(with(json!(["confidence-score"])), PASS);
        assert_eq!(with(json!(["a-new-policy", "confidence-score"])), PASS);
    }

    #[test]
    fn a_new_policy_or_another_shape_is_unknown() {
        assert_eq!(with(json!(["a-new-policy"])), unknown());
        assert_eq!(with(json!({"policies": []})), unknown());
    }
}
