//! The findings of the cases: the form of what they expect, and their remediations. The calls are
//! applied case by case here, and on random tenants in `properties`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::cases::cases;
use super::properties::assert_remediations_fix;
use crate::checks::{Check, CheckResult, Violation, evaluate};
use crate::policy::Policy;
use crate::remediation::Fix;

/// What Auth0's Terraform provider cannot say.
const WITHOUT_SNIPPET: [&str; 6] = [
    "suspicious-ip-token-exchange-loosened",
    "phone-provider-no-backoff",
    "passwordless-start-without-client-authentication",
    "classic-signup-bot-model-off",
    "management-api-v1-on",
    "redirects-carry-email-addresses",
];

/// Of each case the check that it trips, with the resource and the violation.
fn tripped() -> Vec<(&'static Check, String, Violation)> {
    let mut tripped = Vec::new();
    for case in cases() {
        let evaluation = evaluate(&case.bodies().tenant());
        let outcomes = evaluation.outcomes.into_iter().filter(|each| each.check.id == case.trips);
        for (check, result) in
            outcomes.flat_map(|o| o.results.into_iter().map(move |r| (o.check, r)))
        {
            if let CheckResult::Fail(violation) = result.result {
                tripped.push((check, result.resource, *violation));
            }
        }
    }
    tripped
}

#[test]
fn what_is_expected_is_a_value_or_exactly_one_of_the_forms_that_clients_know() {
    const FORMS: [&str; 4] = ["at_most", "at_least", "contains", "one_of"];
    for (check, _, violation) in tripped() {
        for evidence in violation.evidence {
            match evidence.expected {
                Value::Object(form) if !evidence.pointer.is_empty() => {
                    let keys: Vec<_> = form.keys().map(String::as_str).collect();
                    assert!(keys.len() == 1 && FORMS.contains(&keys[0]), "{}: {keys:?}", check.id);
                }
                // Words would be a sentence, not a value.
                Value::String(text) => assert!(!text.contains(' '), "{}: {text}", check.id),
                _ => {}
            }
        }
    }
}

#[test]
fn the_fix_of_every_case_resolves_its_finding_and_can_be_undone() {
    let mut fixed = BTreeSet::new();
    for case in cases() {
        fixed.extend(assert_remediations_fix(&case.bodies(), &Policy::default(), true).unwrap());
    }
    let tripped = tripped();
    let with_fix = tripped.iter().filter(|(_, _, violation)| violation.change.is_some());
    assert_eq!(fixed, with_fix.map(|(check, ..)| check.id).collect());
    assert!(fixed.len() > 70, "{}", fixed.len());
}

#[test]
fn every_call_is_a_command_and_nearly_every_one_a_snippet() {
    for (check, resource, violation) in tripped() {
        let Some(change) = &violation.change else { continue };
        let fix = Fix::for_change(check, &resource, change.clone()).unwrap();
        for call in [&fix.call, &fix.undo] {
            let command = call.auth0_cli();
            let (_, word) = command.split_once(" --data ").unwrap();
            let body = word.strip_prefix('\'').and_then(|word| word.strip_suffix('\'')).unwrap();
            assert_eq!(serde_json::from_str::<Value>(body).unwrap(), call.body, "{}", check.id);
        }
        let is_left_out = WITHOUT_SNIPPET.contains(&check.id);
        assert_eq!(fix.terraform.is_none(), is_left_out, "{} {}", check.id, change.body);
    }
}
