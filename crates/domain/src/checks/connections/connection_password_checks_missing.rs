//! CON-02: new passwords are not compared with old, common or personal ones.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown_propagation;
use crate::readings::Connections;

pub const CHECK: Check = Check {
    id: "connection-password-checks-missing",
    version: 1,
    title: "A database connection does not check passwords against history, dictionary or personal \
     data",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Users choose what attackers try first: a common password, their own name, or the \
           password that leaked before.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Authentication Methods > Password, switch on Password History, Password \
         Dictionary and Personal Data.",
        "Save.",
    ])
    .without_call(),
    controls: &[&sets::PASSWORDS],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<Connections>(tenant, super::is_database, |connection| {
        let options = super::options(connection)?;
        let checks = [
            ("/options/password_history/enable", &options.password_history),
            ("/options/password_dictionary/enable", &options.password_dictionary),
            ("/options/password_no_personal_info/enable", &options.password_no_personal_info),
        ]
        .map(|(pointer, check)| {
            (pointer, check.known().and_then(|check| check.enable.known()).map(|on| !on))
        });
        if !unknown_propagation::any(checks.map(|(_, off)| off))? {
            return Ok(Verdict::Pass);
        }
        let off = checks.iter().filter(|(_, off)| *off == Ok(true));
        let shown = off.map(|(pointer, _)| connection.shows(pointer, &Expected::Is(json!(true))));
        Violation::from_evidence(CHECK.severity, shown.collect()).into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    each_check_that_is_off_is_shown {
        {"/0/options/password_history/enable": false} => fails {"at": "/options/password_history/enable"};
        {"/0/options/password_dictionary/enable": false} => fails {"at": "/options/password_dictionary/enable"};
        {"/0/options/password_no_personal_info/enable": false}
            => fails {"at": "/options/password_no_personal_info/enable"};
        {"/0/options/password_history/enable": false, "/0/options/password_dictionary/enable": false,
            "/0/options/password_no_personal_info/enable": false} => fails {"count": 3};
        {"/0/options/password_history/enable": true} => passes;
    }
    what_is_missing_or_new_is_unknown_unless_another_decides {
        {"/0/options/password_history/enable": "(absent)"}, {"/0/options/password_history/enable": "new"},
        {"/0/options/password_no_personal_info/enable": "(absent)"},
        {"/0/options/password_no_personal_info/enable": "new"} => unknown;
        {"/0/options/password_history/enable": "new", "/0/options/password_dictionary/enable": false}
            => fails {"count": 1};
    }
}
