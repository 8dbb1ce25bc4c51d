//! A connection is enabled for applications that log nobody in: mostly because new applications got every connection.

use super::{KIND, RESOURCE};
use crate::checks::objects::all_of_them;
use crate::checks::prelude::*;
use crate::checks::{in_use, unknown};
use crate::inconclusive::NotApplicableReason;
use crate::readings::{Clients, Connections, Field};

pub const CHECK: Check = Check {
    id: "connection-enabled-for-machines",
    version: 1,
    title: "A connection is enabled for machine-to-machine applications",
    severity: Severity::Info,
    confidence: Confidence::High,
    risk: "If such an application is ever changed to log users in, all users of the connection can, \
           and nobody decided so.",
    resource: RESOURCE,
    reads: &[KIND, ReadingKind::Clients],
    parents: &[],
    remediation: &super::remediation(&[
        "On the connection, under Applications, disable the listed ones.",
        "Switch off that new applications get every connection.",
    ])
    .without_call(),
    controls: &[&sets::LEAST_PRIVILEGE],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    let apps = tenant.read::<Clients>()?;
    let is_nameless = apps.0.iter().any(|app| app.client_id.ok().is_none());
    each::<Connections>(tenant, all_of_them, |connection| {
        // Where Auth0 does not list them here nothing is said of them.
        let Field::Known(enabled) = &connection.item.enabled_clients else {
            return match &connection.item.enabled_clients {
                absent if absent.is_absent() => {
                    Err(Inconclusive::NotApplicable(NotApplicableReason::FeatureNotOffered))
                }
                other => other.known().map(|_| Verdict::Pass),
            };
        };
        let is_machine = |id: &str| match in_use::application(apps, id) {
            Some(app) if id != tenant.client_id => in_use::sends_users(app).map(|sends| !sends),
            // It may be the one whose id was not understood.
            None if is_nameless => Err(Inconclusive::Unknown(UnknownReason::NotUnderstood)),
            _ => Ok(false),
        };
        if !unknown::any(enabled.iter().map(is_machine))? {
            return Ok(Verdict::Pass);
        }
        let machines: Vec<&str> = enabled.iter().filter(|id| is_machine(id) == Ok(true)).collect();
        let shown = connection.lists("/enabled_clients", &machines);
        Violation::from_evidence(CHECK.severity, vec![shown]).into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/1/enabled_clients";
    applications_that_log_nobody_in_are_named {
        {"/1/enabled_clients": ["app1", "machine"], "clients/1/client_id": "machine"}
            => fails {"at": "/enabled_clients", "found": ["machine"], "expected": []};
    }
    other_applications_none_and_our_own_pass {
        ["app1", "our-client", "of-nobody"], [] => passes;
        "new", {"/1/enabled_clients": ["app1", "of-nobody"], "clients/1/client_id": 7} => unknown;
    }
    a_list_that_auth0_does_not_give_says_nothing {
        "(absent)" => not_offered;
    }
}
