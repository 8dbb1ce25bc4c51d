//! MAIL-01: e-mail is sent with Auth0's test provider. Auth0 returns 404 if there is no other.

use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::EmailProvider;

const KIND: ReadingKind = ReadingKind::EmailProvider;

/// From the schema of the Management API.
const PROVIDERS: &[&str] =
    &["azure_cs", "custom", "mailgun", "mandrill", "ms365", "sendgrid", "ses", "smtp", "sparkpost"];

pub const CHECK: Check = Check {
    id: "email-provider-missing",
    version: 1,
    title: "The tenant has no e-mail provider of its own",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Auth0's own provider is for tests: few messages, not from your domain, so password \
           resets and warnings are late, lost or taken for phishing.",
    resource: "emails/provider",
    reads: &[KIND],
    parents: &[],
    remediation: &Remediation {
        side_effects: SideEffects::on_users(
            "Messages to users come from your own provider and domain.",
        ),
        call: Some((Method::Patch, "/api/v2/emails/provider")),
        required_scope: Some("update:email_provider"),
        ..super::remediation(
            "Branding > Email Provider",
            &[
                "Under Branding > Email Provider, set up a provider of yours and enable it.",
                "Send a test message.",
            ],
        )
    },
    controls: &[&sets::NOTIFICATION, &sets::CONFIGURATION],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let provider = tenant.read::<EmailProvider>()?;
    let is_off = provider.enabled.known().map(|enabled| !enabled);
    let has_none = provider.name.known().map(|name| name.as_str().is_empty());
    if !unknown::any([is_off, has_none])? {
        return Ok(Verdict::Pass);
    }
    if has_none == Ok(true) {
        let expected = Expected::OneOf(PROVIDERS);
        return Violation::at(tenant, CHECK.severity, KIND, "/name", &expected).into_failure();
    }
    // A configured provider only needs to be enabled.
    let on = Change::set(tenant, KIND, "/enabled", json!(true));
    Violation::at(tenant, CHECK.severity, KIND, "/enabled", &Expected::Is(json!(true)))
        .fixed_by_opt((has_none == Ok(false)).then_some(on))
        .into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, change, evidence, judge, on_sample, on_sample_without, unknown, violation,
    };
    use crate::readings::Reading;
    use crate::tenant::Outcome;

    #[test]
    fn none_fails_and_no_call_fixes_it() {
        let mut tenant = Tenant::new("our-client", "2026-06-15T12:00:00Z".parse().unwrap());
        tenant.insert(KIND, Outcome::Read(Reading::no_email_provider()));
        let judged = judge(&CHECK, tenant);
        assert_eq!(evidence(judged.clone()).0, "/name");
        assert_eq!(violation(judged).change, None);
    }

    #[test]
    fn one_that_is_off_fails_and_one_that_is_on_passes() {
        let judged = on_sample(&CHECK, KIND, &[("/enabled", json!(false))]);
        assert_eq!(change(judged), (json!({"enabled": true}), json!({"enabled": false})));
        assert_eq!(on_sample(&CHECK, KIND, &[("/enabled", json!(true))]), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(on_sample_without(&CHECK, KIND, "/name"), unknown());
        assert_eq!(on_sample(&CHECK, KIND, &[("/enabled", json!("yes"))]), unknown());
    }
}
