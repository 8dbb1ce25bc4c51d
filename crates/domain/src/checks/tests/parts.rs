//! Members that take a scope of their own: absent without it they say nothing, and the scope is named.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};

use super::fixtures::Bodies;
use super::properties::tenants;
use crate::checks::scopes::{missing_optional, unneeded, useful};
use crate::checks::{CheckResult, Evaluation, evaluate, find};
use crate::coverage::{Forecast, counts, coverage_percent, forecast};
use crate::inconclusive::{NotApplicableReason, UnknownReason};
use crate::readings::parts::{CLIENT_AUTHENTICATION_METHODS, CONNECTION_OPTIONS};
use crate::readings::{Need, Part, ReadingKind};
use crate::scope::{REQUIRED, Scopes};
use crate::tenant::Tenant;
use crate::test_support::lose;

/// A tenant that grants these scopes, as this service would see it. One that is not migrated gives the
/// options of connections whatever is granted.
fn seen(bodies: &Bodies, granted: &Scopes, is_migrated: bool) -> Tenant {
    let mut bodies = bodies.clone();
    let scope = granted.to_vec().join(" ");
    bodies.set(ReadingKind::TokenFacts, "", json!({"scope": scope, "expires_in": 86_400}));
    for part in Part::ALL {
        let is_shown = part.is_given_to(granted) || (**part == CONNECTION_OPTIONS && !is_migrated);
        let objects = bodies.0.get_mut(&part.reading).unwrap().as_array_mut().unwrap();
        for object in objects.iter_mut().filter(|_| !is_shown).filter_map(Value::as_object_mut) {
            object.remove(part.member);
        }
    }
    let is_granted = |kind: &ReadingKind| kind.scope().is_none_or(|scope| granted.contains(scope));
    bodies.0.retain(|kind, _| kind.need() != Need::Optional || is_granted(kind));
    let mut tenant = bodies.tenant();
    for kind in ReadingKind::fetched().filter(|kind| !is_granted(kind)) {
        lose(&mut tenant, kind, UnknownReason::MissingScope);
    }
    tenant
}

fn all_but(scope: &str) -> Scopes {
    let others: Vec<_> = useful().into_iter().filter(|each| *each != scope).collect();
    Scopes::parse(&others.join(" "))
}

fn everything() -> Scopes {
    all_but("")
}

fn not_enabled(evaluation: &Evaluation) -> BTreeSet<&str> {
    evaluation.not_enabled.iter().map(|check| check.id).collect()
}

/// The checks that would not run for want of a scope, with the scopes that they name.
fn waiting(forecast: &Forecast) -> Vec<(&str, Vec<&str>)> {
    let waiting = forecast.not_runnable.iter().filter(|check| check.reason == "missing_scope");
    waiting
        .map(|check| (check.check_id.as_str(), check.scopes.iter().map(String::as_str).collect()))
        .collect()
}

#[test]
fn a_part_feeds_exactly_the_checks_that_look_at_it() {
    for part in Part::ALL {
        let mut bodies = Bodies::hardened();
        if **part == CLIENT_AUTHENTICATION_METHODS {
            // Where a method by secret is set it decides alone.
            let apps = bodies.0.get_mut(&ReadingKind::Clients).unwrap().as_array_mut().unwrap();
            for app in apps.iter_mut().filter(|app| app["global"] == false) {
                app["token_endpoint_auth_method"] = json!(null);
                app["grant_types"] = json!(["client_credentials"]);
            }
        }
        let granted = all_but(part.scope());
        let tenant = seen(&bodies, &granted, true);
        let evaluation = evaluate(&tenant);
        let waits =
            |result: &CheckResult| *result == CheckResult::Unknown(UnknownReason::MissingScope);
        let unknown = evaluation.outcomes.iter().filter(|outcome| waits(&outcome.overall));
        let mut fed = not_enabled(&evaluation);
        fed.extend(unknown.map(|outcome| outcome.check.id));
        assert_eq!(fed, part.feeds.iter().copied().collect(), "{}", part.member);
        let forecast = forecast(Some(&tenant), "");
        assert!(waiting(&forecast).iter().all(|(_, scopes)| *scopes == [part.scope()]));
        assert!(part.feeds.iter().all(|id| find(id).unwrap().reads.contains(&part.reading)));
    }
}

#[test]
fn connections_without_options_are_neither_wrong_nor_right_and_name_the_scope() {
    let mut bodies = Bodies::hardened();
    let options = "/0/options";
    bodies.set(ReadingKind::Connections, &format!("{options}/passwordPolicy"), json!("none"));
    bodies.set(
        ReadingKind::Connections,
        &format!("{options}/brute_force_protection"),
        json!(false),
    );
    let granted = all_but("read:connections_options");
    let tenant = seen(&bodies, &granted, true);
    let evaluation = evaluate(&tenant);
    assert_eq!(not_enabled(&evaluation), CONNECTION_OPTIONS.feeds.iter().copied().collect());
    assert_eq!(coverage_percent(&counts(&evaluation)), Some(100));
    let forecast = forecast(Some(&tenant), "");
    assert_eq!((forecast.checks_not_enabled, forecast.percent), (9, 100));
    assert_eq!(waiting(&forecast).len(), 9);
    assert_eq!(missing_optional(&granted), ["read:connections_options"]);
    // Granted, it brings the findings.
    let evaluation = evaluate(&seen(&bodies, &everything(), true));
    let failing: Vec<_> = super::failing(&evaluation).into_keys().collect();
    let expected = ["connection-brute-force-protection-off", "connection-password-policy-weak"];
    assert_eq!(failing, expected);
    assert!(evaluation.not_enabled.is_empty());
    assert!(unneeded(&everything()).is_empty());
}

#[test]
fn a_tenant_that_is_not_migrated_is_judged_without_the_scope() {
    let tenant = seen(&Bodies::hardened(), &all_but("read:connections_options"), false);
    let evaluation = evaluate(&tenant);
    assert!(evaluation.not_enabled.is_empty());
    assert_eq!(counts(&evaluation).unknown, 0);
}

#[test]
fn options_that_are_absent_with_the_scope_are_not_understood() {
    let mut bodies = Bodies::hardened();
    bodies.set(ReadingKind::Connections, "", json!([{"id": "con_db", "strategy": "auth0"}]));
    let tenant = seen(&bodies, &everything(), true);
    let evaluation = evaluate(&tenant);
    let unknown = CheckResult::Unknown(UnknownReason::NotUnderstood);
    let id = "connection-password-policy-weak";
    assert_eq!(super::result(&evaluation, id), &unknown);
    // No connection of the kind is an answer.
    assert_eq!(super::result(&evaluation, "connection-developer-keys"), &CheckResult::Pass);
    let forecast = forecast(Some(&tenant), "");
    let line = forecast.not_runnable.iter().find(|check| check.check_id == id).unwrap();
    assert_eq!((line.reason.as_str(), line.scopes.len()), ("not_understood", 0));
}

#[test]
fn an_unread_list_says_why_and_not_that_a_scope_of_its_parts_is_missing() {
    let granted = all_but("read:connections_options");
    let mut tenant = seen(&Bodies::hardened(), &granted, true);
    lose(&mut tenant, ReadingKind::Connections, UnknownReason::ApiError);
    let evaluation = evaluate(&tenant);
    for id in CONNECTION_OPTIONS.feeds {
        let unknown = CheckResult::Unknown(UnknownReason::ApiError);
        assert_eq!(super::result(&evaluation, id), &unknown, "{id}");
    }
}

#[test]
fn the_other_scope_that_brings_a_part_is_enough_and_still_too_much() {
    let granted = Scopes::parse("read:clients read:client_keys");
    assert!(CLIENT_AUTHENTICATION_METHODS.is_given_to(&granted));
    assert!(!missing_optional(&granted).contains(&"read:client_credentials".to_owned()));
    assert_eq!(unneeded(&granted), ["read:client_keys"]);
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]

    #[test]
    fn for_any_scopes_the_forecast_is_what_the_sync_then_says(
        bodies in tenants(), chosen in vec(any::<bool>(), 32), is_migrated in any::<bool>(),
    ) {
        let granted: Vec<&str> =
            useful().into_iter().zip(&chosen).filter(|(_, yes)| **yes).map(|(s, _)| s).collect();
        let granted = Scopes::parse(&granted.join(" "));
        let tenant = seen(&bodies, &granted, is_migrated);
        let (forecast, evaluation) = (forecast(Some(&tenant), ""), evaluate(&tenant));
        let counted = counts(&evaluation);
        prop_assert_eq!(forecast.checks_not_enabled, counted.not_enabled);
        let offered = CheckResult::NotApplicable(NotApplicableReason::FeatureNotOffered);
        let is_left_out = |result: &CheckResult| {
            matches!(result, CheckResult::Unknown(_)) || *result == offered
        };
        let mut left_out = not_enabled(&evaluation);
        left_out.extend(
            evaluation.outcomes.iter().filter(|o| is_left_out(&o.overall)).map(|o| o.check.id),
        );
        let named: BTreeSet<_> = forecast.not_runnable.iter().map(|c| c.check_id.as_str()).collect();
        prop_assert_eq!(named, left_out);
        for line in &forecast.not_runnable {
            let is_missing = |scope: &String| !granted.contains(scope);
            let waits = line.reason == "missing_scope";
            prop_assert!(!line.reason.is_empty() && line.scopes.iter().all(is_missing));
            prop_assert_eq!(waits, !line.scopes.is_empty(), "{}", &line.check_id);
        }
    }

    #[test]
    fn the_scopes_that_a_check_waits_for_bring_it(
        chosen in vec(any::<bool>(), 32), is_migrated in any::<bool>(),
    ) {
        let granted: Vec<&str> =
            useful().into_iter().zip(&chosen).filter(|(_, yes)| **yes).map(|(s, _)| s).collect();
        let before = Scopes::parse(&granted.join(" "));
        let tenant = seen(&Bodies::hardened(), &before, is_migrated);
        let forecasted = forecast(Some(&tenant), "");
        let mut waits: BTreeMap<Vec<&str>, BTreeSet<&str>> = BTreeMap::new();
        for (id, scopes) in waiting(&forecasted) {
            waits.entry(scopes).or_default().insert(id);
        }
        for (scopes, checks) in waits {
            let more: Vec<_> = granted.iter().chain(&scopes).copied().collect();
            let after = Scopes::parse(&more.join(" "));
            let tenant = seen(&Bodies::hardened(), &after, is_migrated);
            for line in forecast(Some(&tenant), "").not_runnable {
                prop_assert!(!checks.contains(line.check_id.as_str()), "{}", line.check_id);
            }
        }
    }
}

#[test]
fn the_three_required_scopes_alone_are_complete() {
    let granted = Scopes::parse(&REQUIRED.join(" "));
    let forecast = forecast(Some(&seen(&Bodies::hardened(), &granted, true)), "");
    assert_eq!(forecast.percent, 100);
    let names_one = |(_, scopes): &(&str, Vec<&str>)| !scopes.is_empty();
    assert!(waiting(&forecast).iter().all(names_one));
}
