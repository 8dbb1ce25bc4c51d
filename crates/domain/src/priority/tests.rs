use proptest::prelude::*;

use super::*;
use crate::checks::testing::samples;
use crate::checks::{Evaluation, evaluate};

fn tenant(changes: &[(&str, Value)]) -> Tenant {
    let mut bodies = samples::hardened();
    bodies.insert(ReadingKind::DailyStats, json!([]));
    let scopes: Vec<&str> = ReadingKind::ALL.iter().filter_map(|kind| kind.scope()).collect();
    bodies.insert(ReadingKind::TokenFacts, json!({"scope": scopes.join(" ")}));
    let own: Map<String, Value> =
        serde_json::from_str(include_str!("new_tenant.json")).expect("the file is JSON");
    let bodies = bodies.into_iter().map(|(kind, body)| (kind.name().to_owned(), body)).chain(own);
    let mut tenant = Tenant::new("own", Timestamp::UNIX_EPOCH);
    for (name, body) in bodies.chain(changes.iter().map(|(n, b)| ((*n).to_owned(), b.clone()))) {
        let kind = ReadingKind::from_name(&name).unwrap();
        tenant.insert(kind, Outcome::Read(kind.decode(body).unwrap()));
    }
    tenant
}

/// The failures with their ranking, by descending priority.
fn ranked(
    tenant: &Tenant,
    evaluation: &Evaluation,
    reversed: bool,
) -> Vec<(FindingKey, Ranking<FindingKey>)> {
    let each = evaluation.outcomes.iter().flat_map(|o| o.results.iter().map(move |r| (o.check, r)));
    let mut failed: Vec<_> = each
        .filter_map(|(check, result)| match &result.result {
            CheckResult::Fail(violation) => {
                let resource = result.resource.clone();
                Some((FindingKey { check_id: check.id.to_owned(), resource }, violation))
            }
            _ => None,
        })
        .collect();
    if reversed {
        failed.reverse();
    }
    let candidates: Vec<_> = failed
        .iter()
        .map(|(key, violation)| Candidate {
            key,
            severity: violation.severity,
            confidence: violation.confidence,
            evidence: &violation.evidence,
        })
        .collect();
    let ranked = rank(tenant, &ObjectNames::new(tenant), &candidates);
    let mut ranked: Vec<_> = ranked
        .into_iter()
        .enumerate()
        .map(|(at, of)| (failed[at].0.clone(), of.with_ids(|at| failed[at].0.clone())))
        .collect();
    ranked.sort_by(|a, b| b.1.priority.cmp(&a.1.priority).then_with(|| a.0.cmp(&b.0)));
    ranked
}

fn priorities(tenant: &Tenant) -> Vec<(FindingKey, Ranking<FindingKey>)> {
    ranked(tenant, &evaluate(tenant), false)
}

fn application(id: &str, grants: &Value) -> Value {
    json!({
        "client_id": id, "name": format!("App {id}"), "app_type": "spa", "grant_types": grants,
        "is_first_party": true, "oidc_conformant": true, "callbacks": ["https://acme.example/cb"],
    })
}

fn ranking_of<'a>(
    all: &'a [(FindingKey, Ranking<FindingKey>)],
    check: &str,
    resource: &str,
) -> &'a Ranking<FindingKey> {
    let found = all.iter().find(|(key, _)| key.check_id == check && key.resource == resource);
    &found.unwrap_or_else(|| panic!("{check} {resource} in {all:#?}")).1
}

#[test]
fn what_is_particular_to_the_tenant_comes_before_what_every_new_tenant_has() {
    let all = priorities(&tenant(&[
        ("clients", json!([application("a", &json!(["implicit", "authorization_code"]))])),
        ("tenants_settings", json!({"flags": {"enable_public_signup_user_exists_error": true}})),
    ]));
    let generic = ranking_of(
        &all,
        "breached-password-detection-off",
        "attack-protection/breached-password-detection",
    );
    assert!(generic.reasons.iter().any(|reason| reason == "As on every new tenant"), "{generic:?}");
    let own = ranking_of(&all, "application-insecure-grant", "clients/a");
    assert!(own.reasons.iter().any(|reason| reason == "Particular to this tenant"), "{own:?}");
    let first = ObjectType::of_resource(&all[0].0.resource).0;
    assert_eq!(first, ObjectType::Application, "{:#?}", &all[..5]);
}

#[test]
fn a_combination_and_its_parts_are_one_cause() {
    let all = priorities(&tenant(&[("active_users", json!(5))]));
    let whole = ranking_of(&all, "stolen-credentials-sufficient", "tenant");
    let part = ranking_of(
        &all,
        "breached-password-detection-off",
        "attack-protection/breached-password-detection",
    );
    assert_eq!(whole.part_of, None);
    let told_by = part.part_of.as_ref().map(|key| key.check_id.as_str());
    assert_eq!(told_by, Some("stolen-credentials-sufficient"));
    assert!(part.priority < all[7].1.priority, "{all:#?}");
}

#[test]
fn an_application_without_grants_is_less_urgent_and_repetitions_are_too() {
    let implicit = json!(["implicit"]);
    let clients = json!([application("a", &implicit), application("b", &implicit)]);
    let all = priorities(&tenant(&[("clients", clients)]));
    let [a, b] = ["a", "b"]
        .map(|id| ranking_of(&all, "application-insecure-grant", &format!("clients/{id}")));
    assert!(a.priority > b.priority, "{a:?} {b:?}");
    assert_eq!((&a.part_of, &b.part_of), (&None, &None));
    let unused = json!([application("a", &json!([]))]);
    let all = priorities(&tenant(&[("clients", unused)]));
    let reasons = all.iter().filter(|(key, _)| key.resource == "clients/a");
    for (key, ranking) in reasons {
        assert!(ranking.reasons.iter().any(|r| r.contains("allows no grant")), "{key:?}");
    }
}

#[test]
fn the_reasons_of_a_priority_come_with_it() {
    for (key, ranking) in priorities(&tenant(&[])) {
        assert!(ranking.priority > 0 && ranking.priority <= 1000, "{key:?} {ranking:?}");
        assert!(ranking.reasons.iter().any(|reason| reason.starts_with("Severity ")), "{key:?}");
    }
}

fn changes() -> impl Strategy<Value = Vec<(&'static str, Value)>> {
    let grants = prop::sample::subsequence(
        vec!["implicit", "password", "client_credentials", "authorization_code", "refresh_token"],
        0..=5,
    );
    let clients = prop::collection::vec(grants, 0..6).prop_map(|all| {
        let each = all.iter().enumerate();
        json!(
            each.map(|(n, grants)| application(&n.to_string(), &json!(grants))).collect::<Vec<_>>()
        )
    });
    let scopes = prop::collection::vec(
        prop::sample::subsequence(
            vec![
                "create:actions",
                "update:clients",
                "read:client_keys",
                "delete:users",
                "update:client_grants",
            ],
            1..=5,
        ),
        0..3,
    );
    let grants = scopes.prop_map(|all| {
        let each = all.iter().enumerate().map(|(n, scope)| {
            json!({"id": format!("cgr_{n}"), "client_id": n.to_string(), "scope": scope,
                "audience": "https://acme.eu.auth0.com/api/v2/"})
        });
        json!(each.collect::<Vec<_>>())
    });
    (clients, grants, any::<bool>(), any::<bool>(), any::<bool>(), 0_u64..50_000).prop_map(
        |(clients, grants, brute_force, breached, bots, users)| {
            vec![
                ("client_grants", grants),
                ("clients", clients),
                ("active_users", json!(users)),
                ("brute_force_protection", json!({"enabled": brute_force, "shields": ["block"], "allowlist": ["0.0.0.0/0"],
                    "mode": "count_per_identifier", "max_attempts": 100})),
                ("breached_password_detection", json!({"enabled": breached, "shields": [], "method": "standard",
                    "stage": {"pre-user-registration": {"shields": []}, "pre-change-password": {"shields": []}},
                    "admin_notification_frequency": []})),
                ("suspicious_ip_throttling", json!({"enabled": bots, "shields": [], "allowlist": ["0.0.0.0/0"]})),
            ]
        },
    )
}

proptest! {
    #[test]
    fn the_first_five_are_five_causes_in_any_order_of_input(changes in changes()) {
        let tenant = tenant(&changes);
        let evaluation = evaluate(&tenant);
        let all = ranked(&tenant, &evaluation, false);
        prop_assert_eq!(&all, &ranked(&tenant, &evaluation, true));
        let cause = |(key, of): &'_ (FindingKey, Ranking<FindingKey>)| {
            of.part_of.clone().unwrap_or_else(|| key.clone())
        };
        let causes: BTreeSet<FindingKey> = all.iter().map(cause).collect();
        let first = all.iter().take(causes.len().min(5));
        let first: BTreeSet<FindingKey> = first.map(cause).collect();
        prop_assert_eq!(first.len(), causes.len().min(5), "{:#?}", all);
        for (key, ranking) in &all {
            let told_by = all.iter().find(|(of, _)| Some(of) == ranking.part_of.as_ref());
            prop_assert_eq!(told_by.is_some(), ranking.part_of.is_some(), "{:?}", key);
            if let Some((_, whole)) = told_by {
                prop_assert!(whole.priority > ranking.priority && whole.part_of.is_none());
            }
        }
    }
}
