//! CON-03: anybody can make an account. Many products mean it so; others have forgotten it.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::Connections;

pub const CHECK: Check = Check {
    id: "connection-public-signup",
    version: 1,
    title: "A database connection is open to public signup",
    severity: Severity::Info,
    confidence: Confidence::Medium,
    risk: "Where only invited people should have accounts, strangers make their own, and bots \
           make many.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Decide whether strangers should be able to sign up.",
        "If not, switch Disable Sign Ups on.",
        "Save.",
    ])
    .without_call(),
    controls: &[&sets::BOT],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<Connections>(tenant, super::is_database, |connection| {
        let value = super::options(connection)?.disable_signup.known()?;
        super::switch(connection, CHECK.severity, "/options/disable_signup", *value, false)
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
        let judged = on_sample(&CHECK, KIND, &[("/0/options/disable_signup", json!(false))]);
        assert_eq!(
            evidence(judged.clone()),
            ("/options/disable_signup".to_owned(), json!(false), json!(true))
        );
        assert_eq!(violation(judged).change, None);
        assert_eq!(on_sample(&CHECK, KIND, &[("/0/options/disable_signup", json!(true))]), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(on_sample_without(&CHECK, KIND, "/0/options/disable_signup"), unknown());
        assert_eq!(
            on_sample(&CHECK, KIND, &[("/0/options/disable_signup", json!("a new value"))]),
            unknown()
        );
    }

    #[test]
    fn the_connections_that_it_is_about_are_judged() {
        assert_eq!(judged_of_sample(&CHECK, KIND), ["connections/con_db"]);
    }
}
