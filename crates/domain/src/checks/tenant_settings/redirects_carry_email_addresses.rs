//! The address of a user stands in the URL that they come back with after an e-mail was verified or a password reset.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::TenantSettings;

pub const CHECK: Check = Check {
    id: "redirects-carry-email-addresses",
    version: 1,
    title: "Redirects carry e-mail addresses of users",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "Addresses stand in the logs, histories and referrers of every page and proxy on the way.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Make sure that no page reads the address from its URL.",
        "Under Settings > Advanced > Migrations, switch the listed settings off.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "Pages that read the address from their URL no longer find it.",
    )),
    controls: &[&sets::CONFIGURATION],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let flags = tenant.read::<TenantSettings>()?.flags.known()?;
    super::all_off(
        tenant,
        CHECK.severity,
        &[
            (
                "/flags/include_email_in_verify_email_redirect",
                &flags.include_email_in_verify_email_redirect,
            ),
            (
                "/flags/include_email_in_reset_pwd_redirect",
                &flags.include_email_in_reset_pwd_redirect,
            ),
        ],
    )
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    either_flag_fails_and_is_switched_off {
        {"/flags/include_email_in_reset_pwd_redirect": true} => fails {
            "at": "/flags/include_email_in_reset_pwd_redirect",
            "fix": {"flags": {"include_email_in_reset_pwd_redirect": false}}};
        {"/flags/include_email_in_reset_pwd_redirect": true, "/flags/include_email_in_verify_email_redirect": true}
            => fails {"count": 2};
    }
    neither_and_what_auth0_does_not_show_pass {
        {"/flags/include_email_in_reset_pwd_redirect": "(absent)"} => passes;
        {"/flags/include_email_in_reset_pwd_redirect": "new"} => unknown;
    }
}
