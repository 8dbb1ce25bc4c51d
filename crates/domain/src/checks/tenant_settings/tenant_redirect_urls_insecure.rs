//! TEN-08: users may be sent to places where anybody can wait for them. No call: what stands
//! instead is yours to say.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::{addresses, three_valued};
use crate::readings::TenantSettings;

pub const CHECK: Check = Check {
    id: "tenant-redirect-urls-insecure",
    version: 1,
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
    if !three_valued::any([logout.as_ref().map(|urls| !urls.is_empty()).map_err(|u| *u), default])?
    {
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
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, evidence, on_sample, on_sample_without, unknown, violation,
    };

    const LOGOUT: &str = "/allowed_logout_urls";
    const DEFAULT: &str = "/default_redirection_uri";

    #[test]
    fn the_offending_urls_are_named() {
        let urls = json!(["https://a.example", "http://b.example", "https://*.c.example"]);
        let judged = on_sample(&CHECK, KIND, &[(LOGOUT, urls)]);
        let found = json!(["http://b.example", "https://*.c.example"]);
        assert_eq!(evidence(judged), (LOGOUT.to_owned(), found, json!([])));
        let judged = on_sample(&CHECK, KIND, &[(DEFAULT, json!("https://localhost:3000"))]);
        assert_eq!(evidence(judged.clone()).0, DEFAULT);
        assert_eq!(violation(judged).change, None);
    }

    #[test]
    fn secure_ones_and_none_pass() {
        assert_eq!(on_sample(&CHECK, KIND, &[(LOGOUT, json!([])), (DEFAULT, json!(""))]), PASS);
        assert_eq!(on_sample(&CHECK, KIND, &[(LOGOUT, json!(["https://a.example"]))]), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown_unless_the_other_decides() {
        assert_eq!(on_sample_without(&CHECK, KIND, LOGOUT), unknown());
        assert_eq!(on_sample(&CHECK, KIND, &[(DEFAULT, json!(1))]), unknown());
        let changes = [(LOGOUT, json!("new")), (DEFAULT, json!("http://b.example"))];
        assert_eq!(violation(on_sample(&CHECK, KIND, &changes)).evidence.len(), 1);
    }
}
