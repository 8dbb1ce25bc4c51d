//! PRO-01: users see the login of old.

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
    controls: &[&sets::CFG],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    const POINTER: &str = "/universal_login_experience";
    let experience = tenant.read::<Prompts>()?.universal_login_experience.known()?;
    if *experience != LoginExperience::Classic {
        return Ok(Verdict::Pass);
    }
    Violation::at(tenant, CHECK.severity, KIND, POINTER, &Expected::Is(json!("new")))
        .fixed_by(Change::set(tenant, KIND, POINTER, json!("new")))
        .into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, judge, on_sample, reading, unknown};

    fn with(experience: &str) -> Judgement {
        on_sample(&CHECK, KIND, &[("/universal_login_experience", json!(experience))])
    }

    #[test]
    fn the_classic_one_fails_and_the_new_one_passes() {
        let bodies = ["new", "classic"].map(|is| json!({"universal_login_experience": is}));
        assert_eq!(change(with("classic")), bodies.into());
        assert_eq!(with("new"), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(with("newest"), unknown());
        assert_eq!(judge(&CHECK, reading(KIND, json!({"identifier_first": true}))), unknown());
    }
}
