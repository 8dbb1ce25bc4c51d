//! DOM-01: users log in on a domain of Auth0, or on a custom domain with old versions of TLS.

use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::{CustomDomain, CustomDomainStatus, CustomDomains, TlsPolicy};

const KIND: ReadingKind = ReadingKind::CustomDomains;

pub const CHECK: Check = Check {
    id: "custom-domain-missing",
    version: 2,
    title: "No custom domain is ready, or one takes old versions of TLS",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Users learn to type their password on a domain that is not yours, so they cannot \
           tell it from a fake one; or the connection to yours can be weakened.",
    resource: "custom-domains",
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(
        "Branding > Custom Domains",
        &[
            "Under Branding > Custom Domains, add a domain of yours and verify it.",
            "Choose the recommended TLS policy.",
            "Move your applications to it.",
        ],
    )
    .with_side_effects(SideEffects::after_changes(
        "Applications have to use the new domain; users log in again, and passkeys are bound \
         to the domain.",
    )),
    controls: &[&sets::CRYPTOGRAPHY, &sets::CONFIGURATION],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let domains = &tenant.read::<CustomDomains>()?.0;
    let any_ready = unknown::any(domains.iter().map(is_ready));
    let any_weak = unknown::any(domains.iter().map(is_weak));
    if !unknown::any([any_ready.map(|ready| !ready), any_weak])? {
        return Ok(Verdict::Pass);
    }
    if any_ready == Ok(false) {
        let statuses = domains.iter().filter_map(|domain| domain.status.ok());
        let expected = Expected::Contains(&["ready"]);
        return super::summary(CHECK.severity, KIND, statuses, &expected).into_failure();
    }
    let weak = domains.iter().filter(|domain| is_weak(domain) == Ok(true));
    let hosts = weak.map(|domain| &domain.domain);
    super::summary(CHECK.severity, KIND, hosts, &Expected::Is(json!([]))).into_failure()
}

fn is_ready(domain: &CustomDomain) -> Result<bool, Inconclusive> {
    Ok(*domain.status.known()? == CustomDomainStatus::Ready)
}

fn is_weak(domain: &CustomDomain) -> Result<bool, Inconclusive> {
    let policy = domain.tls_policy.known();
    unknown::all([is_ready(domain), policy.map(|policy| *policy != TlsPolicy::Recommended)])
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    none_and_none_that_is_ready_fail {
        [] => fails {"found": []};
        {"/0/status": "pending_verification"} => fails {"found": ["pending_verification"]};
        {"/0/status": "(absent)"} => unknown;
    }
    old_versions_of_tls_fail_on_a_domain_that_is_ready {
        {"/0/tls_policy": "compatible"} => fails {"at": "", "found": ["login.example"], "expected": []};
    }
    one_that_is_ready_passes_beside_one_that_is_not {
        [{"custom_domain_id": "a", "status": "ready", "tls_policy": "recommended"},
            {"custom_domain_id": "b", "status": "failed", "tls_policy": "compatible"}] => passes;
    }
}
