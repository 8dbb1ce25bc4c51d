use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::acceptance::Reason;
use crate::checks::Method;
use crate::checks::testing::{readings, samples, tenants};
use crate::readings::ReadingKind;

const BRUTE_FORCE: &str = "/api/v2/attack-protection/brute-force-protection";

fn situation(tenant: Tenant) -> Situation {
    Situation::of_tenant(tenant, Policy::default())
}

fn plan(situation: &Situation) -> Plan {
    Plan::build(situation, |_| true, || true)
}

/// Brute-force protection with these members, and MFA that is always required.
fn guarded(members: &Value) -> Situation {
    let mut body = json!({"enabled": true, "shields": ["block", "user_notification"], "allowlist": [],
        "mode": "count_per_identifier", "max_attempts": 10});
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    situation(readings(&[
        (ReadingKind::BruteForceProtection, body),
        (ReadingKind::MfaPolicies, json!(["all-applications"])),
    ]))
}

fn checks_of(findings: &[PlannedFinding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.key.check_id.as_str()).collect()
}

#[test]
fn findings_on_the_same_path_share_a_call() {
    let body =
        json!({"max_attempts": 100, "mode": "count_per_identifier_and_ip", "shields": ["block"]});
    let plan = plan(&guarded(&body));
    let [action] = &plan.actions[..] else { panic!("{:#?}", plan.actions) };
    assert_eq!(
        (action.fix.call.method, action.fix.call.path.as_str()),
        (Method::Patch, BRUTE_FORCE)
    );
    assert_eq!(
        action.fix.call.body,
        json!({"max_attempts": 10, "mode": "count_per_identifier", "shields": ["block", "user_notification"]})
    );
    assert_eq!(action.fix.undo.body, body);
    assert!(action.fix.terraform.as_ref().unwrap().contains("max_attempts"));
    assert_eq!(action.effort, Effort::Medium);
    assert_eq!(action.side_effects.len(), 3, "{:?}", action.side_effects);
    assert_eq!(
        checks_of(&action.resolves),
        [
            "brute-force-threshold-extreme",
            "brute-force-user-not-notified",
            "brute-force-distributed-guessing-not-counted"
        ]
    );
    assert_eq!((action.score_before, action.score_after), (plan.before.score, Some(100)));
    assert!(plan.before.score < Some(100) && plan.manual.is_empty());
}

#[test]
fn of_two_values_for_one_member_the_second_waits_for_the_first() {
    let plan = plan(&guarded(&json!({"shields": []})));
    let bodies: Vec<_> = plan.actions.iter().map(|each| &each.fix.call.body).collect();
    assert_eq!(bodies, [&json!({"shields": ["block", "user_notification"]})], "monitoring only");

    let tenant = readings(&[(
        ReadingKind::BreachedPasswordDetection,
        json!({"enabled": true, "method": "enhanced", "admin_notification_frequency": ["immediately"],
            "shields": ["block"], "stage": {"pre-user-registration": {"shields": ["block"]},
            "pre-change-password": {"shields": ["block"]}}}),
    )]);
    let plan = self::plan(&situation(tenant));
    let [first, second] = &plan.actions[..] else { panic!("{:#?}", plan.actions) };
    assert!(first.after.is_empty());
    assert_eq!(second.after, std::slice::from_ref(&first.id));
    let shields = |call: &crate::remediation::Call| call.body["shields"].clone();
    let all = json!(["admin_notification", "block", "user_notification"]);
    assert_eq!(
        (shields(&second.fix.call), shields(&second.fix.undo)),
        (all, shields(&first.fix.call))
    );
}

#[test]
fn what_an_action_opens_is_named_and_planned_for() {
    let plan = plan(&guarded(&json!({"enabled": false, "max_attempts": 50})));
    let [first, second] = &plan.actions[..] else { panic!("{:#?}", plan.actions) };
    assert_eq!(checks_of(&first.resolves), ["brute-force-protection-off"]);
    assert_eq!(checks_of(&first.opens), ["brute-force-threshold-high"]);
    assert_eq!(
        (checks_of(&second.resolves), &second.after),
        (checks_of(&first.opens), &vec![first.id.clone()])
    );
    assert_eq!(second.score_before, first.score_after);
}

#[test]
fn accepted_findings_are_not_planned_and_what_no_call_fixes_has_steps() {
    let listed = json!({"allowlist": ["192.0.2.1", "not an address"], "max_attempts": 50});
    let mut situation = guarded(&listed);
    let key = |check: &str| FindingKey {
        check_id: check.to_owned(),
        resource: "attack-protection/brute-force-protection".to_owned(),
    };
    situation.known.accepted.insert(key("brute-force-threshold-high"), Reason::WontFix);
    let before = plan(&situation);
    assert!(
        before
            .actions
            .iter()
            .all(|a| !checks_of(&a.resolves).contains(&"brute-force-threshold-high"))
    );
    assert_eq!(before.before.accepted, 1);

    let grant = json!([{"id": "g", "client_id": "c", "audience": "https://orders.example", "scope": [],
        "allow_all_scopes": true}]);
    let tenant = readings(&[
        (ReadingKind::ClientGrants, grant),
        (ReadingKind::TokenFacts, json!({"scope": "read:client_grants"})),
    ]);
    let plan = plan(&self::situation(tenant));
    let [manual] = &plan.manual[..] else { panic!("{:#?}", plan.manual) };
    assert_eq!((manual.check.id, manual.reason), ("grant-all-scopes", ManualReason::NoSingleCall));
    assert_eq!(manual.findings[0].key.resource, "client-grants/g");
    assert_eq!(plan.before, plan.after);
}

#[test]
fn disabled_checks_are_not_planned() {
    let check = "brute-force-threshold-extreme";
    let mut situation = guarded(&json!({"max_attempts": 100}));
    let state = situation.state_of(&situation.tenant);
    situation.known.findings = state.open.into_values().collect();
    assert_eq!(plan(&situation).actions.len(), 1);
    let disabled =
        json!({"disabled": [{"check_id": check, "reason": "Our gateway limits attempts."}]});
    situation.policy = Policy::parse(&disabled).unwrap();
    let plan = plan(&situation);
    let text = format!("{:?} {:?}", plan.actions, plan.manual);
    assert!(!text.contains(check), "{text}");
}

#[test]
fn only_the_wanted_checks_are_planned() {
    let body = json!({"max_attempts": 100, "mode": "count_per_identifier_and_ip"});
    let wanted = "brute-force-distributed-guessing-not-counted";
    let plan = Plan::build(&guarded(&body), |check| check.id == wanted, || true);
    assert_eq!(plan.actions.len(), 1);
    assert_eq!(plan.actions[0].fix.call.body, json!({"mode": "count_per_identifier"}));
    assert!(plan.manual.is_empty());
}

#[test]
fn findings_that_were_not_judged_are_not_planned() {
    let mut situation = guarded(&json!({"max_attempts": 50}));
    let state = situation.state_of(&situation.tenant);
    situation.known.findings = state.open.into_values().collect();
    situation.tenant = readings(&[(ReadingKind::MfaPolicies, json!(["all-applications"]))]);
    let plan = plan(&situation);
    assert!(plan.actions.is_empty());
    assert!(plan.manual.iter().all(|each| each.reason == ManualReason::NotJudged));
    assert_eq!(plan.manual.len(), situation.known.findings.len());
}

#[test]
fn there_are_at_most_so_many_actions() {
    let clients = (0..ACTIONS_MAX + 5).map(|n| {
        json!({"client_id": format!("c{n:03}"), "app_type": "spa", "oidc_conformant": false,
            "grant_types": ["authorization_code"], "cross_origin_authentication": false})
    });
    let tenant = readings(&[
        (ReadingKind::Clients, clients.collect()),
        (ReadingKind::TokenFacts, json!({"scope": "read:clients"})),
    ]);
    let situation = situation(tenant);
    let plan =
        Plan::build(&situation, |check| check.id == "application-not-oidc-conformant", || true);
    assert_eq!((plan.actions.len(), plan.is_truncated), (ACTIONS_MAX, true));
    assert!(plan.manual.is_empty(), "what is left is not done by hand");
    assert_eq!(situation.what_if(&plan.actions).after, plan.after);
}

/// What the readings of a sync can be, in another order.
fn reversed(bodies: &BTreeMap<ReadingKind, Value>) -> Tenant {
    fn reverse(value: &mut Value) {
        match value {
            Value::Array(items) => {
                items.reverse();
                items.iter_mut().for_each(reverse);
            }
            Value::Object(members) => members.values_mut().for_each(reverse),
            _ => {}
        }
    }
    let mut bodies = bodies.clone();
    bodies.values_mut().for_each(reverse);
    readings(&bodies.into_iter().collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_plan_keeps_what_it_promises(bodies in tenants(), choice in any::<u64>()) {
        let situation = situation(bodies.tenant());
        let plan = plan(&situation);
        let mut tenant = situation.tenant.clone();
        let mut score = plan.before.score;
        for action in &plan.actions {
            prop_assert_eq!(action.score_before, score);
            prop_assert!(!action.resolves.is_empty());
            prop_assert_eq!(action.fix.call.apply_to(&mut tenant), Ok(()));
            let state = situation.state_of(&tenant);
            prop_assert!(action.resolves.iter().all(|finding| !state.open.contains_key(&finding.key)));
            prop_assert!(action.opens.iter().all(|finding| state.open.contains_key(&finding.key)));
            score = state.figures(&situation.known).score;
            prop_assert_eq!(action.score_after, score);
            let earlier: Vec<_> = plan.actions.iter().take_while(|each| each.id != action.id).collect();
            prop_assert!(action.after.iter().all(|id| earlier.iter().any(|each| each.id == *id)));
        }
        prop_assert!(plan.after.score >= plan.before.score);
        let state = situation.state_of(&tenant);
        for finding in plan.actions.iter().flat_map(|action| &action.resolves) {
            prop_assert!(!state.open.contains_key(&finding.key), "{:?} is open", finding.key);
        }
        let by_hand: BTreeSet<_> = plan.manual.iter().flat_map(|m| &m.findings).map(|f| &f.key).collect();
        prop_assert_eq!(by_hand, state.open.keys().collect::<BTreeSet<_>>());
        // All of it at once, and undone in reverse order.
        let all = situation.what_if(&plan.actions);
        prop_assert_eq!((&all.before, &all.after), (&plan.before, &plan.after));
        for action in plan.actions.iter().rev() {
            prop_assert_eq!(action.fix.undo.apply_to(&mut tenant), Ok(()));
        }
        // An undo states what was absent before.
        let said = |tenant: &Tenant| -> Vec<_> {
            let outcomes = crate::checks::evaluate(tenant).outcomes.into_iter();
            outcomes.map(|of| (of.check.id, of.results.len(), of.overall.name())).collect()
        };
        prop_assert_eq!(said(&tenant), said(&situation.tenant));
        // Any of it.
        let some = plan.actions.iter().enumerate().filter(|(at, _)| choice >> (at % 64) & 1 == 1);
        let some = situation.what_if(some.map(|(_, action)| action));
        prop_assert!(some.not_applied.is_empty());
        // The order of the input does not matter.
        let other = Situation { tenant: reversed(&bodies.0), ..situation };
        let again = self::plan(&other);
        prop_assert_eq!(&again.actions, &plan.actions);
        let findings = |plan: &Plan| -> Vec<_> {
            plan.manual.iter().map(|each| each.findings.clone()).collect()
        };
        prop_assert_eq!(findings(&again), findings(&plan));
    }
}

#[test]
fn nothing_is_planned_for_a_tenant_with_nothing_to_find() {
    let plan = plan(&situation(readings(&samples::hardened().into_iter().collect::<Vec<_>>())));
    assert!(plan.actions.is_empty(), "{:#?}", plan.actions);
}

#[test]
fn a_plan_that_has_no_time_left_says_so() {
    let situation = guarded(
        &json!({"max_attempts": 100, "mode": "count_per_identifier_and_ip", "shields": ["block"]}),
    );
    let whole = plan(&situation);
    let cut = Plan::build(&situation, |_| true, || false);
    assert!(cut.is_truncated && cut.actions.is_empty() && !whole.is_truncated);
}
