//! The client secret in the database.

use secrecy::ExposeSecret;
use sqlx::PgPool;
use store::{Error, KeyRing, Store};

use super::fixtures::{SECRET, World, t};

#[support::test]
async fn no_table_holds_the_secret_in_any_readable_form(world: World) {
    let (integration, _) = world.synced("acme", &[domain::checks::Severity::High]).await;
    world.ask_for_sync(integration.id, t(100)).await;
    let sql =
        "select table_name::text from information_schema.tables where table_schema = 'public'";
    let tables: Vec<String> = sqlx::query_scalar(sql).fetch_all(world.store.pool()).await.unwrap();
    assert!(tables.len() >= 8, "{tables:?}");
    let hex = hex::encode(SECRET);
    let mut rows = 0;
    for table in tables {
        let sql = sqlx::AssertSqlSafe(format!("select row_to_json(t)::text from {table} t"));
        let dump: Vec<String> =
            sqlx::query_scalar(sql).fetch_all(world.store.pool()).await.unwrap();
        for row in dump {
            rows += 1;
            assert!(!row.contains(SECRET) && !row.contains(&hex), "{table}: {row}");
        }
    }
    assert!(rows >= 7, "{rows}");
}

#[support::test]
async fn a_secret_that_was_copied_to_another_row_does_not_open(world: World) {
    let (a, b) = (world.saved("a").await.id, world.saved("b").await.id);
    let sql = "update integrations set client_secret_sealed =
        (select client_secret_sealed from integrations where id = $1) where id = $2";
    sqlx::query(sql).bind(a.0).bind(b.0).execute(world.store.pool()).await.unwrap();
    let opened = world.store.open_client_secret(&world.org, b).await;
    assert!(matches!(opened, Err(Error::CredentialsUnreadable)), "{opened:?}");
    let opened = world.store.open_client_secret(&world.org, a).await.unwrap();
    assert_eq!(opened.expose_secret(), SECRET);
}

#[support::test]
async fn a_secret_that_was_moved_to_another_organisation_does_not_open(world: World) {
    let of = world.saved("acme").await;
    let sql = "update integrations set organisation_id = 'globex' where id = $1";
    let history = "delete from history_entries";
    sqlx::query(history).execute(world.store.pool()).await.unwrap();
    sqlx::query(sql).bind(of.id.0).execute(world.store.pool()).await.unwrap();
    let globex = super::fixtures::org("globex");
    let found = world.store.find_with_secrets(&globex, of.id, t(1)).await.unwrap();
    let (_, secrets) = found.expect("the row is of the other organisation now");
    assert!(matches!(secrets.current, Err(Error::CredentialsUnreadable)), "{secrets:?}");
}

/// An attacker who can write to the database cannot redirect the secret to another host.
#[support::test]
async fn a_secret_whose_origin_was_changed_in_the_database_does_not_open(world: World) {
    let of = world.saved("acme").await;
    assert_eq!(world.ask_for_sync(of.id, t(1)).await.0, store::InsertOutcome::Done);
    let sql = "update integrations set api_identifier = 'https://evil.eu.auth0.com/api/v2/'";
    sqlx::query(sql).execute(world.store.pool()).await.unwrap();
    let found = world.store.find_with_secrets(&world.org, of.id, t(1)).await.unwrap();
    let (integration, secrets) = found.unwrap();
    assert_eq!(integration.settings.api_identifier.as_str(), "https://evil.eu.auth0.com/api/v2/");
    assert!(matches!(secrets.current, Err(Error::CredentialsUnreadable)), "{secrets:?}");
    let claim = world.claim(t(2)).await.unwrap();
    assert!(matches!(claim.secrets.current, Err(Error::CredentialsUnreadable)));
}

#[support::test]
async fn a_rotated_ring_opens_what_the_old_one_sealed(pool: PgPool) {
    let (old, old_text) = KeyRing::generate("old");
    let mut world = World::new(pool.clone());
    world.store = Store::new(pool.clone(), old);
    let of = world.saved("acme").await.id;
    let (_, new_text) = KeyRing::generate("new");
    let both = KeyRing::parse(&format!("{},{}", *new_text, *old_text)).unwrap();
    let opened = Store::new(pool.clone(), both).open_client_secret(&world.org, of).await.unwrap();
    assert_eq!(opened.expose_secret(), SECRET);
    let new = KeyRing::parse(&new_text).unwrap();
    let opened = Store::new(pool, new).open_client_secret(&world.org, of).await;
    assert!(matches!(opened, Err(Error::CredentialsUnreadable)), "{opened:?}");
}
