//! PPP-01: repeated messages to one number have no backoff. Older responses of Auth0 have `none`, newer ones
//! `default`.

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
        side_effects: SideEffects::on_users(
            "Users who request several messages wait longer for each.",
        ),
    },
    controls: &[&sets::SUSPICIOUS_IP],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Choice(Choice {
        kind: KIND,
        pointer: "/type",
        is_wrong: |tenant| {
            let kind = tenant.read::<PhoneProviderProtection>()?.kind.known()?;
            Ok(*kind != PhoneProviderType::Exponential)
        },
        right: &["exponential"],
    })),
};

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/type";
    no_back_off_fails_under_its_newer_and_its_older_name {
        "default" => fails {"at": "/type", "found": "default", "expected": "exponential",
            "fix": {"type": "exponential"}, "undo": {"type": "default"}};
        "none" => fails {"at": "/type", "found": "none", "fix": {"type": "exponential"}, "undo": {"type": "none"}};
    }
    a_tenant_without_the_feature_has_nothing_to_judge {
        {"": "(not offered)"} => not_offered;
    }
}
