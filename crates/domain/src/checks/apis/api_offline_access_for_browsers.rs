//! An API gives refresh tokens, and a single-page application may get them without rotation: in a browser, where scripts
//! can read them (RFC 9700 section 4.14.2 asks for rotation or binding).

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::{in_use, unknown};
use crate::readings::{AppType, Client, Clients, GrantType, ResourceServers, RotationType};

pub const CHECK: Check = Check {
    id: "api-offline-access-for-browsers",
    version: 1,
    title: "Browsers may keep refresh tokens of an API that do not rotate",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "A script in the page reads the refresh token and has access to the API until it ends, unseen.",
    resource: RESOURCE,
    reads: &[KIND, ReadingKind::Clients],
    parents: &[],
    remediation: &super::remediation(&[
        "Switch rotation on for the listed applications.",
        "If they need no refresh tokens, clear the grant, or switch Allow Offline Access off on the API.",
        "Save.",
    ])
    // Every application of the API would lose its refresh tokens.
    .without_call(),
    controls: &[&sets::TOKENS, &sets::OAUTH],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    let clients = tenant.read::<Clients>()?;
    let apps = || in_use::applications(clients);
    let any_keeps = unknown::any(apps().map(keeps));
    let names = apps().filter(|app| keeps(app) == Ok(true)).map(|app| json!(app.name));
    let names: Vec<_> = names.take(SHOWN_MAX).collect();
    each::<ResourceServers>(tenant, super::is_of_the_customer, |api| {
        let gives = api.item.allow_offline_access.known().copied();
        if !unknown::all([gives, any_keeps])? {
            return Ok(Verdict::Pass);
        }
        let off = Expected::Is(json!(false));
        let mut violation = api.wrong(CHECK.severity, "/allow_offline_access", &off);
        violation.evidence.push(Evidence::wrong(ReadingKind::Clients, "", json!(names), json!([])));
        violation.into_failure()
    })
}

/// Maximum number of names shown.
const SHOWN_MAX: usize = 20;

/// Whether it is a single-page application whose refresh tokens do not rotate.
fn keeps(app: &Client) -> Result<bool, Inconclusive> {
    let rotation = app.refresh_token.known().and_then(|tokens| tokens.rotation_type.known());
    unknown::all([
        app.app_type.known().map(|of| *of == AppType::Spa),
        app.grant_types.known().and_then(|grants| grants.has(&GrantType::RefreshToken)),
        rotation.map(|of| *of == RotationType::NonRotating),
    ])
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/1/allow_offline_access";
    offline_access_fails_beside_a_browser_whose_tokens_do_not_rotate {
        {"/1/allow_offline_access": true, "clients/0/app_type": "spa", "clients/0/refresh_token/rotation_type":
            "non-rotating"} => fails {"at": ["/allow_offline_access", ""], "found": [true, ["Shop"]]};
    }
    rotation_other_kinds_and_no_offline_access_pass {
        {"/1/allow_offline_access": true, "clients/0/app_type": "spa"} => passes;
        {"/1/name": "Orders", "clients/0/app_type": "spa", "clients/0/refresh_token/rotation_type": "non-rotating"}
            => passes;
    }
    what_is_new_or_missing_is_unknown {
        {"/1/allow_offline_access": true, "clients/0/app_type": "spa", "clients/0/refresh_token": "(absent)"} => unknown;
        {"/1/allow_offline_access": "new", "clients/0/app_type": "spa", "clients/0/refresh_token/rotation_type":
            "non-rotating"} => unknown;
    }
}
