//! Data retention: expired data is purged.

use domain::checks::Severity;
use jiff::SignedDuration;
use store::{HistoryFilter, IdempotencyScope, Purged, Retention};

use super::fixtures::{World, days, first, t};
use super::sync_outcomes::tenant;

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
    let purged = world.store.delete_expired(t(99 + days(90)), &Retention::default()).await.unwrap();
    assert_eq!((purged, counts().await), (Purged::default(), before));
    let purged =
        world.store.delete_expired(t(100 + days(90)), &Retention::default()).await.unwrap();
    assert_eq!(purged, Purged { integrations: 1, ..Purged::default() });
    assert_eq!(counts().await, [1, 1, 2, 1, 1, 1, 1, 1]);
    assert!(world.find(kept.id, t(days(100))).await.is_some());
    assert_eq!(world.count("audit_events").await, 3);
}

#[support::test]
async fn history_and_syncs_of_a_living_integration_expire_but_for_the_latest(world: World) {
    let (of, asset) = world.synced("acme", &[Severity::High]).await;
    let early = asset.sync_id;
    let middle = world.again(of.id, 100, &tenant(true)).await;
    let latest_success = world.again(of.id, 200, &tenant(true)).await;
    for at in [300, 400] {
        let claim = world.running(of.id, t(at)).await;
        assert!(world.fail(&claim, t(at + 1)).await);
    }
    let other = world.saved("other").await;
    let syncs = async || {
        let sql = "select id from syncs order by id";
        sqlx::query_scalar::<_, uuid::Uuid>(sql).fetch_all(world.store.pool()).await.unwrap()
    };
    let retention =
        Retention { history: SignedDuration::from_hours(100 * 24), ..Retention::default() };
    let purge = async |now| world.store.delete_expired(t(now), &retention).await.unwrap();
    let all = syncs().await;
    assert_eq!((all.len(), world.count("history_entries").await), (5, 7));

    purge(9 + days(100)).await;
    assert_eq!(syncs().await, all, "nothing is old enough");
    purge(150 + days(100)).await;
    assert_eq!(syncs().await, all[2..], "{early:?} and {middle:?} are gone");
    purge(days(200)).await;
    let latest = all[4];
    assert_eq!(syncs().await, [latest_success.0, latest]);
    // The latest history entry of each integration, however old.
    let sql = "select integration_id, sync_id from history_entries order by 1";
    let left: Vec<(uuid::Uuid, Option<uuid::Uuid>)> =
        sqlx::query_as(sql).fetch_all(world.store.pool()).await.unwrap();
    assert_eq!(left, [(of.id.0, Some(latest)), (other.id.0, None)]);

    // What asset and findings come from is still there.
    let sql = "select count(*) from assets a join syncs s on s.id = a.sync_id";
    let kept: i64 = sqlx::query_scalar(sql).fetch_one(world.store.pool()).await.unwrap();
    assert_eq!((kept, world.count("findings").await), (1, 1));
    let found = world.store.latest_judgement(&world.org, of.id).await.unwrap().unwrap();
    assert_eq!(found.score.sync_id, latest_success);
    assert!(found.judgement.is_some());
    let filter = HistoryFilter::default();
    let history = world.store.list_history(&world.org, of.id, &filter, first(9), t(0));
    assert_eq!(history.await.unwrap().items.len(), 1);
}

#[support::test]
async fn a_sync_that_has_not_ended_does_not_expire(world: World) {
    let of = world.saved("acme").await;
    world.running(of.id, t(100)).await;
    world.store.delete_expired(t(days(1000)), &Retention::default()).await.unwrap();
    assert_eq!((world.count("syncs").await, world.count("history_entries").await), (1, 1));
}

#[support::test]
async fn purging_continues_beyond_one_batch(world: World) {
    for n in 0..23 {
        world.delete(world.saved(&format!("t{n}")).await.id, t(n)).await;
    }
    let purged = world.store.delete_expired(t(20 + days(90)), &Retention::default()).await.unwrap();
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
    let purged = world.store.delete_expired(t(5 + days(1)), &Retention::default()).await.unwrap();
    assert_eq!(purged, Purged { answers: 1, ..Purged::default() });
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
    world.store.delete_expired(t(100 + days(90)), &Retention::default()).await.unwrap_err();
    assert_eq!(world.count("idempotency_keys").await, 0);
    assert_eq!((world.count("history_entries").await, world.count("integrations").await), (0, 1));
}
