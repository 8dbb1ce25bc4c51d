//! Revoking a refresh token leaves the others of the same user and application valid.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "refresh-token-revocation-keeps-grant",
    version: 1,
    title: "Revoking a refresh token leaves the others of its grant",
    severity: Severity::Info,
    confidence: Confidence::High,
    risk: "After a theft the token that somebody found is revoked, and those on other devices work on.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Make sure that applications revoke only to log users out.",
        "Under Settings > Advanced, switch Refresh Token Revocation Deletes Grant on.",
        "Save.",
    ])
    .with_side_effects(SideEffects::on_users(
        "Users are logged out on all their devices when one of them is.",
    )),
    controls: &[&sets::TOKENS],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Switch(Switch {
        pointer: "/flags/revoke_refresh_token_grant",
        wrong: false,
        of: SwitchOf::TenantFlags(|flags| &flags.revoke_refresh_token_grant),
    })),
};
