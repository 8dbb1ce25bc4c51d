//! CON-02: new passwords are not compared with old, common or personal ones.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::{in_use, unknown};
use crate::readings::{ActiveSwitch, ConnectionOptions, Connections, Field, Switch};

pub const CHECK: Check = Check {
    id: "connection-password-checks-missing",
    version: 2,
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
        let checks = checks(super::options(connection)?)?;
        if !unknown::any(checks.map(|(_, off)| off))? {
            return Ok(Verdict::Pass);
        }
        let off = checks.iter().filter(|(_, off)| *off == Ok(true));
        let shown = off.map(|(pointer, _)| connection.shows(pointer, &Expected::Is(json!(true))));
        let severity = in_use::graded(connection, CHECK.severity);
        Violation::from_evidence(severity, shown.collect()).into_failure()
    })
}

/// Where each check stands, and whether it is off.
type Off = (&'static str, Result<bool, Inconclusive>);

fn checks(options: &ConnectionOptions) -> Result<[Off; 3], Inconclusive> {
    let newer = &options.password_options;
    if newer.is_absent() {
        let is_off = |check: &Field<Switch>| Ok(!check.known()?.enable.known()?);
        return Ok([
            ("/options/password_history/enable", is_off(&options.password_history)),
            ("/options/password_dictionary/enable", is_off(&options.password_dictionary)),
            (
                "/options/password_no_personal_info/enable",
                is_off(&options.password_no_personal_info),
            ),
        ]);
    }
    let newer = newer.known()?;
    let is_off = |check: &Field<ActiveSwitch>| Ok(!check.known()?.active.known()?);
    Ok([
        ("/options/password_options/history/active", is_off(&newer.history)),
        ("/options/password_options/dictionary/active", is_off(&newer.dictionary)),
        ("/options/password_options/profile_data/active", is_off(&newer.profile_data)),
    ])
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
    what_is_new_is_unknown_unless_another_decides {
        {"/0/options/password_history/enable": "new"}, {"/0/options/password_no_personal_info/enable": "new"} => unknown;
        {"/0/options/password_history/enable": "new", "/0/options/password_dictionary/enable": false}
            => fails {"count": 1};
    }
    a_check_that_is_left_out_is_off {
        {"/0/options/password_history": "(absent)"} => fails {"at": "/options/password_history/enable", "found": null,
            "evidence/0/assumed": false, "confidence": null};
        {"/0/options/password_no_personal_info/enable": "(absent)"} => fails {"evidence/0/assumed": false};
    }
    newer_options_go_before_the_older_ones {
        {"/0/options/password_options": {"history": {"active": true}, "dictionary": {"active": true},
            "profile_data": {"active": true}}, "/0/options/password_history": {"enable": false}} => passes;
        {"/0/options/password_options": {"history": {"active": true}, "dictionary": {"active": false},
            "profile_data": {"active": true}}} => fails {"at": "/options/password_options/dictionary/active"};
        {"/0/options/password_options": {"history": {"active": true}}} => unknown;
    }
}
