//! Scheduled syncs.

use domain::history::Action;
use domain::sync::{SYSTEM, SyncState, Trigger};
use jiff::SignedDuration;
use store::HistoryFilter;

use super::fixtures::{World, first, t};

#[support::test]
async fn a_due_integration_gets_one_sync_however_many_slots_it_missed(world: World) {
    let of = world.saved("acme").await.id;
    let due = |at| world.store.insert_due_syncs(t(at), SignedDuration::ZERO, 10, &world.ids);
    assert_eq!(due(3599).await.unwrap(), 0);
    assert_eq!(due(3 * 3600).await.unwrap(), 1);
    assert_eq!(due(3 * 3600).await.unwrap(), 0);
    let integration = world.find(of, t(0)).await.unwrap();
    assert_eq!(integration.next_sync_at, Some(t(4 * 3600)));
    let id = integration.last_sync.unwrap().id;
    let sync = world.store.find_sync(&world.org, id, t(0)).await.unwrap().unwrap();
    assert_eq!((sync.state, sync.trigger), (SyncState::Queued, Trigger::Scheduled));
    assert_eq!((sync.started_by.as_str(), sync.queued_at), (SYSTEM, t(3 * 3600)));
    let filter = HistoryFilter { actions: Some(vec![Action::Sync]), statuses: None };
    let history = world.store.list_history(&world.org, of, &filter, first(9), t(0)).await.unwrap();
    assert_eq!(history.items.len(), 1);
    assert_eq!(history.items[0].sync_id, Some(id));
    assert_eq!(history.items[0].started_by, SYSTEM);
}

#[support::test]
async fn an_active_sync_postpones_the_scheduled_one(world: World) {
    let claim = world.running(world.saved("acme").await.id, t(3500)).await;
    assert_eq!(
        world.store.insert_due_syncs(t(3600), SignedDuration::ZERO, 10, &world.ids).await.unwrap(),
        0
    );
    assert!(world.fail(&claim, t(3610)).await);
    assert_eq!(
        world.store.insert_due_syncs(t(3620), SignedDuration::ZERO, 10, &world.ids).await.unwrap(),
        1
    );
}

#[support::test]
async fn paused_disabled_manual_and_deleted_ones_are_never_due(world: World) {
    world.pause(world.saved("paused").await.id).await;
    world.delete(world.saved("deleted").await.id, t(1)).await;
    let mut manual = world.integration("manual");
    manual.next_sync_at = None;
    world.insert(&manual).await.unwrap();
    let mut disabled = world.integration("disabled");
    disabled.settings.enabled = false;
    disabled.next_sync_at = None;
    world.insert(&disabled).await.unwrap();
    assert_eq!(
        world.store.insert_due_syncs(t(99999), SignedDuration::ZERO, 10, &world.ids).await.unwrap(),
        0
    );
}

#[support::test]
async fn replicas_share_the_work_and_none_is_queued_twice(world: World) {
    for n in 0..9 {
        world.saved(&format!("t{n}")).await;
    }
    let due = || world.store.insert_due_syncs(t(3600), SignedDuration::ZERO, 4, &world.ids);
    let (a, b, c) = tokio::join!(due(), due(), due());
    let mut sum = a.unwrap() + b.unwrap() + c.unwrap();
    while sum < 9 {
        let more = due().await.unwrap();
        assert!(more > 0);
        sum += more;
    }
    assert_eq!((sum, world.count("syncs").await), (9, 9));
    assert_eq!(due().await.unwrap(), 0);
}

#[support::test]
async fn the_scheduled_syncs_of_one_minute_start_spread(world: World) {
    for n in 0..20 {
        world.saved(&format!("t{n}")).await;
    }
    let spread = SignedDuration::from_secs(600);
    world.store.insert_due_syncs(t(3600), spread, 100, &world.ids).await.unwrap();
    let sql = "select extract(epoch from not_before - queued_at)::int8 from syncs order by 1";
    let starts: Vec<(i64,)> = sqlx::query_as(sql).fetch_all(world.store.pool()).await.unwrap();
    assert_eq!(starts.len(), 20);
    assert!(starts.iter().all(|(late,)| (0..=600).contains(late)), "{starts:?}");
    let before_its_time = world.claim(t(3600) - SignedDuration::from_secs(1)).await;
    assert!(before_its_time.is_none());
    let mut taken = 0;
    while world.claim(t(4201)).await.is_some() {
        taken += 1;
    }
    assert_eq!(taken, 20);
}

#[support::test]
async fn thousands_of_one_minute_are_each_queued_once(world: World) {
    let pattern = world.saved("pattern").await;
    let sql = "insert into integrations
         select (jsonb_populate_record(i, jsonb_build_object('id', gen_random_uuid(),
             'asset_name_key', 'a' || n, 'asset_name', 'a' || n,
             'tenant_domain', n || '.eu.auth0.com'))).*
         from integrations i, generate_series(1, 2999) n where i.id = $1";
    sqlx::query(sql).bind(pattern.id.0).execute(world.store.pool()).await.unwrap();
    let spread = SignedDuration::from_secs(60);
    let mut queued = 0;
    loop {
        let now = world.store.insert_due_syncs(t(3600), spread, 100, &world.ids).await.unwrap();
        queued += now;
        if now == 0 {
            break;
        }
    }
    assert_eq!(queued, 3000);
    let (syncs, of, seconds): (i64, i64, i64) = sqlx::query_as(
        "select count(*), count(distinct integration_id),
                count(distinct date_trunc('second', not_before)) from syncs",
    )
    .fetch_one(world.store.pool())
    .await
    .unwrap();
    assert_eq!((syncs, of), (3000, 3000));
    assert!(seconds > 50, "they start in {seconds} different seconds");
}
