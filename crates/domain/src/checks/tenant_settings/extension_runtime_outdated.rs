//! TEN-07: rules, hooks and database scripts run on a version of Node.js that gets no fixes.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::runtime;
use crate::readings::TenantSettings;

const OLDEST: Threshold = runtime::oldest("extension-runtime-outdated");

pub const CHECK: Check = Check {
    id: "extension-runtime-outdated",
    version: 1,
    title: "The extensions run on an outdated version of Node.js",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Code that sees every login runs on a runtime whose known holes are not mended any \
           more.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Test your scripts on the newer version in another tenant.",
        "Under Extensibility, choose the newest version.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "Extensions have to run on the newer version of Node.js; try them first.",
    )),
    controls: &[&sets::CONFIGURATION],
    thresholds: &[&OLDEST],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    const POINTER: &str = "/sandbox_version";
    let version = tenant.read::<TenantSettings>()?.sandbox_version.known()?;
    let oldest = terms.value_of(&OLDEST);
    if runtime::major(version.as_str())? >= oldest {
        return Ok(Verdict::Pass);
    }
    Violation::at(tenant, CHECK.severity, KIND, POINTER, &Expected::AtLeast(oldest))
        .fixed_by(Change::set(tenant, KIND, POINTER, json!(runtime::NEWEST)))
        .into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/sandbox_version";
    an_older_version_fails_and_the_oldest_supported_passes {
        "16" => fails {"found": "16", "expected": {"at_least": 18}, "fix": {"sandbox_version": "22"}};
        "12" => fails {"found": "12"};
        "8" => fails {"found": "8"};
        "18" => passes;
    }
}
