//! Transactions are retried a few times after a deadlock or serialization failure. A trigger raises the
//! error, because Postgres decides when it breaks a real deadlock.

use domain::reconcile::Changes;
use domain::sync::{SyncResult, SyncState};
use serde_json::json;
use sqlx::PgPool;
use store::{Claim, Error};

use super::fixtures::{World, t};
use super::sync_outcomes::finish;

/// The first `times` attempts to write an asset fail with this `SQLSTATE`. The count is a sequence,
/// which no rollback takes back.
async fn lose(pool: &PgPool, times: u32, code: &str) {
    let sql = format!(
        "create sequence attempts;
         create function lose() returns trigger language plpgsql security definer as $$
         begin
             if nextval('attempts') <= {times} then
                 raise exception 'lost' using errcode = '{code}';
             end if;
             return null;
         end $$;
         create trigger lose before insert on assets execute function lose()"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

async fn attempts(pool: &PgPool) -> i64 {
    sqlx::query_scalar("select last_value from attempts").fetch_one(pool).await.unwrap()
}

async fn running(world: &World) -> Claim {
    world.running(world.saved("acme").await.id, t(1)).await
}

#[support::test]
async fn a_deadlock_is_retried_and_the_sync_succeeds(world: World) {
    let claim = running(&world).await;
    lose(world.store.pool(), 3, "40P01").await;
    let asset = world.asset(&claim, t(2));
    assert!(world.succeed(&claim, t(2), &asset, &Changes::default()).await);
    assert_eq!((attempts(world.store.pool()).await, world.count("assets").await), (4, 1));
}

#[support::test]
async fn retries_are_bounded_and_other_errors_are_not_retried(world: World) {
    let claim = running(&world).await;
    let asset = world.asset(&claim, t(2));
    let (result, details) = (SyncResult::default(), json!({}));
    for (code, tries, is_passing) in [("40001", 4, true), ("XX000", 1, false)] {
        lose(world.store.pool(), 99, code).await;
        let outcome = world.store.finish_sync(store::Finish {
            asset: Some(&asset),
            ..finish(&claim, SyncState::Succeeded, &result, t(2), &details)
        });
        let error = outcome.await.unwrap_err();
        assert_eq!(matches!(error, Error::Unavailable(_)), is_passing, "{error:?}");
        assert_eq!(attempts(world.store.pool()).await, tries);
        let clean = "drop function lose cascade; drop sequence attempts";
        sqlx::raw_sql(clean).execute(world.store.pool()).await.unwrap();
    }
    let sync = world.store.find_sync(&world.org, claim.sync.id, t(3)).await.unwrap().unwrap();
    assert_eq!(sync.state, SyncState::Running);
}
