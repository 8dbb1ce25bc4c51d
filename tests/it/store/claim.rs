//! Claiming and taking over a sync.

use std::collections::BTreeSet;

use domain::history::HistoryStatus;
use domain::sync::{Stage, SyncState};
use secrecy::ExposeSecret;
use sqlx::PgPool;
use store::{ClaimRules, Error, KeyRing, Store};

use super::fixtures::{RULES, SECRET, World, claim_one, first, t};

#[support::test]
async fn a_claim_has_everything_a_sync_needs(world: World) {
    let integration = world.saved("acme").await;
    let claim = world.running(integration.id, t(5)).await;
    assert_eq!(claim.sync.state, SyncState::Running);
    assert_eq!((claim.sync.attempts, claim.sync.started_at), (1, Some(t(5))));
    assert_eq!(claim.integration.settings, integration.settings);
    assert_eq!(claim.secrets.current.as_ref().unwrap().expose_secret(), SECRET);
    assert!(!format!("{claim:?}").contains(SECRET));
    assert_eq!(claim.request_id, None, "nobody's request");
    let history = world
        .store
        .list_history(&world.org, integration.id, &store::HistoryFilter::default(), first(1), t(6))
        .await
        .unwrap();
    let entry = &history.items[0];
    assert_eq!((entry.status, entry.stage), (HistoryStatus::InProgress, Stage::InProgress));
    assert!(world.claim(t(6)).await.is_none());
}

#[support::test]
async fn many_workers_never_get_the_same_sync_and_leave_none(world: World) {
    for n in 0..12 {
        let of = world.saved(&format!("t{n}")).await.id;
        world.ask_for_sync(of, t(n)).await;
    }
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..6u128 {
        let store = world.store.clone();
        workers.spawn(async move {
            let mut taken = Vec::new();
            let mut token = worker << 64;
            loop {
                token += 1;
                let token = uuid::Uuid::from_u128(token);
                match claim_one(&store, t(60), &RULES, token).await.unwrap() {
                    Some(claim) => taken.push(claim.sync.id),
                    None => return taken,
                }
            }
        });
    }
    let taken: Vec<_> = workers.join_all().await.into_iter().flatten().collect();
    // A worker that finds the only one left locked by another goes home; the next look gets it.
    let distinct: BTreeSet<_> = taken.iter().copied().collect();
    assert_eq!(distinct.len(), taken.len());
    let mut left = 0;
    while world.claim(t(60)).await.is_some() {
        left += 1;
    }
    assert_eq!(taken.len() + left, 12);
}

#[support::test]
async fn the_longest_queued_sync_is_claimed_first(world: World) {
    let (a, b) = (world.saved("a").await.id, world.saved("b").await.id);
    world.ask_for_sync(a, t(20)).await;
    world.ask_for_sync(b, t(10)).await;
    assert_eq!(world.claim(t(30)).await.unwrap().integration.id, b);
    assert_eq!(world.claim(t(30)).await.unwrap().integration.id, a);
}

#[support::test]
async fn a_lease_that_ran_out_is_taken_over_and_the_late_worker_writes_nothing(world: World) {
    let of = world.saved("acme").await.id;
    let late = world.running(of, t(0)).await;
    assert!(world.claim(t(59)).await.is_none());
    let heir = world.claim(t(60)).await.unwrap();
    assert_eq!(heir.sync.id, late.sync.id);
    assert_eq!((heir.sync.attempts, heir.sync.started_at), (2, Some(t(0))));

    let both = [late.lease_token, heir.lease_token];
    let kept = world.store.extend_leases(&both, t(300), t(300)).await.unwrap();
    assert_eq!(kept, [(heir.lease_token, t(300))]);
    let row = || async {
        let sql = "select xmin::text from syncs";
        sqlx::query_scalar::<_, String>(sql).fetch_one(world.store.pool()).await.unwrap()
    };
    let before = row().await;
    let kept = world.store.extend_leases(&both, t(300), t(350)).await.unwrap();
    assert_eq!(kept, [(heir.lease_token, t(300))], "it does not end before");
    assert_eq!(row().await, before, "nothing is written");
    let asset = world.asset(&late, t(61));
    let finding = world.finding(&asset, "check", domain::checks::Severity::High, t(61));
    let found = world.opened(vec![finding], late.sync.id);
    assert!(!world.succeed(&late, t(61), &asset, &found).await);
    assert_eq!(world.count("assets").await + world.count("findings").await, 0);
    let sync = world.store.find_sync(&world.org, late.sync.id, t(61)).await.unwrap().unwrap();
    assert_eq!(sync.state, SyncState::Running);

    assert!(world.claim(t(299)).await.is_none());
    assert!(world.succeed(&heir, t(299), &asset, &found).await);
    assert!(!world.succeed(&heir, t(299), &asset, &found).await);
    assert!(world.store.extend_leases(&both, t(400), t(400)).await.unwrap().is_empty());
}

#[support::test]
async fn a_secret_that_no_key_opens_is_in_the_claim_as_an_error(pool: PgPool) {
    let world = World::new(pool.clone());
    let of = world.saved("acme").await.id;
    world.ask_for_sync(of, t(0)).await;
    let stranger = Store::new(pool, KeyRing::generate("other").0);
    let claim = claim_one(&stranger, t(1), &RULES, of.0).await.unwrap().unwrap();
    assert!(matches!(claim.secrets.current, Err(Error::CredentialsUnreadable)));
    assert!(world.fail(&claim, t(2)).await);
}

#[support::test]
async fn a_corrupt_integration_does_not_block_claiming(world: World) {
    let (bad, good) = (world.saved("bad").await.id, world.saved("good").await.id);
    world.ask_for_sync(bad, t(0)).await;
    world.ask_for_sync(good, t(1)).await;
    sqlx::query(r#"update integrations set auto_sync_frequency = '{"every": "1w"}' where id = $1"#)
        .bind(bad.0)
        .execute(world.store.pool())
        .await
        .unwrap();
    let outcome = claim_one(&world.store, t(2), &RULES, bad.0).await;
    assert!(matches!(outcome, Err(Error::Corrupt { column: "auto_sync_frequency", .. })));
    assert_eq!(world.claim(t(3)).await.unwrap().integration.id, good);
    assert!(world.claim(t(4)).await.is_none());
}

#[support::test]
async fn a_released_sync_is_taken_again_at_once_and_by_nobody_else_before(world: World) {
    let of = world.saved("acme").await.id;
    let first = world.running(of, t(0)).await;
    assert!(world.store.release_sync(first.lease_token).await.unwrap());
    assert!(!world.store.release_sync(first.lease_token).await.unwrap());
    let second = world.claim(t(1)).await.unwrap();
    assert_eq!((second.sync.id, second.sync.attempts), (first.sync.id, 2));
}

#[support::test]
async fn an_organisation_at_its_limit_does_not_block_others(pool: PgPool) {
    let mut world = World::new(pool);
    let rules = ClaimRules { per_organisation: 2, ..RULES };
    let acme = world.org.clone();
    for n in 0..4 {
        let of = world.saved(&format!("a{n}")).await.id;
        world.ask_for_sync(of, t(n)).await;
    }
    world.org = domain::OrganisationId::parse("globex").unwrap();
    let late = world.saved("g").await.id;
    world.ask_for_sync(late, t(50)).await;
    let mut taken = Vec::new();
    for _ in 0..5 {
        if let Some(claim) = claim_one(&world.store, t(60), &rules, next(&world)).await.unwrap() {
            taken.push((claim.sync.organisation_id.clone(), claim));
        }
    }
    let of_acme = taken.iter().filter(|(of, _)| *of == acme).count();
    assert_eq!((of_acme, taken.len()), (2, 3));
    // The organisation with nothing running went before the second one of the other.
    assert_eq!(taken[1].1.integration.id, late);
    let over = &taken.iter().find(|(of, _)| *of == acme).unwrap().1;
    world.org = acme;
    assert!(world.fail(over, t(61)).await);
    assert!(claim_one(&world.store, t(62), &rules, next(&world)).await.unwrap().is_some());
}

#[support::test]
async fn one_sync_at_a_time_reads_a_tenant(pool: PgPool) {
    let mut world = World::new(pool);
    let rules = ClaimRules { per_tenant: 1, ..RULES };
    for organisation in ["acme", "globex"] {
        world.org = domain::OrganisationId::parse(organisation).unwrap();
        let of = world.saved("same-tenant").await.id;
        world.ask_for_sync(of, t(0)).await;
    }
    let first = claim_one(&world.store, t(1), &rules, next(&world)).await.unwrap().unwrap();
    assert!(claim_one(&world.store, t(1), &rules, next(&world)).await.unwrap().is_none());
    world.org = first.sync.organisation_id.clone();
    assert!(world.fail(&first, t(2)).await);
    assert!(claim_one(&world.store, t(3), &rules, next(&world)).await.unwrap().is_some());
}

/// The audience is for an organisation to choose.
#[support::test]
async fn an_audience_of_another_tenant_does_not_make_its_syncs_wait(mut world: World) {
    let rules = ClaimRules { per_tenant: 1, ..RULES };
    let mut evil = world.integration("evil");
    evil.settings.api_audience = world.integration("acme").settings.api_audience;
    world.insert(&evil).await.unwrap();
    world.ask_for_sync(evil.id, t(0)).await;
    // Scheduled ones count by the same.
    let queue = async |world: &World, at| {
        let spread = jiff::SignedDuration::ZERO;
        world.store.insert_due_syncs(at, spread, 10, &world.ids).await.unwrap()
    };
    world.org = domain::OrganisationId::parse("globex").unwrap();
    world.saved("acme").await;
    assert_eq!(queue(&world, t(3600)).await, 1);
    for _ in 0..2 {
        let claimed = claim_one(&world.store, t(3700), &rules, next(&world)).await.unwrap();
        assert!(claimed.is_some(), "they call different hosts");
    }
    world.saved("evil").await;
    assert_eq!(queue(&world, t(3700)).await, 1);
    let claimed = claim_one(&world.store, t(3701), &rules, next(&world)).await.unwrap();
    assert!(claimed.is_none(), "the same host");
}

#[support::test]
async fn replicas_never_exceed_a_cap_together(world: World) {
    let rules = ClaimRules { per_organisation: 3, ..RULES };
    for n in 0..10 {
        let of = world.saved(&format!("t{n}")).await.id;
        world.ask_for_sync(of, t(n)).await;
    }
    let mut workers = tokio::task::JoinSet::new();
    for worker in 1..9u128 {
        let store = world.store.clone();
        workers.spawn(async move {
            let token = uuid::Uuid::from_u128(worker << 64);
            claim_one(&store, t(60), &rules, token).await.unwrap().is_some()
        });
    }
    let taken = workers.join_all().await.into_iter().filter(|taken| *taken).count();
    assert_eq!(taken, 3);
}

#[support::test]
async fn a_sync_at_its_last_attempt_or_age_is_not_taken_over(world: World) {
    let of = world.saved("acme").await.id;
    world.running(of, t(0)).await;
    let rules = [ClaimRules { attempts: 1, ..RULES }, ClaimRules { started_after: t(0), ..RULES }];
    for rules in rules {
        assert!(claim_one(&world.store, t(60), &rules, next(&world)).await.unwrap().is_none());
    }
    assert!(claim_one(&world.store, t(60), &RULES, next(&world)).await.unwrap().is_some());
}

pub fn next(world: &World) -> uuid::Uuid {
    domain::IdSource::next(&world.ids)
}
