//! Refresh tokens that end, but after more than a year, or old ones that work on for long after they were replaced.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::{Clients, Count, ExpirationType, Field, GrantType, RotationType};

const MAX_SECONDS: Threshold = Threshold {
    check: "application-refresh-token-long",
    name: "max_seconds",
    title: "Fails when a refresh token lives longer than",
    unit: "s",
    default: 31_557_600,
    min: 60,
    max: 315_576_000,
    not_above: None,
    source: "Auth0's own longest default: a year.",
};

const MAX_LEEWAY_SECONDS: Threshold = Threshold {
    check: "application-refresh-token-long",
    name: "max_leeway_seconds",
    title: "Fails when a replaced refresh token works on for more than",
    unit: "s",
    default: 60,
    min: 0,
    max: 31_557_600,
    not_above: None,
    source: "\"Configure Refresh Token Rotation\": the overlap is for lost answers; a minute covers a retry.",
};

pub const CHECK: Check = Check {
    id: "application-refresh-token-long",
    version: 1,
    title: "An application has refresh tokens that live for years or overlap for long",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "A stolen refresh token gives access for as long as it lives, and while an old one still \
           works its reuse is not noticed.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Refresh Token Expiration, set an absolute lifetime of a year or less, or what your policy asks for.",
        "Under Refresh Token Rotation, set a short overlap period.",
        "Save.",
    ])
    .with_side_effects(SideEffects::on_users(
        "Users log in again when their refresh token has ended.",
    )),
    controls: &[&sets::TOKENS],
    thresholds: &[&MAX_SECONDS, &MAX_LEEWAY_SECONDS],
    evaluate: Condition::EachWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgements {
    let bounds = [terms.value_of(&MAX_SECONDS), terms.value_of(&MAX_LEEWAY_SECONDS)];
    each::<Clients>(tenant, super::is_of_the_tenant, |app| {
        let gets_them = app.item.grant_types.known().and_then(|g| g.has(&GrantType::RefreshToken));
        if gets_them == Ok(false) {
            return Ok(Verdict::Pass);
        }
        let tokens = app.item.refresh_token.known()?;
        // Another check reports those that never end or are never replaced.
        let ends = unknown::all([
            tokens.expiration_type.known().map(|of| *of == ExpirationType::Expiring),
            tokens.infinite_token_lifetime.known().map(|never| !never),
        ]);
        let rotates = tokens.rotation_type.known().map(|of| *of == RotationType::Rotating);
        let over = |of: &Field<Count>, most: u64| of.known().map(|seconds| seconds.0 > most);
        let settings = [
            ("token_lifetime", [ends, over(&tokens.token_lifetime, bounds[0])], bounds[0]),
            ("leeway", [rotates, over(&tokens.leeway, bounds[1])], bounds[1]),
        ]
        .map(|(name, parts, most)| (name, unknown::all(parts), most));
        let is_wrong = unknown::any(settings.map(|(_, is_over, _)| is_over));
        if !unknown::all([gets_them, is_wrong])? {
            return Ok(Verdict::Pass);
        }
        let (mut shown, mut members) = (Vec::new(), Vec::new());
        for (name, _, most) in settings.into_iter().filter(|(_, is_over, _)| *is_over == Ok(true)) {
            shown.push(app.shows(&format!("/refresh_token/{name}"), &Expected::AtMost(most)));
            members.push((name, json!(most)));
        }
        // Auth0 takes no idle lifetime beyond the absolute one.
        let idle = tokens.idle_token_lifetime.ok().map_or(0, |idle| idle.0);
        let shortened = members.iter().any(|(name, _)| *name == "token_lifetime");
        if shortened && idle > bounds[0] {
            members.push(("idle_token_lifetime", json!(bounds[0])));
        }
        let change = app.change_members("/refresh_token", &members);
        Violation::from_evidence(CHECK.severity, shown).fixed_by(change).into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/0/refresh_token/token_lifetime";
    more_than_a_year_and_a_long_overlap_fail {
        31_557_600 => passes;
        31_557_601 => fails {"at": "/refresh_token/token_lifetime", "expected": {"at_most": 31_557_600},
            "fix/refresh_token/token_lifetime": 31_557_600, "undo/refresh_token/token_lifetime": 31_557_601};
        {"/0/refresh_token/leeway": 60} => passes;
        {"/0/refresh_token/leeway": 61} => fails {"at": "/refresh_token/leeway", "fix/refresh_token/leeway": 60};
    }
    what_never_ends_or_rotates_is_told_elsewhere {
        {"/0/refresh_token/token_lifetime": 99_999_999, "/0/refresh_token/infinite_token_lifetime": true},
        {"/0/refresh_token/token_lifetime": 99_999_999, "/0/refresh_token/expiration_type": "non-expiring"},
        {"/0/refresh_token/leeway": 999, "/0/refresh_token/rotation_type": "non-rotating"},
        {"/0/refresh_token/token_lifetime": 99_999_999, "/0/grant_types": ["authorization_code"]} => passes;
    }
    what_is_missing_or_new_is_unknown {
        "(absent)", "new", {"/0/refresh_token": "(absent)"} => unknown;
    }
}
