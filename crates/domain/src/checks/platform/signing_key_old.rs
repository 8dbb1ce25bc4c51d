//! KEY-01: the signing key is older than a year, or was revoked and still signs.

use jiff::SignedDuration;

use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::SigningKeys;

const KIND: ReadingKind = ReadingKind::SigningKeys;

const MAX_DAYS: Threshold = Threshold {
    check: "signing-key-old",
    name: "max_days",
    title: "Fails when the key in use is older than",
    unit: "days",
    default: 365,
    min: 1,
    max: 3650,
    not_above: None,
    source: "Specification, KEY-01: a year.",
};

pub const CHECK: Check = Check {
    id: "signing-key-old",
    version: 2,
    title: "The signing key is too old, or revoked and in use",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "The longer a key signs, the more tokens somebody who got hold of it can have made; \
           one that was revoked is not trusted for a reason.",
    resource: "keys/signing",
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(
        "Settings > Signing Keys",
        &[
            "Make sure that your APIs read the keys of the tenant anew when they see one that they \
             do not know.",
            "Under Settings > Signing Keys, rotate the key.",
            "Revoke the previous one when its tokens have expired.",
        ],
    )
    .with_side_effects(SideEffects::after_changes(
        "Applications and APIs that stored the old key, instead of reading the published \
         ones, refuse new tokens.",
    )),
    controls: &[&sets::CRYPTOGRAPHY],
    thresholds: &[&MAX_DAYS],
    evaluate: Condition::EachWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgements {
    let days = terms.value_of(&MAX_DAYS);
    let oldest = SignedDuration::from_hours(24 * days.cast_signed());
    if tenant.read::<SigningKeys>()?.0.is_empty() {
        // Every tenant has one: the keys were hidden from this token.
        return Err(Inconclusive::Unknown(UnknownReason::NotUnderstood));
    }
    each::<SigningKeys>(tenant, crate::checks::objects::all_of_them, |key| {
        let is_current = key.item.current.known().copied();
        let is_revoked = key.item.revoked.known().copied();
        let since = key.item.current_since.known();
        let is_old = since.map(|since| tenant.observed_at.duration_since(*since) > oldest);
        if !unknown::all([is_current, unknown::any([is_revoked, is_old])])? {
            return Ok(Verdict::Pass);
        }
        let mut shown = Vec::new();
        if is_revoked == Ok(true) {
            shown.push(key.shows("/revoked", &Expected::Is(json!(false))));
        }
        if is_old == Ok(true) {
            // The number of days is not shown: each sync of the same key would differ from the last.
            shown.push(key.shows("/current_since", &Expected::AtMost(days)));
        }
        Violation::from_evidence(CHECK.severity, shown).into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/0/current_since";
    // The tenant is seen on 2026-06-15 at noon.
    a_year_passes_and_a_moment_more_fails {
        "2025-06-15T12:00:00.000Z" => passes;
        "2025-06-15T11:59:59.999Z" => fails {"at": "/current_since", "expected": {"at_most": 365}};
    }
    a_revoked_key_fails_only_while_it_signs {
        {"/0/revoked": true} => fails {"at": "/revoked"};
        {"/1/revoked": true}, {"/1/current_since": "(absent)"} => passes;
    }
    what_is_missing_or_new_is_unknown {
        "(absent)", "last year", {"/1/current": "(absent)"}, {"": []} => unknown;
    }
}
