//! Checks on one switch of the tenant or of each object.

use serde_json::{Value, json};

use super::super::cases::cases;
use super::{family, object};
use crate::checks::testing::{
    PASS, change, evidence, is_assumed, on_sample, on_sample_without, samples, severity, unknown,
    violation,
};
use crate::checks::{Check, Judgement, Rule, Switch, SwitchOf};

fn switches() -> Vec<(&'static Check, Switch)> {
    family(11, |rule| match rule {
        Rule::Switch(switch) => Some(switch),
        _ => None,
    })
}

/// Where the switch stands in the sample of its reading.
fn place(switch: Switch) -> String {
    let object = match switch.of {
        SwitchOf::TenantFlags(_) => "",
        SwitchOf::Applications(..) | SwitchOf::Connections(..) => "/0",
        SwitchOf::Apis(..) => "/1",
    };
    format!("{object}{}", switch.pointer)
}

fn with(check: &Check, switch: Switch, value: Value) -> Judgement {
    on_sample(check, check.reads[0], &[(&place(switch), value)])
}

#[test]
fn the_wrong_position_fails_and_the_fix_turns_the_switch() {
    for (check, switch) in switches() {
        let case = cases().into_iter().find(|case| case.trips == check.id).unwrap();
        let (_, pointer, wrong) = &case.set[0];
        assert_eq!((*pointer, wrong), (place(switch).as_str(), &json!(switch.wrong)));
        let (wrong, right) = (switch.wrong, !switch.wrong);
        let judged = with(check, switch, json!(wrong));
        assert_eq!(severity(judged.clone()), check.severity, "{}", check.id);
        let expected = (switch.pointer.to_owned(), json!(wrong), json!(right));
        assert_eq!(evidence(judged.clone()), expected, "{}", check.id);
        let set = |value: bool| object([(switch.pointer, json!(value))]);
        if check.remediation.call.is_some() {
            assert_eq!(change(judged), (set(right), set(wrong)), "{}", check.id);
        } else {
            assert_eq!(violation(judged).change, None, "{}", check.id);
        }
        assert_eq!(with(check, switch, json!(right)), PASS, "{}", check.id);
    }
}

#[test]
fn a_switch_of_another_type_or_missing_without_a_meaning_makes_its_check_unknown() {
    for (check, switch) in switches() {
        let kind = check.reads[0];
        let missing = on_sample_without(check, kind, &place(switch));
        if is_assumed(kind, &samples::sample_body(kind), &place(switch)) {
            assert_ne!(missing, unknown(), "{}", check.id);
        } else {
            assert_eq!(missing, unknown(), "{}", check.id);
        }
        assert_eq!(with(check, switch, json!("a new value")), unknown(), "{}", check.id);
    }
}
