//! Wake-ups. The time-outs are far above what is expected.

use std::time::Duration;

use jiff::SignedDuration;
use store::{InsertOutcome, Store};
use tokio::time::timeout;

use super::fixtures::{World, t};

const LONG: Duration = Duration::from_secs(20);

#[support::test]
async fn a_queued_sync_wakes_and_so_does_a_new_connection(world: World) {
    let asked = world.saved("asked").await.id;
    world.saved("scheduled").await;
    let mut listener = world.store.listen();
    timeout(LONG, listener.next()).await.expect("connected");
    // As another process: this one knows of its own syncs.
    let other = Store::new(world.store.pool().clone(), world.store.keys().clone());
    let ask = async |of, at| {
        let (sync, entry) = world.sync(of, at);
        assert_eq!(other.insert_sync(&sync, &entry, None).await.unwrap(), InsertOutcome::Done);
    };
    ask(asked, t(1)).await;
    timeout(LONG, listener.next()).await.expect("woken by a request");
    assert_eq!(
        world.store.insert_due_syncs(t(3600), SignedDuration::ZERO, 9, &world.ids).await.unwrap(),
        1
    );
    timeout(LONG, listener.next()).await.expect("woken by the schedule");

    let cut = "select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and query like 'LISTEN%'";
    let cut = sqlx::query(cut).execute(world.store.pool()).await.unwrap();
    assert_eq!(cut.rows_affected(), 1);
    timeout(LONG, listener.next()).await.expect("connected again");
    let claim = world.claim(t(3601)).await.unwrap();
    assert!(world.fail(&claim, t(3602)).await);
    world.ask_for_sync(claim.integration.id, t(3603)).await;
    let claim = world.claim(t(3604)).await.unwrap();
    assert!(world.fail(&claim, t(3605)).await);
    ask(claim.integration.id, t(3606)).await;
    timeout(LONG, listener.next()).await.expect("woken on the new connection");
    let again = timeout(Duration::from_millis(50), listener.next()).await;
    assert!(again.is_err(), "woken by its own sync");
}
