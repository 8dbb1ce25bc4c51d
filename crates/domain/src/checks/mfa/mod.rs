//! Multi-factor authentication: `guardian/policies`, a bare array, and `PUT` replaces it whole.

pub mod mfa_never_required;
pub mod mfa_risk_based_only;

use super::prelude::*;

const KIND: ReadingKind = ReadingKind::MfaPolicies;
const RESOURCE: &str = "guardian/policies";

const ALWAYS: Expected = Expected::Contains(&["all-applications"]);

const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Security > Multi-factor Auth > Define policies",
        steps,
        call: Some((Method::Put, "/api/v2/guardian/policies")),
        required_scope: Some("update:mfa_policies"),
    }
}

fn require_always(tenant: &Tenant) -> Change {
    Change::set(tenant, KIND, "", json!(["all-applications"]))
}
