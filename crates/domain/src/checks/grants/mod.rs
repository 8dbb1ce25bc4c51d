//! What applications may do at APIs: `client-grants`. Nothing is mended by a call: what is still
//! needed is for the owner of the application to say.

pub mod grant_all_scopes;
pub mod grant_management_write;
pub mod grant_self_escalation;

use super::management_api;
use super::prelude::*;
use crate::readings::ClientGrant;

const KIND: ReadingKind = ReadingKind::ClientGrants;
/// Of each finding: `client-grants/{id}`.
const RESOURCE: &str = "client-grants";

const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Applications > APIs > (the API) > Machine to Machine Applications",
        steps,
        call: None,
        required_scope: None,
    }
}

/// Whether it is for the Management API, and not our own: what that one may do is known from our
/// token, and has checks of its own (LPR-01, -02).
fn is_of_another(grant: &Object<'_, ClientGrant>) -> Result<bool, Unjudged> {
    if !management_api::is_named(grant.item.audience.known()?.as_str()) {
        return Ok(false);
    }
    Ok(grant.item.client_id.known()?.as_str() != grant.tenant.client_id)
}

/// Fails where there are offending scopes.
fn offending(grant: &Object<'_, ClientGrant>, severity: Severity, scopes: &[&str]) -> Judgement {
    if scopes.is_empty() {
        return Ok(Verdict::Pass);
    }
    Violation::shown_by(severity, vec![grant.lists("/scope", scopes)]).fails()
}
