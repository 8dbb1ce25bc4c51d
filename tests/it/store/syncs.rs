//! Queueing a sync.

use domain::sync::SyncState;
use domain::{IntegrationId, SyncId};
use store::InsertOutcome;
use uuid::Uuid;

use super::fixtures::{World, t};

#[support::test]
async fn a_queued_sync_is_read_back_as_requested(world: World) {
    let integration = world.saved("acme").await;
    let (sync, entry) = world.sync(integration.id, t(5));
    let audit = world.audit("sync.start");
    let inserted = world.store.insert_sync(&sync, &entry, Some(&audit)).await.unwrap();
    assert_eq!(inserted, InsertOutcome::Done);
    assert_eq!(world.store.find_sync(&world.org, sync.id, t(6)).await.unwrap(), Some(sync.clone()));
    let shown = world.store.find_history(&world.org, entry.id, t(6)).await.unwrap();
    assert_eq!(shown, Some(entry));
    let last = world.find(integration.id, t(6)).await.unwrap().last_sync.unwrap();
    assert_eq!((last.id, last.state, last.finished_at), (sync.id, SyncState::Queued, None));
}

#[support::test]
async fn one_of_many_concurrent_requests_queues_a_sync(world: World) {
    let of = world.saved("acme").await.id;
    let ask = || world.ask_for_sync(of, t(5));
    let (a, b, c, d) = tokio::join!(ask(), ask(), ask(), ask());
    let all = [a, b, c, d];
    let done: Vec<SyncId> =
        all.iter().filter(|(what, _)| *what == InsertOutcome::Done).map(|(_, id)| *id).collect();
    assert_eq!(done.len(), 1, "{all:?}");
    let told = all.iter().filter(|(what, _)| *what == InsertOutcome::Active(done[0])).count();
    assert_eq!(told, 3, "{all:?}");
    assert_eq!(world.count("syncs").await, 1);
    assert_eq!(world.count("history_entries").await, 2);
}

#[support::test]
async fn a_new_sync_can_be_queued_after_the_previous_one_ends(world: World) {
    let of = world.saved("acme").await.id;
    let claim = world.running(of, t(5)).await;
    assert_eq!(world.ask_for_sync(of, t(6)).await.0, InsertOutcome::Active(claim.sync.id));
    assert!(world.fail(&claim, t(7)).await);
    assert_eq!(world.ask_for_sync(of, t(8)).await.0, InsertOutcome::Done);
}

#[support::test]
async fn none_is_queued_for_a_deleted_or_unknown_integration(world: World) {
    let of = world.saved("acme").await.id;
    world.delete(of, t(1)).await;
    assert_eq!(world.ask_for_sync(of, t(2)).await.0, InsertOutcome::Missing);
    let unknown = IntegrationId(Uuid::from_u128(9));
    assert_eq!(world.ask_for_sync(unknown, t(2)).await.0, InsertOutcome::Missing);
}
