//! Multi-factor authentication: `guardian/policies`, a bare array that `PUT` replaces. Rules and Actions may require
//! more than the policies, so if there are some, the confidence is lower.

pub mod mfa_delegated_to_code;
pub mod mfa_never_required;
pub mod mfa_risk_based_only;

use super::prelude::*;
use super::unknown;
use crate::readings::{Action, ActionTrigger, Actions, Field, Rules, TenantSettings, Text};

/// Parents before children.
pub const CHECKS: &[&Check] =
    &[&mfa_never_required::CHECK, &mfa_risk_based_only::CHECK, &mfa_delegated_to_code::CHECK];

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
    let actions = actions.iter().filter(|action| may_run_after_login(action) == Ok(true));
    let rules: Vec<_> = rules.map(|rule| json!(rule.name)).take(SHOWN_MAX).collect();
    let actions: Vec<_> = actions.map(|action| json!(action.name)).take(SHOWN_MAX).collect();
    let shown = [(ReadingKind::Rules, rules), (ReadingKind::Actions, actions)];
    let shown = shown.into_iter().filter(|(_, names)| !names.is_empty());
    shown.map(|(kind, names)| Evidence::compensating(kind, json!(names))).collect()
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
/// a tenant that lets it choose the factors. Where Rules are retired there are none.
pub fn is_delegated(tenant: &Tenant) -> Result<bool, Inconclusive> {
    let by_rule =
        match tenant.read::<Rules>() {
            Ok(rules) => unknown::any(rules.0.iter().map(|rule| {
                unknown::all([rule.enabled.known().copied(), is_named_so(&rule.name)])
            })),
            Err(Inconclusive::NotApplicable(_)) => Ok(false),
            Err(unread) => Err(unread),
        };
    let settings = tenant.read::<TenantSettings>();
    let chooses = settings.and_then(|of| of.customize_mfa_in_postlogin_action.known().copied());
    let by_action = tenant.read::<Actions>().and_then(|actions| {
        unknown::any(actions.0.iter().map(|action| {
            let asks = unknown::any([is_named_so(&action.name), chooses]);
            unknown::all([may_run_after_login(action), asks])
        }))
    });
    unknown::any([by_rule, by_action])
}

fn is_named_so(name: &Field<Text>) -> Result<bool, Inconclusive> {
    let name = name.known()?.as_str().to_lowercase();
    Ok(NAMES.iter().any(|word| name.contains(word)))
}

fn may_run_after_login(action: &Action) -> Result<bool, Inconclusive> {
    let is_deployed = match &action.deployed_version {
        version if version.ok().is_some() => Ok(true),
        _ => action.all_changes_deployed.known().copied(),
    };
    let is_after_login = action.supported_triggers.known().and_then(|triggers| {
        let is_it = |of: &ActionTrigger| Ok(of.id.known()?.as_str() == POST_LOGIN);
        unknown::any(triggers.0.iter().map(is_it))
    });
    unknown::all([is_deployed, is_after_login])
}

fn require_always(tenant: &Tenant) -> Change {
    Change::set(tenant, KIND, "", json!(["all-applications"]))
}
