//! ACL-02: no rule restricts access to the Management API by address. A rule for the whole tenant suffices; one that
//! only logs or allows blocks nobody.

use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::{NetworkAcl, NetworkAclAction, NetworkAclScope, NetworkAcls};

const KIND: ReadingKind = ReadingKind::NetworkAcls;

pub const CHECK: Check = Check {
    id: "management-api-open-to-all-addresses",
    version: 1,
    title: "The Management API can be reached from every address",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "A token or a client secret that leaks can be used from anywhere.",
    resource: "network-acls",
    reads: &[KIND],
    parents: &["tenant-acl-missing"],
    remediation: &super::remediation(
        "Security > Tenant ACL",
        &[
            "Under Security > Tenant ACL, create a rule of the scope management that blocks all but \
             your own addresses.",
            "Activate it.",
        ],
    )
    .with_side_effects(SideEffects::after_changes(
        "Callers from other addresses are refused; list those of this service first.",
    )),
    controls: &[&sets::NETWORK],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let rules = &tenant.read::<NetworkAcls>()?.0;
    if unknown::any(rules.iter().map(guards_the_management_api))? {
        return Ok(Verdict::Pass);
    }
    let scopes = rules.iter().filter(|rule| rule.active.ok() == Some(&true));
    let scopes = scopes.filter_map(|rule| rule.rule.ok().and_then(|rule| rule.scope.ok()));
    let expected = Expected::Contains(&["management"]);
    super::summary(CHECK.severity, KIND, scopes, &expected).into_failure()
}

fn guards_the_management_api(acl: &NetworkAcl) -> Result<bool, Inconclusive> {
    let rule = acl.rule.known();
    let scope = rule.and_then(|rule| rule.scope.known());
    unknown::all([
        acl.active.known().copied(),
        scope.map(|s| matches!(s, NetworkAclScope::Management | NetworkAclScope::Tenant)),
        rule.and_then(|rule| rule.action.known()).and_then(blocks),
    ])
}

/// A rule has one action. Absent and unknown actions say nothing.
fn blocks(action: &NetworkAclAction) -> Result<bool, Inconclusive> {
    if [&action.block, &action.redirect].iter().any(|field| field.ok() == Some(&true)) {
        return Ok(true);
    }
    if [&action.allow, &action.log].iter().any(|field| field.ok() == Some(&true)) {
        return Ok(false);
    }
    Err(Inconclusive::Unknown(UnknownReason::NotUnderstood))
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/0/rule/scope";
    rules_for_something_else_or_without_effect_fail {
        "authentication" => fails {"found": ["authentication"]};
        {"/0/rule/action": {"log": true}}, {"/0/rule/action": {"allow": true}} => fails {"count": 1};
    }
    a_rule_that_keeps_others_out_passes {
        "tenant", {"/0/rule/action": {"redirect": true, "redirect_uri": "https://a.example"}} => passes;
    }
    what_is_missing_or_new_is_unknown {
        {"/0/rule/action": "(absent)"}, {"/0/rule/action": {"challenge": true}}, {"/0/active": "(absent)"} => unknown;
    }
}
