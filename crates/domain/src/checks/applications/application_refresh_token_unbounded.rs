//! APP-06: a stolen refresh token works forever, or beside the original.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::{Clients, ExpirationType, GrantType, RefreshToken, RotationType};

/// Default lifetimes of Auth0: 30 days, and 15 days idle; in seconds.
const LIFETIME_S: u64 = 2_592_000;
const IDLE_LIFETIME_S: u64 = 1_296_000;

/// Name, whether it is wrong, and the expected value.
type Setting = (&'static str, Result<bool, Inconclusive>, serde_json::Value);

pub const CHECK: Check = Check {
    id: "application-refresh-token-unbounded",
    version: 2,
    title: "An application has refresh tokens that never end or do not rotate",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "A stolen refresh token gives access for as long as it lives, and without rotation \
           nobody notices that two parties use it.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Refresh Token Rotation, switch rotation on.",
        "Under Refresh Token Expiration, set an absolute and an inactivity lifetime.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "The application has to store the new token of each exchange; users log in again \
         when a token ends.",
    )),
    controls: &[&sets::TOKENS],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<Clients>(tenant, super::is_of_the_tenant, |app| {
        let gets_them = app.item.grant_types.known().and_then(|g| g.has(&GrantType::RefreshToken));
        if gets_them == Ok(false) {
            return Ok(Verdict::Pass);
        }
        let tokens = app.item.refresh_token.known()?;
        let settings = settings(tokens);
        let is_unbounded = unknown::any(settings.iter().map(|(_, wrong, _)| *wrong));
        if !unknown::all([gets_them, is_unbounded])? {
            return Ok(Verdict::Pass);
        }
        let wrong = settings.into_iter().filter(|(_, wrong, _)| *wrong == Ok(true));
        let (mut shown, mut members) = (Vec::new(), Vec::new());
        for (name, _, right) in wrong {
            let pointer = format!("/refresh_token/{name}");
            shown.push(app.shows(&pointer, &Expected::Is(right.clone())));
            members.push((name, right));
        }
        if tokens.token_lifetime.is_absent() {
            members.push(("token_lifetime", json!(LIFETIME_S)));
        }
        if tokens.idle_token_lifetime.is_absent() {
            members.push(("idle_token_lifetime", json!(IDLE_LIFETIME_S)));
        }
        let change = app.change_members("/refresh_token", &members);
        Violation::from_evidence(CHECK.severity, shown).fixed_by(change).into_failure()
    })
}

fn settings(tokens: &RefreshToken) -> [Setting; 4] {
    [
        (
            "rotation_type",
            tokens.rotation_type.known().map(|is| *is == RotationType::NonRotating),
            json!("rotating"),
        ),
        (
            "expiration_type",
            tokens.expiration_type.known().map(|is| *is == ExpirationType::NonExpiring),
            json!("expiring"),
        ),
        ("infinite_token_lifetime", tokens.infinite_token_lifetime.known().copied(), json!(false)),
        (
            "infinite_idle_token_lifetime",
            tokens.infinite_idle_token_lifetime.known().copied(),
            json!(false),
        ),
    ]
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/0/refresh_token/infinite_token_lifetime";
    each_setting_without_a_bound_is_shown_and_the_object_is_sent_whole {
        {"/0/refresh_token/rotation_type": "non-rotating", "/0/refresh_token/infinite_token_lifetime": true}
            => fails {"count": 2, "at/0": "/refresh_token/rotation_type",
                "fix/refresh_token/rotation_type": "rotating", "fix/refresh_token/leeway": 0,
                "fix/refresh_token/infinite_token_lifetime": false,
                "undo/refresh_token/infinite_token_lifetime": true};
    }
    bounded_ones_and_none_pass {
        false => passes;
        {"/0/grant_types": ["authorization_code"], "/0/refresh_token/infinite_token_lifetime": true} => passes;
        {"/0/grant_types": ["a-new-grant"], "/0/refresh_token/infinite_token_lifetime": true} => unknown;
    }
}
