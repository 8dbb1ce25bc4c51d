//! TEN-09: error pages name nobody to turn to. Either of the two is enough.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::three_valued;
use crate::readings::{Field, TenantSettings, Text};

pub const CHECK: Check = Check {
    id: "support-contact-missing",
    version: 1,
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
    .without_call(),
    controls: &[&sets::NOTIFICATION],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let settings = tenant.read::<TenantSettings>()?;
    let missing = |text: &Field<Text>| text.known().map(|text| text.as_str().is_empty());
    if !three_valued::all([missing(&settings.support_email), missing(&settings.support_url)])? {
        return Ok(Verdict::Pass);
    }
    Violation::at(tenant, CHECK.severity, KIND, "/support_email", &Expected::SET)
        .and(tenant, KIND, "/support_url", &Expected::SET)
        .into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, on_sample, on_sample_without, unknown, violation};

    const NEITHER: [&str; 2] = ["/support_email", "/support_url"];

    #[test]
    fn neither_fails_and_either_passes() {
        let judged = on_sample(&CHECK, KIND, &NEITHER.map(|pointer| (pointer, json!(""))));
        let shown = violation(judged).evidence;
        assert_eq!(shown.len(), 2);
        assert!(shown.iter().all(|each| each.expected == json!({"at_least": 1})));
        for pointer in NEITHER {
            assert_eq!(on_sample(&CHECK, KIND, &[(pointer, json!(""))]), PASS);
            assert_eq!(on_sample_without(&CHECK, KIND, pointer), PASS);
        }
    }

    #[test]
    fn what_is_missing_or_new_beside_none_is_unknown() {
        let changes = [(NEITHER[0], json!("")), (NEITHER[1], json!(1))];
        assert_eq!(on_sample(&CHECK, KIND, &changes), unknown());
    }
}
