//! TEN-02: ways of old are still open that Auth0 has long deprecated.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::three_valued;
use crate::readings::{Field, TenantFlags, TenantSettings};

pub const CHECK: Check = Check {
    id: "legacy-flags-on",
    version: 1,
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
    ]),
    controls: &[&sets::CONFIGURATION, &sets::OAUTH],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let legacy = flags(tenant.read::<TenantSettings>()?.flags.known()?);
    if !three_valued::any(legacy.map(|(_, flag)| flag.known().copied()))? {
        return Ok(Verdict::Pass);
    }
    let mut violation = Violation::from_evidence(CHECK.severity, Vec::new());
    let mut change = Change::nothing();
    for (pointer, _) in legacy.into_iter().filter(|(_, flag)| flag.ok() == Some(&true)) {
        violation = violation.and(tenant, KIND, pointer, &Expected::Is(json!(false)));
        change = change.with(Change::set(tenant, KIND, pointer, json!(false)));
    }
    violation.fixed_by(change).into_failure()
}

fn flags(flags: &TenantFlags) -> [(&'static str, &Field<bool>); 5] {
    [
        ("/flags/allow_legacy_delegation_grant_types", &flags.allow_legacy_delegation_grant_types),
        ("/flags/allow_legacy_ro_grant_types", &flags.allow_legacy_ro_grant_types),
        ("/flags/allow_legacy_tokeninfo_endpoint", &flags.allow_legacy_tokeninfo_endpoint),
        ("/flags/enable_legacy_profile", &flags.enable_legacy_profile),
        ("/flags/enable_idtoken_api2", &flags.enable_idtoken_api2),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, on_sample, on_sample_without, unknown, violation};

    const TWO: [&str; 2] = ["/flags/allow_legacy_ro_grant_types", "/flags/enable_idtoken_api2"];

    #[test]
    fn each_flag_that_is_on_is_shown_and_switched_off() {
        let judged = on_sample(&CHECK, KIND, &TWO.map(|pointer| (pointer, json!(true))));
        let shown = violation(judged.clone()).evidence;
        assert_eq!(shown.iter().map(|e| e.pointer.as_str()).collect::<Vec<_>>(), TWO);
        let off = json!({"allow_legacy_ro_grant_types": false, "enable_idtoken_api2": false});
        assert_eq!(change(judged).0, json!({"flags": off}));
        assert_eq!(on_sample(&CHECK, KIND, &[(TWO[0], json!(false))]), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown_unless_another_decides() {
        assert_eq!(on_sample_without(&CHECK, KIND, TWO[0]), unknown());
        assert_eq!(on_sample_without(&CHECK, KIND, "/flags"), unknown());
        assert_eq!(on_sample(&CHECK, KIND, &[(TWO[0], json!("on"))]), unknown());
        let changes = [(TWO[0], json!("on")), (TWO[1], json!(true))];
        assert_eq!(violation(on_sample(&CHECK, KIND, &changes)).evidence.len(), 1);
    }
}
