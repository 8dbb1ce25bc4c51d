//! Deletion.

use domain::IntegrationId;
use domain::history::HistoryStatus;
use domain::integration::IntegrationState;
use domain::reconcile::Changes;
use domain::sync::{Stage, SyncState};
use store::{Error, HistoryFilter};
use uuid::Uuid;

use super::fixtures::{World, days, first, t};

#[support::test]
async fn deletion_destroys_the_secret_and_is_idempotent(world: World) {
    let of = world.saved("acme").await.id;
    assert!(world.delete(of, t(1)).await);
    let sealed: Option<Vec<u8>> =
        sqlx::query_scalar("select client_secret_sealed from integrations")
            .fetch_one(world.store.pool())
            .await
            .unwrap();
    assert_eq!(sealed, None);
    let opened = world.store.open_client_secret(&world.org, of).await;
    assert!(matches!(opened, Err(Error::CredentialsUnreadable)), "{opened:?}");
    let deleted = world.find(of, t(2)).await.unwrap();
    assert_eq!(deleted.state(), IntegrationState::Deleted);
    assert_eq!((deleted.deleted_at, deleted.next_sync_at, deleted.version), (Some(t(1)), None, 1));

    assert!(world.delete(of, t(5)).await);
    assert_eq!(world.find(of, t(6)).await.unwrap().deleted_at, Some(t(1)));
    assert_eq!(world.count("audit_events").await, 2);
    assert!(!world.delete(of, t(1 + days(90))).await);
    assert!(!world.delete(IntegrationId(Uuid::from_u128(9)), t(5)).await);
}

#[support::test]
async fn deletion_stops_a_queued_and_a_running_sync_for_good(world: World) {
    let running = world.running(world.saved("running").await.id, t(1)).await;
    let queued_of = world.saved("queued").await.id;
    let (_, queued) = world.ask_for_sync(queued_of, t(1)).await;
    for (of, sync_id) in [(running.integration.id, running.sync.id), (queued_of, queued)] {
        assert!(world.delete(of, t(10)).await);
        let sync = world.store.find_sync(&world.org, sync_id, t(11)).await.unwrap().unwrap();
        assert_eq!((sync.state, sync.finished_at), (SyncState::Cancelled, Some(t(10))));
        assert_eq!(sync.result.failure.unwrap().code, "cancelled");
        let all = HistoryFilter::default();
        let page = world.store.list_history(&world.org, of, &all, first(1), t(11)).await.unwrap();
        let entry = &page.items[0];
        assert_eq!((entry.status, entry.stage), (HistoryStatus::Failed, Stage::Failed));
        assert_eq!(entry.error.as_deref(), Some("cancelled"));
        assert!(entry.message.contains("ada@acme.example"), "{}", entry.message);
    }
    assert!(world.claim(t(9999)).await.is_none());
    let kept = world.store.extend_leases(&[running.lease_token], t(99), t(99)).await.unwrap();
    assert!(kept.is_empty());
    let asset = world.asset(&running, t(11));
    assert!(!world.succeed(&running, t(11), &asset, &Changes::default()).await);
    assert_eq!(world.count("assets").await, 0);
}

#[support::test]
async fn deletion_and_the_end_of_a_sync_never_mix(world: World) {
    for n in 0..8 {
        let claim = world.running(world.saved(&format!("t{n}")).await.id, t(1)).await;
        let of = claim.integration.id;
        let asset = world.asset(&claim, t(2));
        let found = Changes::default();
        let (was_finished, was_deleted) =
            tokio::join!(world.succeed(&claim, t(2), &asset, &found), world.delete(of, t(2)));
        assert!(was_deleted);
        let sync = world.store.find_sync(&world.org, claim.sync.id, t(3)).await.unwrap().unwrap();
        let expected = if was_finished { SyncState::Succeeded } else { SyncState::Cancelled };
        assert_eq!(sync.state, expected);
        let asset = world.store.find_asset_of(&world.org, of).await.unwrap();
        assert_eq!(asset.is_some(), was_finished);
    }
}
