//! Data retention: expired data is purged.

use domain::checks::Severity;
use jiff::SignedDuration;
use store::{IdempotencyScope, Purged};

use super::fixtures::{World, days, t};

#[support::test]
async fn purging_a_deleted_integration_removes_exactly_its_data(world: World) {
    let (gone, _) = world.synced("gone", &[Severity::High, Severity::Low]).await;
    let (kept, _) = world.synced("kept", &[Severity::High]).await;
    world.delete(gone.id, t(100)).await;
    let tables = [
        "integrations",
        "syncs",
        "history_entries",
        "assets",
        "findings",
        "finding_transitions",
        "sync_scores",
        "judgements",
    ];
    let counts = async || {
        let mut counts = Vec::new();
        for table in tables {
            counts.push(world.count(table).await);
        }
        counts
    };
    let before = counts().await;
    assert_eq!(before, [2, 2, 4, 2, 3, 3, 2, 2]);
    let purged = world.store.delete_expired(t(99 + days(90))).await.unwrap();
    assert_eq!((purged, counts().await), (Purged::default(), before));
    let purged = world.store.delete_expired(t(100 + days(90))).await.unwrap();
    assert_eq!(purged, Purged { answers: 0, integrations: 1 });
    assert_eq!(counts().await, [1, 1, 2, 1, 1, 1, 1, 1]);
    assert!(world.find(kept.id, t(days(100))).await.is_some());
    assert_eq!(world.count("audit_events").await, 3);
}

#[support::test]
async fn purging_continues_beyond_one_batch(world: World) {
    for n in 0..23 {
        world.delete(world.saved(&format!("t{n}")).await.id, t(n)).await;
    }
    let purged = world.store.delete_expired(t(20 + days(90))).await.unwrap();
    assert_eq!(purged.integrations, 21);
    assert_eq!(world.count("integrations").await, 2);
}

#[support::test]
async fn stored_responses_are_purged_after_a_day(world: World) {
    for (n, at) in [(1, 0), (2, 10)] {
        let scope = IdempotencyScope {
            org: world.org.clone(),
            subject: "user-1".to_owned(),
            method: "POST".to_owned(),
            path: "/v1/integrations".to_owned(),
            key: format!("key-{n}"),
        };
        let lock = SignedDuration::from_secs(30);
        world.store.begin_idempotent(&scope, &[1; 32], t(at), lock).await.unwrap();
    }
    let purged = world.store.delete_expired(t(5 + days(1))).await.unwrap();
    assert_eq!(purged, Purged { answers: 1, integrations: 0 });
    assert_eq!(world.count("idempotency_keys").await, 1);
}

#[support::test]
async fn a_failing_purge_rule_does_not_block_the_others(world: World) {
    let (gone, _) = world.synced("gone", &[Severity::High]).await;
    world.delete(gone.id, t(100)).await;
    let stuck = "create function stuck() returns trigger language plpgsql as $$
        begin raise exception 'stuck'; end $$;
        create trigger stuck before delete on sync_scores for each row execute function stuck()";
    sqlx::raw_sql(stuck).execute(world.store.pool()).await.unwrap();
    let scope = IdempotencyScope {
        org: world.org.clone(),
        subject: "user-1".to_owned(),
        method: "POST".to_owned(),
        path: "/v1/integrations".to_owned(),
        key: "key".to_owned(),
    };
    let lock = SignedDuration::from_secs(30);
    world.store.begin_idempotent(&scope, &[1; 32], t(0), lock).await.unwrap();
    world.store.delete_expired(t(100 + days(90))).await.unwrap_err();
    assert_eq!(world.count("idempotency_keys").await, 0);
    assert_eq!((world.count("history_entries").await, world.count("integrations").await), (0, 1));
}
