//! CON-05: users cannot log in by a passkey, which nobody can phish.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::Connections;

pub const CHECK: Check = Check {
    id: "connection-no-passkey",
    version: 1,
    title: "A database connection does not offer passkeys",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "Every user has a password that can be guessed, reused or phished, because there is \
           no other way in.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Authentication Methods, switch Passkey on.",
        "Save.",
    ])
    .without_call(),
    controls: &[&sets::MFA],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<Connections>(tenant, super::is_database, |connection| {
        let value = super::options(connection)?
            .authentication_methods
            .known()?
            .passkey
            .known()?
            .enabled
            .known()?;
        super::switch(
            connection,
            CHECK.severity,
            "/options/authentication_methods/passkey/enabled",
            *value,
            false,
        )
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
        let judged = on_sample(
            &CHECK,
            KIND,
            &[("/0/options/authentication_methods/passkey/enabled", json!(false))],
        );
        assert_eq!(
            evidence(judged.clone()),
            (
                "/options/authentication_methods/passkey/enabled".to_owned(),
                json!(false),
                json!(true)
            )
        );
        assert_eq!(violation(judged).change, None);
        assert_eq!(
            on_sample(
                &CHECK,
                KIND,
                &[("/0/options/authentication_methods/passkey/enabled", json!(true))]
            ),
            PASS
        );
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(
            on_sample_without(&CHECK, KIND, "/0/options/authentication_methods/passkey/enabled"),
            unknown()
        );
        assert_eq!(
            on_sample(
                &CHECK,
                KIND,
                &[("/0/options/authentication_methods/passkey/enabled", json!("a new value"))]
            ),
            unknown()
        );
    }

    #[test]
    fn the_connections_that_it_is_about_are_judged() {
        assert_eq!(judged_of_sample(&CHECK, KIND), ["connections/con_db"]);
    }
}
