//! APP-12: a confidential application neither pushes authorization requests (RFC 9126) nor binds tokens (RFC 9449).
//! Either suffices.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::Clients;

pub const CHECK: Check = Check {
    id: "application-requests-not-hardened",
    version: 4,
    title: "A confidential application needs neither pushed requests nor proof of possession",
    severity: Severity::Info,
    confidence: Confidence::High,
    risk: "Authorization requests can be changed in the browser on their way, and tokens that \
           leak work for anyone who has them.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Let the application push its authorization requests, or bind its tokens.",
        "Under Advanced Settings, require it.",
        "Save.",
    ]),
    controls: &[&sets::OAUTH, &sets::TOKENS],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    const PUSHED: &str = "/require_pushed_authorization_requests";
    const BOUND: &str = "/require_proof_of_possession";
    each::<Clients>(tenant, super::is_another, |app| {
        let pushes = app.item.require_pushed_authorization_requests.known();
        let binds = app.item.require_proof_of_possession.known();
        let parts = [
            super::is_confidential(app.item),
            pushes.map(|pushes| !pushes),
            binds.map(|binds| !binds),
        ];
        if !unknown::all(parts)? {
            return Ok(Verdict::Pass);
        }
        let mut violation = app.wrong(CHECK.severity, PUSHED, &Expected::Is(json!(true)));
        violation.evidence.push(app.shows(BOUND, &Expected::Is(json!(true))));
        // An application without users has no authorization request to push.
        let pointer = if super::sends_users(app.item) == Ok(false) { BOUND } else { PUSHED };
        violation.fixed_by(app.set(pointer, json!(true))).into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    neither_fails_and_either_passes {
        {"/0/require_pushed_authorization_requests": false, "/0/require_proof_of_possession": false}
            => fails {"count": 2, "fix": {"require_pushed_authorization_requests": true}};
        {"/0/require_pushed_authorization_requests": false}, {"/0/require_proof_of_possession": false},
        {"/0/require_pushed_authorization_requests": "(absent)"} => passes;
    }
    a_public_application_passes_and_a_machine_has_no_request_to_push {
        {"/0/require_pushed_authorization_requests": false, "/0/require_proof_of_possession": false,
            "/0/app_type": "native"} => passes;
        {"/0/require_pushed_authorization_requests": false, "/0/require_proof_of_possession": false,
            "/0/grant_types": ["client_credentials"]} => fails {"fix": {"require_proof_of_possession": true}};
    }
}
