//! The factors that users can enrol: `guardian/factors`, a bare array with one entry for each
//! factor that Auth0 offers. Which factors depend on another one is from Auth0's documentation of
//! MFA factors ("dependent and independent factors").

pub mod mfa_dependent_factor_alone;
pub mod mfa_factor_trial_expired;
pub mod mfa_no_factor_enabled;
pub mod mfa_no_phishing_resistant_factor;
pub mod mfa_only_phishable_factors;
pub mod mfa_recovery_code_off;

use super::prelude::*;
use super::unknown;
use crate::readings::{Assumed, Certainty, Factor, GuardianFactor, GuardianFactors, has_unlisted};

/// Parents before children.
pub const CHECKS: &[&Check] = &[
    &mfa_no_factor_enabled::CHECK,
    &mfa_only_phishable_factors::CHECK,
    &mfa_no_phishing_resistant_factor::CHECK,
    &mfa_dependent_factor_alone::CHECK,
    &mfa_recovery_code_off::CHECK,
    &mfa_factor_trial_expired::CHECK,
];

const KIND: ReadingKind = ReadingKind::GuardianFactors;
const RESOURCE: &str = "guardian/factors";

/// All known factors.
const ALL: [Factor; 9] = [
    Factor::PushNotification,
    Factor::Sms,
    Factor::Email,
    Factor::Duo,
    Factor::Otp,
    Factor::WebauthnRoaming,
    Factor::WebauthnPlatform,
    Factor::RecoveryCode,
    Factor::Passkey,
];
/// What each tenant lists today (recordings; Auth0's schema). Passkeys are no factor of its own there.
const LISTED: [Factor; 8] = [
    Factor::Sms,
    Factor::Email,
    Factor::Otp,
    Factor::Duo,
    Factor::PushNotification,
    Factor::RecoveryCode,
    Factor::WebauthnRoaming,
    Factor::WebauthnPlatform,
];
const BY_MESSAGE: [Factor; 2] = [Factor::Sms, Factor::Email];
/// Without the recovery code, which is for recovery only.
const BY_OTHER_THAN_MESSAGE: [Factor; 6] = [
    Factor::PushNotification,
    Factor::Duo,
    Factor::Otp,
    Factor::WebauthnRoaming,
    Factor::WebauthnPlatform,
    Factor::Passkey,
];
/// Bound to the site that requests them.
const PHISHING_RESISTANT: [Factor; 3] =
    [Factor::WebauthnRoaming, Factor::WebauthnPlatform, Factor::Passkey];
const DEPENDENT: [Factor; 3] = [Factor::Email, Factor::RecoveryCode, Factor::WebauthnPlatform];
const INDEPENDENT: [Factor; 6] = [
    Factor::PushNotification,
    Factor::Sms,
    Factor::Duo,
    Factor::Otp,
    Factor::WebauthnRoaming,
    Factor::Passkey,
];
const RESISTS_PHISHING: [&str; 1] = ["webauthn-roaming"];

const fn enable_webauthn(steps: &'static [&'static str]) -> Remediation {
    remediation("/api/v2/guardian/factors/webauthn-roaming", steps)
}

const fn enable_recovery_code(steps: &'static [&'static str]) -> Remediation {
    remediation("/api/v2/guardian/factors/recovery-code", steps)
}

const fn remediation(path: &'static str, steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Security > Multi-factor Auth",
        steps,
        call: Some((Method::Put, path)),
        required_scope: Some("update:guardian_factors"),
        side_effects: SideEffects::on_users(
            "Users are offered another factor when they enrol; factors already enrolled stay.",
        ),
    }
}

/// The call has the factor in its path, and only applies while it is off.
fn turn_on() -> Change {
    Change::between("/enabled", json!(false), json!(true))
}

/// Whether any of these factors is on. A factor that is not listed is not offered, unless it is unknown to this
/// version. With `or_new`, an unknown factor that is not off makes the result unknown: it may be as good as these.
fn is_any_on(factors: &GuardianFactors, of: &[Factor], or_new: bool) -> Result<bool, Inconclusive> {
    let is_new = |each: &&GuardianFactor| each.name.ok().is_none();
    let lists_new = factors.0.iter().any(|each| is_new(&each));
    let known = of.iter().map(|factor| {
        let mut named = factors.0.iter().filter(|each| each.name.ok() == Some(factor)).peekable();
        if named.peek().is_none() {
            return has_unlisted(lists_new);
        }
        unknown::any(named.map(|each| each.enabled.known().copied()))
    });
    let new = factors.0.iter().filter(|each| or_new && is_new(each));
    let new = new.map(|each| has_unlisted(each.enabled.ok() != Some(&false)));
    unknown::any(known.chain(new))
}

/// A violation with the enabled factors, against the expected ones.
fn enabled(tenant: &Tenant, severity: Severity, expected: &'static [&'static str]) -> Violation {
    let factors = tenant.find::<GuardianFactors>().map_or(&[][..], |factors| &factors.0);
    let on = factors.iter().filter(|factor| factor.enabled.ok() == Some(&true));
    let mut names: Vec<_> = on.map(|factor| json!(factor.name)).collect();
    names.sort_by_key(ToString::to_string);
    let mut violation = violation(severity, json!(names), Expected::Contains(expected).to_json());
    violation.evidence =
        violation.evidence.into_iter().map(|it| it.assuming(unlisted(factors))).collect();
    violation
}

/// The factors of today's releases that an older one does not list: it does not offer them.
fn unlisted(factors: &[GuardianFactor]) -> Option<Assumed> {
    let is_listed = |factor: &&Factor| factors.iter().any(|each| each.name.ok() == Some(*factor));
    let unlisted: Vec<_> = LISTED.iter().filter(|factor| !is_listed(factor)).collect();
    let off: Vec<_> = unlisted.iter().map(|name| json!({"name": name, "enabled": false})).collect();
    (!off.is_empty()).then(|| Assumed { value: json!(off), certainty: Certainty::Likely })
}

/// On the whole list, because positions of entries mean nothing.
fn violation(
    severity: Severity,
    found: serde_json::Value,
    expected: serde_json::Value,
) -> Violation {
    let shown = Evidence::wrong(KIND, "", found, expected);
    Violation::from_evidence(severity, vec![shown])
}

/// The factors of the sample, all off but these.
#[cfg(test)]
fn only_on(on: &[&str]) -> serde_json::Value {
    let mut body = crate::checks::testing::samples::sample_body(KIND);
    // Newer tenants list it, older ones do not.
    if on.contains(&"passkey") {
        let passkey = json!({"name": "passkey", "enabled": true, "trial_expired": false});
        body.as_array_mut().unwrap().push(passkey);
    }
    for factor in body.as_array_mut().unwrap() {
        let is_on = factor["name"].as_str().is_some_and(|name| on.contains(&name));
        factor["enabled"] = json!(is_on);
    }
    body
}
