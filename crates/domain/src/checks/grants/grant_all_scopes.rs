//! GRA-03: an application has all scopes of an API, including future ones. Grants that list their scopes lack the
//! field (recorded responses of Auth0; its schema: "if enabled"). For the Management API, all scopes mean control of
//! the tenant.

use super::{KIND, RESOURCE};
use crate::checks::objects::all_of_them;
use crate::checks::prelude::*;
use crate::readings::ClientGrants;

pub const CHECK: Check = Check {
    id: "grant-all-scopes",
    version: 4,
    title: "An application is granted all scopes of an API",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "It may do whatever the API can do, and each new scope is granted to it without \
           anybody deciding so.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Ask the owner of the application what it needs.",
        "On the API, under Machine to Machine Applications, choose those scopes one by one.",
        "Update.",
    ])
    .without_call(),
    controls: &[&sets::LEAST_PRIVILEGE],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<ClientGrants>(tenant, all_of_them, |grant| {
        if !*grant.item.allow_all_scopes.known()? {
            return Ok(Verdict::Pass);
        }
        let owns_the_tenant = super::is_at_management_api(grant.item) == Ok(true);
        let severity = if owns_the_tenant { Severity::Critical } else { CHECK.severity };
        super::all_scopes(grant, severity).into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/1/allow_all_scopes";
    on_fails_and_off_passes {
        true => fails {"at": "/allow_all_scopes", "found": true, "expected": false, "severity": "high", "fix": null};
        false, "(absent)", null => passes;
        "new" => unknown;
    }
    at_the_management_api_it_is_critical_though_no_scope_is_listed {
        {"/0/scope": [], "/0/allow_all_scopes": true} => fails {"severity": "critical"};
        {"/0/scope": []} => passes;
    }
}
