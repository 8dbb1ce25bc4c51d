//! Checks on a setting with named values.

use serde_json::json;

use super::super::cases::cases;
use super::{family, judge_body, judge_without, object};
use crate::checks::testing::{PASS, change, evidence, severity, unknown};
use crate::checks::{Check, Choice, Rule};

fn choices() -> Vec<(&'static Check, Choice)> {
    family(5, |rule| match rule {
        Rule::Choice(choice) => Some(choice),
        _ => None,
    })
}

fn body(choice: Choice, value: &str) -> serde_json::Value {
    object([(choice.pointer, json!(value))])
}

#[test]
fn a_wrong_value_fails_and_the_fix_sets_the_first_right_one() {
    for (check, choice) in choices() {
        let case = cases().into_iter().find(|case| case.trips == check.id).unwrap();
        let wrong = case.set[0].2.as_str().unwrap().to_owned();
        let judged = judge_body(check, choice.kind, body(choice, &wrong));
        assert_eq!(severity(judged.clone()), check.severity, "{}", check.id);
        let expected = match choice.right {
            [only] => json!(only),
            several => json!({"one_of": several}),
        };
        let shown = (choice.pointer.to_owned(), json!(wrong), expected);
        assert_eq!(evidence(judged.clone()), shown, "{}", check.id);
        let sent = (body(choice, choice.right[0]), body(choice, &wrong));
        assert_eq!(change(judged), sent, "{}", check.id);
    }
}

#[test]
fn every_right_value_passes() {
    for (check, choice) in choices() {
        for right in choice.right {
            let judged = judge_body(check, choice.kind, body(choice, right));
            assert_eq!(judged, PASS, "{} {right}", check.id);
        }
    }
}

#[test]
fn a_value_that_is_missing_or_new_makes_its_check_unknown() {
    for (check, choice) in choices() {
        let missing = judge_without(check, choice.kind, choice.pointer);
        assert_eq!(missing, unknown(), "{}", check.id);
        let new = judge_body(check, choice.kind, body(choice, "a new value"));
        assert_eq!(new, unknown(), "{}", check.id);
    }
}
