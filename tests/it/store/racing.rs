//! A transaction that loses against another one is run again.

use domain::checks::Severity;
use domain::sync::SyncState;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::fixtures::{World, t};

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_deadlock_costs_a_retry_and_not_the_sync(
    _pool: PgPoolOptions,
    at: PgConnectOptions,
) -> sqlx::Result<()> {
    // Whoever waits 10 ms is the one that finds the deadlock and loses.
    let loser = at.clone().options([("deadlock_timeout", "10ms")]);
    let winner = at.options([("deadlock_timeout", "60s")]);
    let world = World::new(PgPool::connect_with(loser).await?);
    let other = PgPool::connect_with(winner).await?;
    let claim = world.running(world.saved("acme").await.id, t(1)).await;
    let asset = world.asset(&claim, t(2));
    let finding = world.finding(&asset, "check", Severity::High, t(2));
    let found = world.opened(vec![finding], claim.sync.id);

    let mut tx = other.begin().await?;
    sqlx::query("select 1 from syncs for update").execute(&mut *tx).await?;
    let against = async {
        let waiting = "select count(*) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'";
        while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&other).await? == 0 {}
        sqlx::query("select 1 from integrations for update").execute(&mut *tx).await?;
        tx.commit().await
    };
    let (is_finished, outcome) = tokio::join!(world.succeed(&claim, t(2), &asset, &found), against);
    outcome?;
    assert!(is_finished);
    let sync = world.store.find_sync(&world.org, claim.sync.id, t(3)).await.unwrap().unwrap();
    assert_eq!(sync.state, SyncState::Succeeded);
    assert_eq!(world.count("findings").await, 1);
    world.store.pool().close().await;
    other.close().await;
    Ok(())
}
