//! PRO-01: users get the classic login.

use crate::checks::prelude::*;
use crate::readings::{LoginExperience, Prompts};

const KIND: ReadingKind = ReadingKind::Prompts;

pub const CHECK: Check = Check {
    id: "classic-login-experience",
    version: 1,
    title: "The classic login experience is used",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "The classic login gets no new protections: no passkeys, fewer checks against bots, \
           and pages that the tenant scripts itself.",
    resource: "prompts",
    reads: &[KIND],
    parents: &[],
    remediation: &Remediation {
        side_effects: SideEffects::on_users(
            "Users see another login page; pages customised for the classic one are no longer \
             shown.",
        ),
        call: Some((Method::Patch, "/api/v2/prompts")),
        required_scope: Some("update:prompts"),
        ..super::remediation(
            "Branding > Universal Login",
            &[
                "Try the new experience in another tenant, with your branding.",
                "Under Branding > Universal Login, choose the new experience.",
                "Save.",
            ],
        )
    },
    controls: &[&sets::CONFIGURATION],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Choice(Choice {
        kind: KIND,
        pointer: "/universal_login_experience",
        is_wrong: |tenant| {
            let experience = tenant.read::<Prompts>()?.universal_login_experience.known()?;
            Ok(*experience == LoginExperience::Classic)
        },
        right: &["new"],
    })),
};
