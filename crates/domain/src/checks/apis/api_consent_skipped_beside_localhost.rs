//! An API skips consent for applications of the tenant, and one of them also has a callback on the user's machine, where
//! any program may be the application ("Measures Against Application Impersonation" in Auth0's documentation).

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::{addresses, in_use, unknown};
use crate::readings::{Client, Clients, ResourceServers, Texts};

pub const CHECK: Check = Check {
    id: "api-consent-skipped-beside-localhost",
    version: 1,
    title: "Consent is skipped for an application that has local callbacks",
    severity: Severity::Info,
    confidence: Confidence::Medium,
    risk: "A program on the machine of the user can pose as the application; consent is what would tell \
           them.",
    resource: RESOURCE,
    reads: &[KIND, ReadingKind::Clients],
    parents: &[],
    remediation: &super::remediation(&[
        "Use another application, in another tenant, for development.",
        "Remove the local callbacks of the listed applications.",
        "Or switch Allow Skipping User Consent off on the API, and save.",
    ])
    .with_side_effects(SideEffects::on_users("Users are asked for consent at their next login.")),
    controls: &[&sets::OAUTH],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    let clients = tenant.read::<Clients>()?;
    let apps = || in_use::applications(clients);
    let any_local = unknown::any(apps().map(is_local));
    let names = apps().filter(|app| is_local(app) == Ok(true)).map(|app| json!(app.name));
    let names: Vec<_> = names.take(SHOWN_MAX).collect();
    each::<ResourceServers>(tenant, super::is_of_the_customer, |api| {
        let skips = api.item.skip_consent_for_verifiable_first_party_clients.known().copied();
        if !unknown::all([skips, any_local])? {
            return Ok(Verdict::Pass);
        }
        let pointer = "/skip_consent_for_verifiable_first_party_clients";
        let mut violation = api.wrong(CHECK.severity, pointer, &Expected::Is(json!(false)));
        violation.evidence.push(Evidence::wrong(ReadingKind::Clients, "", json!(names), json!([])));
        violation.fixed_by(api.set(pointer, json!(false))).into_failure()
    })
}

/// Maximum number of names shown.
const SHOWN_MAX: usize = 20;

/// Whether it is an application of the tenant's own with a callback on the user's machine.
fn is_local(app: &Client) -> Result<bool, Inconclusive> {
    let any_local = |urls: &Texts| urls.iter().any(addresses::is_loopback);
    unknown::all([
        app.is_first_party.known().copied(),
        in_use::sends_users(app),
        app.callbacks.known().map(any_local),
    ])
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/1/skip_consent_for_verifiable_first_party_clients";
    skipping_fails_beside_a_local_callback {
        {"/1/skip_consent_for_verifiable_first_party_clients": true, "clients/0/callbacks": ["http://localhost:3000"]}
            => fails {"found": [true, ["Shop"]],
            "fix": {"skip_consent_for_verifiable_first_party_clients": false}};
    }
    either_alone_passes {
        true => passes;
        {"/1/name": "Orders", "clients/0/callbacks": ["http://localhost:3000"]} => passes;
        {"/1/skip_consent_for_verifiable_first_party_clients": "new", "clients/0/callbacks": ["http://localhost:3000"]}
            => unknown;
    }
}
