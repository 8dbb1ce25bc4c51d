//! TEN-11: requests without an audience get tokens for the default one.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::TenantSettings;

pub const CHECK: Check = Check {
    id: "default-audience-set",
    version: 2,
    title: "A default audience is set",
    severity: Severity::Info,
    confidence: Confidence::High,
    risk: "Every application gets tokens for that API without asking for it, so a token that \
           leaks anywhere opens it.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Let the applications that need the API name it as audience.",
        "Under Settings > General > API Authorization Settings, clear the default audience.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "Applications that name no audience get opaque tokens, which APIs refuse.",
    )),
    controls: &[&sets::LEAST_PRIVILEGE],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    const POINTER: &str = "/default_audience";
    if tenant.read::<TenantSettings>()?.default_audience.known()?.as_str().is_empty() {
        return Ok(Verdict::Pass);
    }
    Violation::at(tenant, CHECK.severity, KIND, POINTER, &Expected::Is(json!("")))
        .fixed_by(Change::set(tenant, KIND, POINTER, json!("")))
        .into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/default_audience";
    one_fails_and_none_passes {
        "https://api.example"
            => fails {"fix": {"default_audience": ""}, "undo": {"default_audience": "https://api.example"}};
        "" => passes;
    }
}
