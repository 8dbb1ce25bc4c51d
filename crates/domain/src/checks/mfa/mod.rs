//! Multi-factor authentication: `guardian/policies`, a bare array that `PUT` replaces. Rules and Actions may require
//! more than the policies, so if there are some, the confidence is lower.

pub mod mfa_never_required;
pub mod mfa_risk_based_only;

use super::prelude::*;
use crate::readings::{Action, Actions, Rules, TenantSettings};

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

/// Words in the names of code that asks for a second factor.
const NAMES: [&str; 9] = [
    "mfa",
    "multifactor",
    "multi-factor",
    "multi factor",
    "2fa",
    "second factor",
    "step-up",
    "stepup",
    "guardian",
];

/// Whether code of the tenant's is there to require a second factor: by its name, or because a post-login Action runs on
/// a tenant that lets it choose the factors.
pub fn is_delegated(tenant: &Tenant) -> bool {
    let shown = custom_code_evidence(tenant);
    let is_named = |name: &serde_json::Value| {
        let name = name.as_str().unwrap_or_default().to_lowercase();
        NAMES.iter().any(|word| name.contains(word))
    };
    let settings = tenant.find::<TenantSettings>();
    let by_action = settings.and_then(|settings| settings.customize_mfa_in_postlogin_action.ok());
    shown.iter().any(|of| {
        let chooses = of.reading == ReadingKind::Actions && by_action == Some(&true);
        chooses || of.found.as_array().into_iter().flatten().any(is_named)
    })
}

fn require_always(tenant: &Tenant) -> Change {
    Change::set(tenant, KIND, "", json!(["all-applications"]))
}
