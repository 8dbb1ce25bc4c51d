//! Combinations of weaknesses of the tenant. A combination has the evidence of its failing parts and the lowest
//! confidence of them, and no single call fixes it.

pub mod large_user_base_on_default_protection;
pub mod no_automated_abuse_control;
pub mod nobody_notified;
pub mod range_exempt_from_several_protections;
pub mod stolen_credentials_sufficient;

use super::prelude::*;
use super::unknown::{self, Failing, Part};

/// Parents before children.
pub const CHECKS: &[&Check] = &[
    &no_automated_abuse_control::CHECK,
    &stolen_credentials_sufficient::CHECK,
    &range_exempt_from_several_protections::CHECK,
    &nobody_notified::CHECK,
    &large_user_base_on_default_protection::CHECK,
];

const RESOURCE: &str = "tenant";

const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Security > Attack Protection",
        steps,
        call: None,
        required_scope: None,
        side_effects: SideEffects::on_users(
            "Each part has a finding of its own; its side effects apply.",
        ),
    }
}

/// Fails if all parts are wrong.
fn together(check: &Check, parts: impl IntoIterator<Item = Part>) -> Judgement {
    match unknown::all_wrong(parts).map_err(Inconclusive::Unknown)? {
        Some(wrong) => of_parts(check, wrong).into_failure(),
        None => Ok(Verdict::Pass),
    }
}

/// A violation with the evidence and confidence of these parts.
fn of_parts(check: &Check, Failing { evidence, confidence }: Failing) -> Violation {
    let confidence = (confidence != check.confidence).then_some(confidence);
    Violation::from_evidence(check.severity, evidence).with_confidence(confidence)
}
