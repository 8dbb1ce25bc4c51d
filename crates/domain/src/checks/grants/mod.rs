//! The scopes of applications: `client-grants`. No computed fixes: only the application's owner knows which scopes it
//! needs.

pub mod grant_all_scopes;
pub mod grant_controls_logins;
pub mod grant_management_write;
pub mod grant_reads_secrets;
pub mod grant_self_escalation;

use super::management_api;
use super::prelude::*;
use crate::readings::ClientGrant;

/// Parents before children.
pub const CHECKS: &[&Check] = &[
    &grant_management_write::CHECK,
    &grant_self_escalation::CHECK,
    &grant_all_scopes::CHECK,
    &grant_reads_secrets::CHECK,
    &grant_controls_logins::CHECK,
];

const KIND: ReadingKind = ReadingKind::ClientGrants;
/// Of a finding: `client-grants/{id}`.
const RESOURCE: &str = "client-grants";

const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Applications > APIs > (the API) > Machine to Machine Applications",
        steps,
        call: None,
        required_scope: None,
        side_effects: SideEffects::after_changes(
            "Calls of the application that need a removed scope are refused.",
        ),
    }
}

/// Whether it is for the Management API and another application. This service's own scopes are known from the token,
/// and have separate checks (LPR-01, -02).
fn is_of_another(grant: &Object<'_, ClientGrant>) -> Result<bool, Inconclusive> {
    if !is_at_management_api(grant.item)? {
        return Ok(false);
    }
    if is_for_all_third_parties(grant.item) {
        return Ok(true);
    }
    Ok(grant.item.client_id.known()?.as_str() != grant.tenant.client_id)
}

fn is_at_management_api(grant: &ClientGrant) -> Result<bool, Inconclusive> {
    Ok(management_api::is_named(grant.audience.known()?.as_str()))
}

/// A grant without an application is the default for all third-party applications (recorded responses of Auth0).
fn is_for_all_third_parties(grant: &ClientGrant) -> bool {
    grant.client_id.is_absent()
}

/// Fails if the grant has scopes that are `wrong`. A grant of all scopes has each of them, whatever it lists.
fn judge_scopes(
    grant: &Object<'_, ClientGrant>,
    severity: Severity,
    wrong: impl Fn(&str) -> bool,
) -> Judgement {
    let allows_all = grant.item.allow_all_scopes.known().copied();
    if allows_all == Ok(true) {
        return all_scopes(grant, severity).into_failure();
    }
    let listed = grant.item.scope.known()?.iter();
    let offending: Vec<&str> = listed.filter(|scope| wrong(scope)).collect();
    if offending.is_empty() {
        return allows_all.map(|_| Verdict::Pass);
    }
    violation(grant, severity, grant.lists("/scope", &offending)).into_failure()
}

/// A violation by the grant of all scopes.
fn all_scopes(grant: &Object<'_, ClientGrant>, severity: Severity) -> Violation {
    let shown = grant.shows("/allow_all_scopes", &Expected::Is(json!(false)));
    violation(grant, severity, shown)
}

/// A violation with the grant's scopes and, for a default, to whom it applies.
fn violation(grant: &Object<'_, ClientGrant>, severity: Severity, shown: Evidence) -> Violation {
    let mut evidence = vec![shown];
    if is_for_all_third_parties(grant.item) {
        evidence.push(grant.shows("/default_for", &Expected::Is(json!(null))));
    }
    Violation::from_evidence(severity, evidence)
}
