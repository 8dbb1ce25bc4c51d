//! What several weaknesses mean together, of the tenant as a whole. A combination shows the evidence
//! of its failing parts, and no single call mends it.

pub mod large_user_base_on_default_protection;
pub mod no_automated_abuse_control;
pub mod nobody_notified;
pub mod range_exempt_from_several_protections;
pub mod stolen_credentials_sufficient;

use super::logic::{self, Part};
use super::prelude::*;

const RESOURCE: &str = "tenant";

const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Security > Attack Protection",
        steps,
        call: None,
        required_scope: None,
    }
}

/// One check as a part.
fn part(judge: fn(&Tenant) -> Judgement, tenant: &Tenant) -> Part {
    logic::part(judge(tenant))
}

/// Fails with the evidence of its parts when they are all wrong.
fn together(severity: Severity, parts: impl IntoIterator<Item = Part>) -> Judgement {
    match logic::all_wrong(parts).map_err(Unjudged::Unknown)? {
        Some(evidence) => Violation::shown_by(severity, evidence).fails(),
        None => Ok(Verdict::Pass),
    }
}
