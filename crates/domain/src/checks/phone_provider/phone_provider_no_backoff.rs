//! PPP-01: messages to one number are sent without back-off. Auth0 says `none` of that in older answers and
//! `default` in newer ones.

use crate::checks::prelude::*;
use crate::readings::{PhoneProviderProtection, PhoneProviderType};

const KIND: ReadingKind = ReadingKind::PhoneProviderProtection;

pub const CHECK: Check = Check {
    id: "phone-provider-no-backoff",
    version: 2,
    title: "Phone messages are sent without back-off",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "An attacker who owns premium-rate numbers has codes sent to them as fast as the tenant \
           can pay (toll fraud).",
    resource: "attack-protection/phone-provider-protection",
    reads: &[KIND],
    parents: &[],
    remediation: &Remediation {
        dashboard_path: "Branding > Phone Provider",
        steps: &[
            "Open the protection settings of the phone provider.",
            "Choose exponential back-off between messages to one number.",
            "Save.",
        ],
        call: Some((Method::Patch, "/api/v2/attack-protection/phone-provider-protection")),
        required_scope: Some("update:attack_protection"),
    },
    controls: &[&sets::SIP],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let protection = tenant.read::<PhoneProviderProtection>()?;
    match protection.kind.known()? {
        PhoneProviderType::Exponential => return Ok(Verdict::Pass),
        PhoneProviderType::Default | PhoneProviderType::None => {}
    }
    Violation::at(tenant, CHECK.severity, KIND, "/type", &Expected::Is(json!("exponential")))
        .fixed_by(Change::set(tenant, KIND, "/type", json!("exponential")))
        .into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, change, evidence, judge, not_offered, reading, readings, unknown,
    };
    use crate::tenant::Outcome;

    fn with(kind: &str) -> Judgement {
        judge(&CHECK, reading(KIND, json!({"type": kind})))
    }

    #[test]
    fn no_back_off_fails_under_its_newer_and_its_older_name() {
        for name in ["default", "none"] {
            let judged = with(name);
            assert_eq!(
                evidence(judged.clone()),
                ("/type".into(), json!(name), json!("exponential"))
            );
            assert_eq!(change(judged), (json!({"type": "exponential"}), json!({"type": name})));
        }
    }

    #[test]
    fn exponential_passes() {
        assert_eq!(with("exponential"), PASS);
    }

    #[test]
    fn a_new_type_or_none_given_is_unknown() {
        assert_eq!(with("linear"), unknown());
        assert_eq!(judge(&CHECK, reading(KIND, json!({"extra": 1}))), unknown());
    }

    #[test]
    fn a_tenant_without_the_feature_has_nothing_to_judge() {
        let mut tenant = readings(&[]);
        let (reason, message) = (UnknownReason::NotSupported, String::new());
        tenant.insert(KIND, Outcome::NotOffered { reason, message });
        assert_eq!(judge(&CHECK, tenant), not_offered());
    }
}
