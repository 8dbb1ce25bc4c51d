//! CON-04: guessing is not counted on one connection, whatever the tenant says.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::Connections;

pub const CHECK: Check = Check {
    id: "connection-brute-force-protection-off",
    version: 1,
    title: "Brute-force protection is off for a database connection",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Passwords of the users of this connection can be guessed without limit, while the \
           tenant seems protected.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "On the connection, switch Brute Force Protection on.",
        "Save.",
    ])
    .without_call(),
    controls: &[&sets::BFP],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<Connections>(tenant, super::is_database, |connection| {
        let value = super::options(connection)?.brute_force_protection.known()?;
        super::switch(connection, CHECK.severity, "/options/brute_force_protection", *value, false)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, evidence, judged_of_sample, on_sample, on_sample_without, unknown, violation,
    };

    #[test]
    fn off_fails_and_on_passes() {
        let judged =
            on_sample(&CHECK, KIND, &[("/0/options/brute_force_protection", json!(false))]);
        assert_eq!(
            evidence(judged.clone()),
            ("/options/brute_force_protection".to_owned(), json!(false), json!(true))
        );
        assert_eq!(violation(judged).change, None);
        assert_eq!(
            on_sample(&CHECK, KIND, &[("/0/options/brute_force_protection", json!(true))]),
            PASS
        );
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(on_sample_without(&CHECK, KIND, "/0/options/brute_force_protection"), unknown());
        assert_eq!(
            on_sample(&CHECK, KIND, &[("/0/options/brute_force_protection", json!("a new value"))]),
            unknown()
        );
    }

    #[test]
    fn the_connections_that_it_is_about_are_judged() {
        assert_eq!(judged_of_sample(&CHECK, KIND), ["connections/con_db"]);
    }
}
