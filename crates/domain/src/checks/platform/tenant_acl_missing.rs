//! ACL-01: no rule restricts access to the tenant by address.

use crate::checks::prelude::*;
use crate::checks::unknown;
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
    )
    .with_side_effects(SideEffects::on_users(
        "Requests that match the rule are blocked; start with rules that only log.",
    )),
    controls: &[&sets::NETWORK],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let rules = &tenant.read::<NetworkAcls>()?.0;
    if unknown::any(rules.iter().map(|rule| rule.active.known().copied()))? {
        return Ok(Verdict::Pass);
    }
    let active = rules.iter().filter_map(|rule| rule.active.ok());
    super::summary(CHECK.severity, KIND, active, &Expected::Is(json!([true]))).into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/0/active";
    none_and_none_that_holds_fail_and_one_passes {
        false => fails {"found": [false]};
        {"": []} => fails {"found": []};
        true => passes;
        "(absent)", "maybe" => unknown;
    }
}
