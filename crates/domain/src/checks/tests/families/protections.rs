//! Checks on attack protections: switched off, monitoring only, a shield missing.

use serde_json::{Value, json};

use super::super::fixtures::Bodies;
use super::{family, judge_body, judge_without, object};
use crate::checks::protection::{Flow, Protection, only};
use crate::checks::testing::{
    PASS, change, evidence, feature_off, is_assumed, severity, unknown, violation,
};
use crate::checks::{Check, Confidence, Judgement, Rule};
use crate::readings::{ReadingKind, Shield};

const SHIELDS: [&str; 3] = ["admin_notification", "block", "user_notification"];

fn off() -> Vec<(&'static Check, &'static Protection)> {
    family(3, |rule| match rule {
        Rule::ProtectionOff(protection) => Some(protection),
        _ => None,
    })
}

fn monitoring_only() -> Vec<(&'static Check, &'static Protection)> {
    family(3, |rule| match rule {
        Rule::MonitoringOnly(protection) => Some(protection),
        _ => None,
    })
}

type Missing = (&'static Protection, &'static Flow, Shield);

fn shield_missing() -> Vec<(&'static Check, Missing)> {
    family(8, |rule| match rule {
        Rule::ShieldMissing { protection, flow, shield } => Some((protection, flow, shield)),
        _ => None,
    })
}

/// A protection that does nothing in any flow, and the same once it is fixed.
fn fixed(kind: ReadingKind) -> [Value; 2] {
    match kind {
        ReadingKind::BruteForceProtection => {
            [json!({"shields": []}), json!({"shields": ["block", "user_notification"]})]
        }
        ReadingKind::SuspiciousIpThrottling => {
            [json!({"shields": []}), json!({"shields": ["admin_notification", "block"]})]
        }
        ReadingKind::BreachedPasswordDetection => {
            let body = |shields: &[&str], frequency: &[&str], stage: &[&str]| {
                json!({"shields": shields, "admin_notification_frequency": frequency,
                    "stage": {"pre-user-registration": {"shields": stage},
                    "pre-change-password": {"shields": stage}}})
            };
            [body(&[], &[], &[]), body(&SHIELDS, &["immediately"], &["block"])]
        }
        other => panic!("{} is no protection", other.name()),
    }
}

fn switched(mut body: Value, on: bool) -> Value {
    body["enabled"] = json!(on);
    body
}

/// Whether a stage that is left out is known to have no shield.
fn assumed(kind: ReadingKind, flow: &Flow) -> bool {
    flow.pointer.rsplit_once('/').is_some_and(|(stage, _)| {
        !stage.is_empty() && is_assumed(kind, &Bodies::hardened().0[&kind], stage)
    })
}

/// A protection that is on, with these shields in one flow and these in the others.
fn with(
    check: &Check,
    protection: &Protection,
    (flow, shields): (&Flow, &[&str]),
    others: &[&str],
) -> Judgement {
    let of = |each: &Flow| if each.pointer == flow.pointer { shields } else { others };
    let flows = protection.flows.iter().map(|each| (each.pointer, json!(of(each))));
    judge_body(check, protection.kind, object(flows.chain([("/enabled", json!(true))])))
}

#[test]
fn a_protection_that_is_off_fails_and_the_fix_also_makes_it_act() {
    for (check, protection) in off() {
        let kind = protection.kind;
        let [silent, acting] = fixed(kind);
        let judged = judge_body(check, kind, switched(silent.clone(), false));
        assert_eq!(severity(judged.clone()), check.severity, "{}", check.id);
        assert_eq!(evidence(judged.clone()), ("/enabled".into(), json!(false), json!(true)));
        let expected = (switched(acting, true), switched(silent, false));
        assert_eq!(change(judged), expected, "{}", check.id);
        assert_eq!(judge_body(check, kind, json!({"enabled": true})), PASS, "{}", check.id);
    }
}

#[test]
fn the_fix_of_a_protection_sends_only_what_the_tenant_has_and_lacks() {
    for (check, protection) in off() {
        let alone = change(judge_body(check, protection.kind, json!({"enabled": false})));
        assert_eq!(alone, (json!({"enabled": true}), json!({"enabled": false})), "{}", check.id);
        let all = json!({"enabled": false, "shields": SHIELDS,
            "admin_notification_frequency": ["daily"]});
        let (body, _) = change(judge_body(check, protection.kind, all));
        assert_eq!(body, json!({"enabled": true}), "{}", check.id);
        let one = json!({"enabled": false, "shields": ["user_notification"]});
        let (body, undo) = change(judge_body(check, protection.kind, one));
        let kept = body["shields"].as_array().unwrap().contains(&json!("user_notification"));
        assert!(kept, "{}: {body}", check.id);
        assert_eq!(undo, json!({"enabled": false, "shields": ["user_notification"]}));
    }
}

#[test]
fn a_switch_that_is_missing_or_new_makes_its_check_unknown() {
    for (check, protection) in off() {
        assert_eq!(judge_without(check, protection.kind, "/enabled"), unknown(), "{}", check.id);
        let new = json!({"enabled": "partly"});
        assert_eq!(judge_body(check, protection.kind, new), unknown(), "{}", check.id);
    }
}

#[test]
fn no_shield_in_any_flow_fails_and_the_fix_acts_in_all() {
    for (check, protection) in monitoring_only() {
        let [silent, acting] = fixed(protection.kind);
        let judged = judge_body(check, protection.kind, switched(silent.clone(), true));
        assert_eq!(severity(judged.clone()), check.severity, "{}", check.id);
        let shown = violation(judged.clone()).evidence;
        let pointers: Vec<_> = shown.iter().map(|each| each.pointer.as_str()).collect();
        let flows: Vec<_> = protection.flows.iter().map(|flow| flow.pointer).collect();
        assert_eq!(pointers, flows, "{}", check.id);
        let expected = json!({"contains": ["block"]});
        assert!(shown.iter().all(|each| each.expected == expected && each.found == json!([])));
        assert_eq!(change(judged), (acting, silent), "{}", check.id);
    }
}

#[test]
fn a_shield_in_any_flow_passes_and_a_new_one_alone_is_unknown() {
    for (check, protection) in monitoring_only() {
        for flow in protection.flows {
            for shield in SHIELDS {
                assert_eq!(with(check, protection, (flow, &[shield]), &[]), PASS, "{}", check.id);
                let beside = [shield, "a_new_shield"];
                assert_eq!(with(check, protection, (flow, &beside), &[]), PASS, "{}", check.id);
            }
            let new = with(check, protection, (flow, &["a_new_shield"]), &[]);
            assert_eq!(new, unknown(), "{} {}", check.id, flow.pointer);
        }
    }
}

#[test]
fn a_flow_that_is_missing_has_no_shield_if_that_is_known_and_else_only_another_decides() {
    for (check, protection) in monitoring_only() {
        let on = ("/enabled", json!(true));
        for (index, flow) in protection.flows.iter().enumerate() {
            let with = |shields: &[&str]| {
                let others = protection.flows.iter().filter(|each| each.pointer != flow.pointer);
                let others = others.map(|each| (each.pointer, json!(shields)));
                judge_body(check, protection.kind, object(others.chain([on.clone()])))
            };
            if assumed(protection.kind, flow) {
                assert_eq!(violation(with(&[])).confidence, Some(Confidence::Medium));
            } else {
                assert_eq!(with(&[]), unknown(), "{} {index}", check.id);
            }
            let is_alone = protection.flows.len() == 1;
            let acting = if is_alone { unknown() } else { PASS };
            assert_eq!(with(&["block"]), acting, "{} {index}", check.id);
        }
    }
}

#[test]
fn without_its_shield_a_flow_fails_and_the_fix_keeps_the_others() {
    for (check, (protection, flow, shield)) in shield_missing() {
        let name = only(shield)[0];
        let others: Vec<_> = SHIELDS.into_iter().filter(|each| *each != name).collect();
        // The shield in every other flow is no help.
        let judged = with(check, protection, (flow, &others), &[name]);
        assert_eq!(severity(judged.clone()), check.severity, "{}", check.id);
        let expected = json!({"contains": [name]});
        assert_eq!(evidence(judged.clone()), (flow.pointer.into(), json!(others), expected));
        let sent = |shields: &[&str]| object([(flow.pointer, json!(shields))]);
        assert_eq!(change(judged), (sent(&SHIELDS), sent(&others)), "{}", check.id);
    }
}

#[test]
fn with_its_shield_a_flow_passes_whatever_else_there_is() {
    for (check, (protection, flow, shield)) in shield_missing() {
        let name = only(shield)[0];
        for shields in [&[name][..], &[name, "a_new_shield"]] {
            assert_eq!(with(check, protection, (flow, shields), &[]), PASS, "{}", check.id);
        }
    }
}

#[test]
fn a_new_shield_alone_or_no_list_makes_the_check_on_a_shield_unknown() {
    for (check, (protection, flow, shield)) in shield_missing() {
        let name = only(shield)[0];
        let new = with(check, protection, (flow, &["a_new_shield"]), &[name]);
        assert_eq!(new, unknown(), "{}", check.id);
        assert_eq!(judge_without(check, protection.kind, flow.pointer), unknown(), "{}", check.id);
        for body in [json!({"enabled": true}), json!({"enabled": true, "stage": {}})] {
            let judged = judge_body(check, protection.kind, body);
            if assumed(protection.kind, flow) {
                assert_eq!(violation(judged).confidence, Some(Confidence::Medium));
            } else {
                assert_eq!(judged, unknown(), "{}", check.id);
            }
        }
    }
}

#[test]
fn checks_on_what_a_protection_does_do_not_apply_while_it_is_off() {
    let shields = shield_missing().into_iter().map(|(check, (protection, ..))| (check, protection));
    for (check, protection) in monitoring_only().into_iter().chain(shields) {
        let [silent, _] = fixed(protection.kind);
        for body in [silent, json!({})] {
            let judged = judge_body(check, protection.kind, switched(body, false));
            assert_eq!(judged, feature_off(), "{}", check.id);
        }
    }
}
