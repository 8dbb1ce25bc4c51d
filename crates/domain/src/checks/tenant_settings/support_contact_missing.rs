//! TEN-09: error pages have no support contact. Either of the two suffices.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::{Field, TenantSettings, Text};

pub const CHECK: Check = Check {
    id: "support-contact-missing",
    version: 2,
    title: "The tenant names no support contact",
    severity: Severity::Info,
    confidence: Confidence::High,
    risk: "Users who are locked out or see something strange have nobody to tell, so incidents \
           are noticed late.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Settings > General, set a support e-mail address or a support URL.",
        "Save.",
    ])
    .with_side_effects(SideEffects::on_users("Error pages show users the contact."))
    .without_call(),
    controls: &[&sets::NOTIFICATION],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let settings = tenant.read::<TenantSettings>()?;
    let missing = |text: &Field<Text>| text.known().map(|text| text.as_str().is_empty());
    if !unknown::all([missing(&settings.support_email), missing(&settings.support_url)])? {
        return Ok(Verdict::Pass);
    }
    Violation::at(tenant, CHECK.severity, KIND, "/support_email", &Expected::SET)
        .and(tenant, KIND, "/support_url", &Expected::SET)
        .into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    neither_fails_and_either_passes {
        {"/support_email": "", "/support_url": ""} => fails {"expected": [{"at_least": 1}, {"at_least": 1}]};
        {"/support_email": ""}, {"/support_url": ""} => passes;
        {"/support_email": "(absent)"}, {"/support_url": "(absent)"} => passes;
        {"/support_email": "", "/support_url": 1} => unknown;
    }
}
