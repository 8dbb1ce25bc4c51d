//! Multi-factor authentication: `guardian/policies`, a bare array that `PUT` replaces. Rules and Actions may require
//! more than the policies, so if there are some, the confidence is lower.

pub mod mfa_never_required;
pub mod mfa_risk_based_only;

use super::prelude::*;
use crate::readings::{Action, Actions, Rules};

/// Parents before children.
pub const CHECKS: &[&Check] = &[&mfa_never_required::CHECK, &mfa_risk_based_only::CHECK];

const KIND: ReadingKind = ReadingKind::MfaPolicies;
const RESOURCE: &str = "guardian/policies";

const ALWAYS: Expected = Expected::Contains(&["all-applications"]);

const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Security > Multi-factor Auth > Define policies",
        steps,
        call: Some((Method::Put, "/api/v2/guardian/policies")),
        required_scope: Some("update:mfa_policies"),
        side_effects: SideEffects::on_users(
            "Users are asked for a second factor at their next login; those without one enrol one.",
        ),
    }
}

/// Maximum number of names shown.
const SHOWN_MAX: usize = 20;
/// The flow in which an Action can require a second factor.
const POST_LOGIN: &str = "post-login";

/// The tenant's code that runs at login and can require a second factor: enabled Rules, and deployed Actions of the
/// post-login flow. Empty if these were not read or are not offered.
fn custom_code_evidence(tenant: &Tenant) -> Vec<Evidence> {
    let rules = tenant.find::<Rules>().map_or(&[][..], |rules| &rules.0);
    let rules = rules.iter().filter(|rule| rule.enabled.ok() == Some(&true));
    let actions = tenant.find::<Actions>().map_or(&[][..], |actions| &actions.0);
    let actions = actions.iter().filter(|action| runs_after_login(action));
    let rules: Vec<_> = rules.map(|rule| json!(rule.name)).take(SHOWN_MAX).collect();
    let actions: Vec<_> = actions.map(|action| json!(action.name)).take(SHOWN_MAX).collect();
    let shown = [(ReadingKind::Rules, rules), (ReadingKind::Actions, actions)];
    let shown = shown.into_iter().filter(|(_, names)| !names.is_empty());
    shown.map(|(kind, names)| Evidence::compensating(kind, json!(names))).collect()
}

fn runs_after_login(action: &Action) -> bool {
    let is_deployed =
        action.deployed_version.ok().is_some() || action.all_changes_deployed.ok() == Some(&true);
    let triggers = action.supported_triggers.ok().map_or(&[][..], |triggers| &triggers.0);
    let mut triggers = triggers.iter().filter_map(|trigger| trigger.id.ok());
    is_deployed && triggers.any(|trigger| trigger.as_str() == POST_LOGIN)
}

fn require_always(tenant: &Tenant) -> Change {
    Change::set(tenant, KIND, "", json!(["all-applications"]))
}
