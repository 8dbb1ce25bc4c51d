//! TEN-02: features that Auth0 deprecated long ago are still enabled.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::TenantSettings;

pub const CHECK: Check = Check {
    id: "legacy-flags-on",
    version: 2,
    title: "Legacy grants, endpoints or profiles are switched on",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Each of them gives tokens or profiles by rules that are weaker than those of today, \
           and no application has needed one for years.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Find the applications that still use the listed features, in the tenant log.",
        "Under Migrations, switch the listed features off.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "Applications that use the legacy grants, endpoints or profile stop working.",
    )),
    controls: &[&sets::CONFIGURATION, &sets::OAUTH],
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
                "/flags/allow_legacy_delegation_grant_types",
                &flags.allow_legacy_delegation_grant_types,
            ),
            ("/flags/allow_legacy_ro_grant_types", &flags.allow_legacy_ro_grant_types),
            ("/flags/allow_legacy_tokeninfo_endpoint", &flags.allow_legacy_tokeninfo_endpoint),
            ("/flags/enable_legacy_profile", &flags.enable_legacy_profile),
            ("/flags/enable_idtoken_api2", &flags.enable_idtoken_api2),
        ],
    )
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/flags/allow_legacy_ro_grant_types";
    each_flag_that_is_on_is_shown_and_switched_off {
        {"/flags/allow_legacy_ro_grant_types": true, "/flags/enable_idtoken_api2": true} => fails {
            "at": ["/flags/allow_legacy_ro_grant_types", "/flags/enable_idtoken_api2"],
            "fix": {"flags": {"allow_legacy_ro_grant_types": false, "enable_idtoken_api2": false}}};
        false => passes;
    }
    what_auth0_does_not_show_is_off {
        "(absent)", {"/flags/enable_idtoken_api2": "(absent)"} => passes;
    }
    what_is_new_is_unknown_unless_another_decides {
        "on" => unknown;
        {"/flags/allow_legacy_ro_grant_types": "on", "/flags/enable_idtoken_api2": true} => fails {"count": 1};
    }
}
