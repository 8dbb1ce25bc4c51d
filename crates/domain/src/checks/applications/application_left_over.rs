//! An application that Auth0 or somebody made for a trial, and that still holds grants.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::{ClientGrant, ClientGrants, Clients, Text};
use std::collections::BTreeSet;

pub const CHECK: Check = Check {
    id: "application-left-over",
    version: 1,
    title: "A left-over or test application still has grants",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    risk: "Nobody looks after its secret, which may be in samples and old machines, and it still opens \
           an API.",
    resource: RESOURCE,
    reads: &[KIND, ReadingKind::ClientGrants],
    parents: &[],
    remediation: &super::remediation(&[
        "Make sure that nothing uses the application: look for its logins in the tenant log.",
        "On the API, under Machine to Machine Applications, take its grants away.",
        "Delete the application.",
    ])
    .without_call(),
    controls: &[&sets::LEAST_PRIVILEGE, &sets::CONFIGURATION],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

/// Applications that Auth0 makes itself, for a trial of the tenant, of an API or of the Management API.
const MADE_BY_AUTH0: [&str; 2] = ["default app", "api explorer application"];

fn evaluate(tenant: &Tenant) -> Judgements {
    let grants = &tenant.read::<ClientGrants>()?.0;
    let live: BTreeSet<&str> =
        grants.iter().filter(|grant| is_live(grant)).filter_map(owner).collect();
    each::<Clients>(tenant, super::is_another, |app| {
        let has_grants = live.contains(app.item.client_id.known()?.as_str());
        let is_left = app.item.name.known().map(|name| is_left_over(name.as_str()));
        if !unknown::all([Ok(has_grants), is_left])? {
            return Ok(Verdict::Pass);
        }
        app.wrong(CHECK.severity, "/name", &Expected::SET).into_failure()
    })
}

fn owner(grant: &ClientGrant) -> Option<&str> {
    grant.client_id.ok().map(Text::as_str)
}

/// Whether it allows anything.
fn is_live(grant: &ClientGrant) -> bool {
    grant.allow_all_scopes.ok() == Some(&true) || grant.scope.ok().is_some_and(|of| !of.is_empty())
}

/// Auth0 adds "(Test Application)" to the name of an API.
fn is_left_over(name: &str) -> bool {
    let name = name.to_lowercase();
    let is_test = |word: &str| word == "test";
    MADE_BY_AUTH0.contains(&name.as_str())
        || name.split(|c: char| !c.is_alphanumeric()).any(is_test)
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/0/name";
    the_names_of_trials_fail_while_they_have_grants {
        "Default App", "Orders (Test Application)", "API Explorer Application", "test-2" => fails {"at": "/name", "fix": null};
    }
    other_names_and_empty_grants_pass {
        "Shop", "Latest contest", "Attestation" => passes;
        {"/0/name": "Default App", "client_grants": [{"id": "a", "client_id": "app1", "audience": "x", "scope": []}]},
        {"/0/name": "Default App", "client_grants": []} => passes;
        1 => unknown;
    }
}
