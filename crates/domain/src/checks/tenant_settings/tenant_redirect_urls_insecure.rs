//! TEN-08: users may be redirected to addresses that others control. No computed fix: only the customer knows the
//! right ones.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::{addresses, unknown};
use crate::readings::TenantSettings;

pub const CHECK: Check = Check {
    id: "tenant-redirect-urls-insecure",
    version: 2,
    title: "The logout or redirect URLs of the tenant are insecure",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "Users who log out, or who have lost their way, are sent to pages that others can \
           read, change or own.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Advanced > Allowed Logout URLs, replace the listed entries by full https \
         addresses.",
        "Under General or Advanced, do the same with the default login route.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes("Logouts and redirects to a removed URL fail."))
    .without_call(),
    controls: &[&sets::OAUTH],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    const LOGOUT: &str = "/allowed_logout_urls";
    const DEFAULT: &str = "/default_redirection_uri";
    let settings = tenant.read::<TenantSettings>()?;
    let logout = settings.allowed_logout_urls.known();
    let logout = logout.map(|urls| urls.iter().filter(|url| is_insecure(url)).collect::<Vec<_>>());
    let default = settings.default_redirection_uri.known().map(|url| is_insecure(url.as_str()));
    if !unknown::any([logout.as_ref().map(|urls| !urls.is_empty()).map_err(|u| *u), default])? {
        return Ok(Verdict::Pass);
    }
    let mut violation = Violation::from_evidence(CHECK.severity, Vec::new());
    if let Ok(urls) = logout
        && !urls.is_empty()
    {
        violation.evidence.push(Evidence::wrong(KIND, LOGOUT, json!(urls), json!([])));
    }
    if default == Ok(true) {
        violation = violation.and(tenant, KIND, DEFAULT, &Expected::Is(json!("")));
    }
    violation.into_failure()
}

fn is_insecure(url: &str) -> bool {
    addresses::is_clear_text(url) || addresses::is_loopback(url) || addresses::has_wildcard(url)
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/allowed_logout_urls";
    the_offending_urls_are_named {
        ["https://a.example", "http://b.example", "https://*.c.example"] => fails {"at": "/allowed_logout_urls",
            "found": ["http://b.example", "https://*.c.example"], "expected": []};
        {"/default_redirection_uri": "https://localhost:3000"} => fails {"at": "/default_redirection_uri", "fix": null};
    }
    secure_ones_and_none_pass {
        {"/allowed_logout_urls": [], "/default_redirection_uri": ""}, ["https://a.example"] => passes;
    }
    what_is_missing_or_new_is_unknown_unless_the_other_decides {
        {"/default_redirection_uri": 1} => unknown;
        {"/allowed_logout_urls": "new", "/default_redirection_uri": "http://b.example"} => fails {"count": 1};
    }
}
