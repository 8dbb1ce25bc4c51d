//! Sessions outlive the browser on a tenant with applications that administrate something, by their names.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::{in_use, unknown};
use crate::readings::{Client, Clients, SessionCookieMode, TenantSettings, Text};

pub const CHECK: Check = Check {
    id: "session-cookie-persistent",
    version: 1,
    title: "Sessions of administrators outlive the browser",
    severity: Severity::Info,
    confidence: Confidence::Medium,
    risk: "Whoever opens the browser next, on a shared or stolen machine, is logged in to the listed \
           applications.",
    resource: RESOURCE,
    reads: &[KIND, ReadingKind::Clients],
    parents: &[],
    remediation: &super::remediation(&[
        "Decide whether users should log in again after they close the browser.",
        "Under Settings > Advanced > Login Session Management, choose Non-persistent.",
        "Save.",
    ])
    .with_side_effects(SideEffects::on_users(
        "Users log in again after they have closed the browser.",
    )),
    controls: &[&sets::SESSIONS],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

/// Words in the names of applications of high risk.
const WORDS: [&str; 8] = [
    "admin",
    "administration",
    "administrator",
    "backoffice",
    "internal",
    "console",
    "finance",
    "payroll",
];

fn evaluate(tenant: &Tenant) -> Judgement {
    const POINTER: &str = "/session_cookie/mode";
    let settings = tenant.read::<TenantSettings>()?;
    let apps = in_use::applications(tenant.read::<Clients>()?);
    let mode = settings.session_cookie.known().and_then(|cookie| cookie.mode.known());
    let persists = mode.map(|mode| *mode == SessionCookieMode::Persistent);
    let any_risky = unknown::any(apps.clone().map(is_risky));
    if !unknown::all([persists, any_risky])? {
        return Ok(Verdict::Pass);
    }
    let names = apps.filter(|app| is_risky(app) == Ok(true)).map(|app| json!(app.name));
    let names: Vec<_> = names.take(SHOWN_MAX).collect();
    let expected = Expected::Is(json!("non-persistent"));
    let mut violation = Violation::at(tenant, CHECK.severity, KIND, POINTER, &expected);
    violation.evidence.push(Evidence::wrong(ReadingKind::Clients, "", json!(names), json!([])));
    violation.fixed_by(Change::set(tenant, KIND, POINTER, json!("non-persistent"))).into_failure()
}

/// Maximum number of names shown.
const SHOWN_MAX: usize = 20;

fn is_risky(app: &Client) -> Result<bool, Inconclusive> {
    let is_one = |name: &Text| {
        let name = name.as_str().to_lowercase();
        name.split(|c: char| !c.is_alphanumeric()).any(|word| WORDS.contains(&word))
    };
    unknown::all([app.name.known().map(is_one), in_use::sends_users(app)])
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    a_persistent_cookie_fails_beside_an_application_of_high_risk {
        {"/session_cookie": {"mode": "persistent"}, "clients/0/name": "Shop admin"} => fails {"count": 2,
            "found": ["persistent", ["Shop admin"]], "fix": {"session_cookie": {"mode": "non-persistent"}}};
        {"/friendly_name": "Acme", "/session_cookie": null, "clients/0/name": "Back-Office internal"}
            => fails {"found/0": null, "evidence/0/assumed": "persistent", "confidence": "medium"};
    }
    other_applications_and_cookies_pass {
        {"/session_cookie": {"mode": "persistent"}, "clients/0/name": "Shop"} => passes;
        {"/session_cookie": {"mode": "non-persistent"}, "clients/0/name": "Shop admin"} => passes;
        {"/session_cookie": {"mode": "new"}, "clients/0/name": "Shop admin"} => unknown;
    }
}
