//! APP-12: a confidential application pushes no requests (RFC 9126) and binds no tokens (RFC 9449).
//! Either is enough.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::three_valued;
use crate::readings::Clients;

pub const CHECK: Check = Check {
    id: "application-requests-not-hardened",
    version: 3,
    title: "A confidential application needs neither pushed requests nor proof of possession",
    severity: Severity::Info,
    confidence: Confidence::High,
    risk: "Authorization requests can be changed in the browser on their way, and tokens that \
           leak work for whoever has them.",
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
        if !three_valued::all(parts)? {
            return Ok(Verdict::Pass);
        }
        let mut violation = app.wrong(CHECK.severity, PUSHED, &Expected::Is(json!(true)));
        violation.evidence.push(app.shows(BOUND, &Expected::Is(json!(true))));
        // Who only gets tokens for itself has no authorization request to push.
        let pointer = if super::sends_users(app.item) == Ok(false) { BOUND } else { PUSHED };
        violation.fixed_by(app.set(pointer, json!(true))).into_failure()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, on_sample, on_sample_without, unknown, violation};

    const NEITHER: [&str; 2] =
        ["/0/require_pushed_authorization_requests", "/0/require_proof_of_possession"];

    #[test]
    fn neither_fails_and_either_passes() {
        let neither = NEITHER.map(|pointer| (pointer, json!(false)));
        let judged = on_sample(&CHECK, KIND, &neither);
        assert_eq!(violation(judged.clone()).evidence.len(), 2);
        assert_eq!(change(judged).0, json!({"require_pushed_authorization_requests": true}));
        for pointer in NEITHER {
            assert_eq!(on_sample(&CHECK, KIND, &[(pointer, json!(false))]), PASS);
        }
        let [pushed, bound] = neither;
        let public = ("/0/app_type", json!("native"));
        assert_eq!(on_sample(&CHECK, KIND, &[pushed.clone(), bound.clone(), public]), PASS);
        let machine = ("/0/grant_types", json!(["client_credentials"]));
        let judged = on_sample(&CHECK, KIND, &[pushed, bound, machine]);
        assert_eq!(change(judged).0, json!({"require_proof_of_possession": true}));
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        let changes = [(NEITHER[0], json!(false)), (NEITHER[1], json!("new"))];
        assert_eq!(on_sample(&CHECK, KIND, &changes), unknown());
        assert_eq!(on_sample_without(&CHECK, KIND, NEITHER[0]), PASS);
    }
}
