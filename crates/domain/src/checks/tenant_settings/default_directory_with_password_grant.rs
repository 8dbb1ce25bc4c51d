//! Password grants that name no connection try the passwords of the default directory, and some application may use
//! such a grant.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::{in_use, unknown};
use crate::readings::{Client, Clients, GrantType, TenantSettings};

pub const CHECK: Check = Check {
    id: "default-directory-with-password-grant",
    version: 1,
    title: "Password grants reach the default directory",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "An application that may use a password grant can try passwords of that directory without \
           naming it, also where it was not meant to log its users in.",
    resource: RESOURCE,
    reads: &[KIND, ReadingKind::Clients],
    parents: &[],
    remediation: &super::remediation(&[
        "Move the listed applications to the authorization code grant with PKCE.",
        "Under Settings > General > API Authorization Settings, clear the default directory.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "Logins by a password grant that names no connection fail.",
    )),
    controls: &[&sets::OAUTH, &sets::LEAST_PRIVILEGE],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    const POINTER: &str = "/default_directory";
    let settings = tenant.read::<TenantSettings>()?;
    let apps = in_use::applications(tenant.read::<Clients>()?);
    let is_set = settings.default_directory.known().map(|name| !name.as_str().is_empty());
    let may = |app: &Client| app.grant_types.known()?.has(&GrantType::Password);
    let any_may = unknown::any(apps.clone().map(may));
    if !unknown::all([is_set, any_may])? {
        return Ok(Verdict::Pass);
    }
    let names = apps.filter(|app| may(app) == Ok(true)).map(|app| json!(app.name));
    let names: Vec<_> = names.take(SHOWN_MAX).collect();
    let mut violation =
        Violation::at(tenant, CHECK.severity, KIND, POINTER, &Expected::Is(json!("")));
    violation.evidence.push(Evidence::wrong(ReadingKind::Clients, "", json!(names), json!([])));
    violation.fixed_by(Change::set(tenant, KIND, POINTER, json!(""))).into_failure()
}

/// Maximum number of names shown.
const SHOWN_MAX: usize = 20;

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/default_directory";
    one_with_an_application_that_may_use_it_fails {
        {"/default_directory": "Users", "clients/0/grant_types": ["password"]} => fails {"count": 2,
            "at": ["/default_directory", ""], "found": ["Users", ["Shop"]], "fix": {"default_directory": ""},
            "undo": {"default_directory": "Users"}};
    }
    without_either_it_passes {
        "Users" => passes;
        {"clients/0/grant_types": ["password"]} => passes;
        {"/default_directory": "Users", "clients/0/grant_types": ["a-new-grant"]}, {"/default_directory": 1,
            "clients/0/grant_types": ["password"]} => unknown;
    }
}
