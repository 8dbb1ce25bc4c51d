//! Queueing a sync, and its events.

use domain::readings::ReadingKind;
use domain::sync::{ReadingOutcome, ReadingReport, SyncState};
use domain::{IntegrationId, SyncId};
use store::{InsertOutcome, Progress, SyncEventKind};
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

#[support::test]
async fn readings_of_a_moment_are_events_of_their_own(world: World) {
    let claim = world.running(world.saved("acme").await.id, t(10)).await;
    let report = |reading| ReadingReport {
        reading,
        outcome: ReadingOutcome::Read,
        reason: None,
        message: None,
        duration_ms: Some(7),
        attempts: 1,
        cause: None,
    };
    let kinds: Vec<_> = ReadingKind::fetched().take(5).collect();
    let events: Vec<_> =
        kinds.iter().map(|kind| Progress::Reading(Box::new(report(*kind)))).collect();
    for some in [&events[..1], &events[1..]] {
        world.store.insert_sync_events(&world.org, claim.lease_token, t(20), some).await.unwrap();
    }
    let rows: i64 = sqlx::query_scalar("select count(*) from sync_events where kind = 'readings'")
        .fetch_one(world.store.pool())
        .await
        .unwrap();
    assert_eq!(rows, 2);
    let all = world.store.list_sync_events(&world.org, claim.sync.id, 0).await.unwrap();
    let ids: Vec<_> = all.iter().map(|event| event.id).collect();
    assert_eq!(ids, (1..=7).collect::<Vec<i64>>(), "queued, running and five readings");
    for after in 0..7 {
        let later = world.store.list_sync_events(&world.org, claim.sync.id, after).await.unwrap();
        assert_eq!(later, all[usize::try_from(after).unwrap()..], "after {after}");
    }
    let read = all[2..].iter().map(|event| match &event.kind {
        SyncEventKind::Progress(Progress::Reading(report)) => report.reading,
        other => panic!("{other:?}"),
    });
    assert_eq!(read.collect::<Vec<_>>(), kinds);
}
