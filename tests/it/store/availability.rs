//! Errors while the database is unavailable, and the setup of connections.

use std::time::Duration;

use sqlx::{ConnectOptions, PgPool};
use store::{Error, KeyRing, Options, Store};

use super::fixtures::{World, first, t};

fn url(pool: &PgPool) -> String {
    pool.connect_options().to_url_lossy().to_string()
}

#[support::test]
async fn a_store_connects_migrates_again_and_answers(pool: PgPool) {
    let keys = KeyRing::generate("test").0;
    let store = Store::connect(&url(&pool), keys, Options::default()).await.unwrap();
    let (at, again) = (url(&pool), url(&pool));
    let (one, other) = tokio::join!(store::migrate(&at), store::migrate(&again));
    one.unwrap();
    other.unwrap();
    store.check_readiness().await.unwrap();
    for (setting, expected) in [
        ("statement_timeout", "15s"),
        ("lock_timeout", "5s"),
        ("application_name", "safe-auth0"),
        ("idle_in_transaction_session_timeout", "10s"),
    ] {
        let shown: String = sqlx::query_scalar("select current_setting($1)")
            .bind(setting)
            .fetch_one(store.pool())
            .await
            .unwrap();
        assert_eq!(shown, expected, "{setting}");
    }
    store.pool().close().await;
}

#[support::test]
async fn a_statement_that_takes_too_long_is_unavailable(pool: PgPool) {
    let options = Options { lock_timeout: Duration::from_millis(50), ..Options::default() };
    let keys = KeyRing::generate("test").0;
    let store = Store::connect(&url(&pool), keys, options).await.unwrap();
    let mut world = World::new(pool.clone());
    world.store = store;
    let of = world.saved("acme").await.id;
    let mut blocker = pool.begin().await.unwrap();
    sqlx::query("select 1 from integrations for update").execute(&mut *blocker).await.unwrap();
    let audit = world.audit("delete");
    let outcome = world.store.delete_integration(&world.org, of, t(1), &audit).await;
    assert!(matches!(outcome, Err(Error::Unavailable(_))), "{outcome:?}");
    assert!(outcome.unwrap_err().is_retryable());
    blocker.rollback().await.unwrap();
    assert!(world.delete(of, t(1)).await);
    world.store.pool().close().await;
}

#[tokio::test]
async fn an_unreachable_database_is_unavailable_and_its_address_hidden() {
    let options = Options { acquire_timeout: Duration::from_millis(300), ..Options::default() };
    let keys = || KeyRing::generate("test").0;
    let url = "postgres://user:hunter2@127.0.0.1:1/none";
    let error = Store::connect(url, keys(), options.clone()).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    assert!(!format!("{error:?}").contains("hunter2"));
    let error = Store::connect("mysql://user:hunter2@x", keys(), options).await.unwrap_err();
    assert!(!format!("{error:?}").contains("hunter2"));
}

#[support::test]
async fn a_closed_pool_and_a_cut_connection_are_unavailable(pool: PgPool) {
    let options = Options { max_connections: 1, ..Options::default() };
    let keys = KeyRing::generate("test").0;
    let store = Store::connect(&url(&pool), keys, options).await.unwrap();
    let cut = sqlx::query("select pg_terminate_backend(pg_backend_pid())");
    let error = Error::from(cut.execute(store.pool()).await.unwrap_err());
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    let world = World::new(pool);
    store.list_integrations(&world.org, first(1)).await.unwrap();
    store.pool().close().await;
    let outcome = store.check_readiness().await;
    assert!(matches!(outcome, Err(Error::Unavailable(_))), "{outcome:?}");
}

#[support::test]
async fn an_organisation_uses_half_of_the_connections_and_others_do_not_wait(pool: PgPool) {
    let acquire_timeout = Duration::from_millis(300);
    let options = Options { max_connections: 4, acquire_timeout, ..Options::default() };
    let keys = KeyRing::generate("test").0;
    let store = Store::connect(&url(&pool), keys, options).await.unwrap();
    let (acme, globex) = (super::fixtures::org("acme"), super::fixtures::org("globex"));
    let held = (store.begin_for(&acme).await.unwrap(), store.begin_for(&acme).await.unwrap());
    let waiting = {
        let (store, acme) = (store.clone(), acme.clone());
        tokio::spawn(async move { store.begin_for(&acme).await.map(drop) })
    };
    let others = (store.begin_for(&globex).await.unwrap(), store.begin_for(&globex).await.unwrap());
    let refused = waiting.await.unwrap();
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    drop(held);
    store.begin_for(&acme).await.unwrap();
    drop(others);
    store.pool().close().await;
}
