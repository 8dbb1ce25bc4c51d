//! ACL-01: no rule says from where the tenant may be reached.

use crate::checks::prelude::*;
use crate::checks::three_valued;
use crate::readings::NetworkAcls;

const KIND: ReadingKind = ReadingKind::NetworkAcls;

pub const CHECK: Check = Check {
    id: "tenant-acl-missing",
    version: 1,
    title: "No tenant access control list is active",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Addresses, countries or networks that you know to be hostile reach the login like \
           everybody else.",
    resource: "network-acls",
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(
        "Security > Tenant ACL",
        &[
            "Under Security > Tenant ACL, create a rule that blocks what has no business here; \
         start in monitoring.",
            "Activate it.",
        ],
    ),
    controls: &[&sets::NETWORK],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let rules = &tenant.read::<NetworkAcls>()?.0;
    if three_valued::any(rules.iter().map(|rule| rule.active.known().copied()))? {
        return Ok(Verdict::Pass);
    }
    let active = rules.iter().filter_map(|rule| rule.active.ok());
    super::summary(CHECK.severity, KIND, active, &Expected::Is(json!([true]))).into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, evidence, judge, on_sample, on_sample_without, reading, unknown,
    };

    #[test]
    fn none_and_none_that_holds_fail_and_one_passes() {
        let judged = on_sample(&CHECK, KIND, &[("/0/active", json!(false))]);
        assert_eq!(evidence(judged).1, json!([false]));
        assert_eq!(evidence(judge(&CHECK, reading(KIND, json!([])))).1, json!([]));
        assert_eq!(on_sample(&CHECK, KIND, &[("/0/active", json!(true))]), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(on_sample_without(&CHECK, KIND, "/0/active"), unknown());
        assert_eq!(on_sample(&CHECK, KIND, &[("/0/active", json!("maybe"))]), unknown());
    }
}
