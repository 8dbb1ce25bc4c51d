//! Cancelling syncs, and failing those whose workers died.

use domain::history::HistoryStatus;
use domain::sync::SyncState;
use store::HistoryFilter;

use super::fixtures::{World, first, t};

#[support::test]
async fn a_cancelled_sync_is_over_at_once_and_its_worker_writes_nothing(world: World) {
    let of = world.saved("acme").await.id;
    let claim = world.running(of, t(0)).await;
    let audit = world.audit("cancel_sync");
    let before = world.store.cancel_sync(&world.org, claim.sync.id, t(5), &audit).await.unwrap();
    assert_eq!(before, Some(SyncState::Running));
    let sync = world.store.find_sync(&world.org, claim.sync.id, t(5)).await.unwrap().unwrap();
    assert_eq!((sync.state, sync.finished_at), (SyncState::Cancelled, Some(t(5))));
    assert!(!world.fail(&claim, t(6)).await);
    let again = world.store.cancel_sync(&world.org, claim.sync.id, t(7), &audit).await.unwrap();
    assert_eq!(again, Some(SyncState::Cancelled));
    let all = HistoryFilter::default();
    let page = world.store.list_history(&world.org, of, &all, first(1), t(8)).await.unwrap();
    assert_eq!(page.items[0].status, HistoryStatus::Failed);
    assert!(page.items[0].message.contains("ada@acme.example"));
}

#[support::test]
async fn another_organisation_cannot_cancel_a_sync(world: World) {
    let of = world.saved("acme").await.id;
    let claim = world.running(of, t(0)).await;
    let stranger = domain::OrganisationId::parse("globex").unwrap();
    let audit = world.audit("cancel_sync");
    let outcome = world.store.cancel_sync(&stranger, claim.sync.id, t(5), &audit).await.unwrap();
    assert_eq!(outcome, None);
    assert!(world.fail(&claim, t(6)).await);
}

#[support::test]
async fn a_sync_fails_after_its_workers_died_repeatedly(world: World) {
    let of = world.saved("acme").await.id;
    world.running(of, t(0)).await;
    let give_up = |now, attempts, since| world.store.fail_overdue_syncs(t(now), attempts, t(since));
    assert_eq!(give_up(61, 2, -999).await.unwrap(), 0);
    let second = world.claim(t(61)).await.unwrap();
    assert_eq!(give_up(62, 2, -999).await.unwrap(), 0, "its lease is still good");
    assert_eq!(give_up(200, 2, -999).await.unwrap(), 1);
    let sync = world.store.find_sync(&world.org, second.sync.id, t(200)).await.unwrap().unwrap();
    assert_eq!(sync.state, SyncState::Failed);
    assert_eq!(sync.result.failure.unwrap().code, "deadline_exceeded");

    world.running(of, t(300)).await;
    assert_eq!(give_up(400, 99, 299).await.unwrap(), 0);
    assert_eq!(give_up(400, 99, 300).await.unwrap(), 1);
}
