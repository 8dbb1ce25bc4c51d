//! Encrypting stored secrets with another key while the service runs.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::IntegrationId;
use domain::history::Action;
use domain::integration::Integration;
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgPool;
use store::{
    AuditEntry, Header, KeyRing, KeyUse, NextSecretPut, Readiness, Resealed, Retention, Store,
};

use super::fixtures::{SECRET, World, t};

const NEXT: &str = "planted-next-secret-77aa";

/// A store whose ring has the old key alone, one with the new key in front of it, one with the new alone.
fn stores(pool: &PgPool) -> [Store; 3] {
    let (old, old_text) = KeyRing::generate("old");
    let (new, new_text) = KeyRing::generate("new");
    let both = KeyRing::parse(&format!("{},{}", *new_text, *old_text)).unwrap();
    [old, both, new].map(|ring| Store::new(pool.clone(), ring))
}

/// A world that seals with this store.
fn world(pool: &PgPool, store: &Store) -> World {
    World { store: store.clone(), ..World::new(pool.clone()) }
}

async fn with_next(world: &World, name: &str) -> Integration {
    let saved = world.saved(name).await;
    put_next(world, &saved, NEXT).await;
    saved
}

async fn put_next(world: &World, of: &Integration, secret: &str) {
    let entry = world.entry(of.id, Action::Update, t(1));
    let (secret, audit) = (SecretString::from(secret), world.audit("put"));
    let put = NextSecretPut { secret: &secret, expires_at: None };
    let put = world.store.put_next_secret(of, put, &entry, &audit);
    assert!(put.await.unwrap().is_some_and(|put| put.next_secret.is_some()));
}

fn uses(expected: &[(&str, u64)]) -> Vec<KeyUse> {
    let of = |(id, values): &(&str, u64)| KeyUse {
        header: Some(((*id).to_owned(), 2)),
        values: *values,
    };
    expected.iter().map(of).collect()
}

#[support::test]
async fn a_key_ring_that_opens_neither_canary_nor_recent_secret_is_wrong(pool: PgPool) {
    let [old, both, new] = stores(&pool);
    let ready = async |store: &Store| store.check_readiness().await.unwrap() == Readiness::Ready;
    let damage_canary = async || {
        sqlx::query("update key_canary set sealed = 'x'").execute(&pool).await.unwrap();
    };
    let by_old = world(&pool, &old);
    assert!(ready(&new).await, "nothing is sealed");
    let mut saved = Vec::new();
    for (minute, name) in (0..).zip(["oldest", "b", "c", "d", "e", "f"]) {
        let mut integration = by_old.integration(name);
        integration.client_secret_updated_at = t(60 * minute);
        by_old.insert(&integration).await.unwrap();
        saved.push(integration.id);
    }
    assert!(ready(&old).await && ready(&both).await);
    assert!(!ready(&new).await);
    // The same id, other bytes.
    let same_id = Store::new(pool.clone(), KeyRing::generate("old").0);
    assert!(!ready(&same_id).await);

    // With a canary that does not open, secrets decide: a damaged one is no reason to stop serving the others; when the
    // newest all were, it is.
    let damage = async |id: IntegrationId| {
        let sql = "update integrations set client_secret_sealed = 'x' where id = $1";
        sqlx::query(sql).bind(id.0).execute(&pool).await.unwrap();
    };
    for id in &saved[2..] {
        damage(*id).await;
    }
    damage_canary().await;
    assert!(ready(&old).await, "one of the five newest opens");
    damage(saved[1]).await;
    assert!(ready(&old).await, "the canary opens, and no secret is tried");
    damage_canary().await;
    assert!(!ready(&old).await, "though the oldest would");
    for id in &saved[1..] {
        by_old.delete(*id, t(1000)).await;
    }
    assert!(ready(&old).await, "deleted ones have no secret");
}

#[support::test]
async fn every_sealed_column_is_resealed(pool: PgPool) {
    let [old, both, new] = stores(&pool);
    let world = world(&pool, &old);
    let ids = [with_next(&world, "a").await.id, with_next(&world, "b").await.id];
    let deleted = with_next(&world, "c").await.id;
    world.delete(deleted, t(2)).await;
    let long_ago = "2020-01-01T00:00:00Z".parse().unwrap();
    let mut other = self::world(&pool, &old);
    other.org = super::fixtures::org("globex");
    old.insert_audit(&AuditEntry { at: long_ago, ..other.audit("put_policy") }).await.unwrap();
    let purged = old.delete_expired(t(2), &Retention::default()).await.unwrap();
    assert_eq!(purged.audit_events, 1);
    assert_eq!(old.check_readiness().await.unwrap(), Readiness::Ready);
    assert_eq!(both.key_uses_in_all_organisations().await.unwrap(), uses(&[("old", 5)]));
    let outcome = both.reseal_in_all_organisations().await.unwrap();
    assert_eq!(outcome, Resealed { resealed: 5, fine: 0, unreadable: 0 });
    assert_eq!(both.key_uses_in_all_organisations().await.unwrap(), uses(&[("new", 5)]));
    let again = both.reseal_in_all_organisations().await.unwrap();
    assert_eq!(again, Resealed { resealed: 0, fine: 5, unreadable: 0 });
    assert_eq!(new.verify_audit(&other.org, 1, 9).await.unwrap().broken_at, None);

    // Whatever column is called sealed: none has kept the old key.
    let sql = "select table_name::text, column_name::text from information_schema.columns
         where table_schema = 'public' and data_type = 'bytea' and column_name like '%sealed%'";
    let columns: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(&pool).await.unwrap();
    assert!(columns.len() >= 2, "{columns:?}");
    for (table, column) in columns {
        let sql = format!("select {column} from {table} where {column} is not null");
        let sealed: Vec<Vec<u8>> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&pool).await.unwrap();
        assert!(!sealed.is_empty(), "the test fills {table}.{column}");
        let expected = Some(Header { format: 2, key_id: "new" });
        assert!(sealed.iter().all(|each| KeyRing::header_of(each) == expected), "{column}");
    }
    for id in ids {
        let secrets = new.open_secrets(&world.org, id).await.unwrap();
        assert_eq!(secrets.current().unwrap().expose_secret(), SECRET);
        assert_eq!(secrets.next.unwrap().unwrap().expose_secret(), NEXT);
        let found = world.find(id, t(3)).await.unwrap();
        assert_eq!((found.version, found.updated_at), (1, t(0)), "nothing else changes");
    }
}

/// As older versions sealed it: bound to table, row and column.
fn seal_as_format_1(key: &[u8], id: IntegrationId, column: &str, plain: &str) -> Vec<u8> {
    let parts: [&[u8]; 3] = [b"integrations", id.0.as_bytes(), column.as_bytes()];
    let mut bound_to = Vec::new();
    for part in parts {
        bound_to.extend_from_slice(&u64::try_from(part.len()).unwrap().to_be_bytes());
        bound_to.extend_from_slice(part);
    }
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).unwrap();
    let mut body = plain.as_bytes().to_vec();
    let nonce = key.seal_in_place_append_tag(Aad::from(bound_to), &mut body).unwrap();
    [&[1, 3][..], b"old", nonce.as_ref(), &body].concat()
}

#[support::test]
async fn resealing_migrates_format_1(pool: PgPool) {
    let (ring, text) = KeyRing::generate("old");
    let store = Store::new(pool.clone(), ring);
    let world = world(&pool, &store);
    let (of, untouched) = (with_next(&world, "a").await, with_next(&world, "b").await);
    let key = STANDARD.decode(text.strip_prefix("old:").unwrap()).unwrap();
    for (column, plain) in [("client_secret_sealed", SECRET), ("next_client_secret_sealed", NEXT)] {
        let sql = format!("update integrations set {column} = $1 where id = $2");
        let sealed = seal_as_format_1(&key, of.id, column, plain);
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(sealed).bind(of.id.0);
        query.execute(&pool).await.unwrap();
    }
    let opens = async |of: &Integration| {
        let secrets = store.open_secrets(&world.org, of.id).await.unwrap();
        assert_eq!(secrets.current().unwrap().expose_secret(), SECRET);
        assert_eq!(secrets.next.unwrap().unwrap().expose_secret(), NEXT);
    };
    opens(&of).await;
    let old = KeyUse { header: Some(("old".to_owned(), 1)), values: 2 };
    let expected = [&[old][..], &uses(&[("old", 2)])].concat();
    assert_eq!(store.key_uses_in_all_organisations().await.unwrap(), expected);
    let outcome = store.reseal_in_all_organisations().await.unwrap();
    assert_eq!(outcome, Resealed { resealed: 2, fine: 2, unreadable: 0 });
    assert_eq!(store.key_uses_in_all_organisations().await.unwrap(), uses(&[("old", 4)]));
    opens(&of).await;
    opens(&untouched).await;
}

#[support::test]
async fn undecryptable_values_are_skipped_and_counted(pool: PgPool) {
    let [old, both, new] = stores(&pool);
    let world = world(&pool, &old);
    let broken = with_next(&world, "a").await.id;
    with_next(&world, "b").await;
    let sql = "update integrations set next_client_secret_sealed = 'x' where id = $1";
    sqlx::query(sql).bind(broken.0).execute(&pool).await.unwrap();
    let outcome = new.reseal_in_all_organisations().await.unwrap();
    assert_eq!(outcome, Resealed { resealed: 0, fine: 0, unreadable: 4 });
    let outcome = both.reseal_in_all_organisations().await.unwrap();
    assert_eq!(outcome, Resealed { resealed: 3, fine: 0, unreadable: 1 });
    let mut expected = vec![KeyUse { header: None, values: 1 }];
    expected.extend(uses(&[("new", 3)]));
    assert_eq!(both.key_uses_in_all_organisations().await.unwrap(), expected);
    // Another key under the id of the first one is not taken for it.
    let impostor = Store::new(pool.clone(), KeyRing::generate("new").0);
    let outcome = impostor.reseal_in_all_organisations().await.unwrap();
    assert_eq!(outcome, Resealed { resealed: 0, fine: 0, unreadable: 4 });
}

#[support::test]
async fn many_are_resealed_in_batches_across_organisations(pool: PgPool) {
    let [old, both, new] = stores(&pool);
    let mut world = world(&pool, &old);
    for n in 0..450_u32 {
        world.org = super::fixtures::org(&format!("org-{}", n % 3));
        world.saved(&format!("t{n}")).await;
    }
    let outcome = both.reseal_in_all_organisations().await.unwrap();
    assert_eq!(outcome, Resealed { resealed: 450, fine: 0, unreadable: 0 });
    let outcome = new.reseal_in_all_organisations().await.unwrap();
    assert_eq!(outcome, Resealed { resealed: 0, fine: 450, unreadable: 0 });
}

#[support::test]
async fn a_concurrent_change_wins_over_resealing(pool: PgPool) {
    let [old, both, new] = stores(&pool);
    let world = world(&pool, &old);
    let of = with_next(&world, "a").await;
    // Somebody has the row while it is resealed, and then writes another next secret.
    let mut change = pool.begin().await.unwrap();
    let place = store::SealContext {
        table: "integrations",
        row: of.id.0,
        column: "next_client_secret_sealed",
        organisation: world.org.as_str(),
        origin: of.settings.api_identifier.as_str(),
    };
    sqlx::query("update integrations set next_client_secret_sealed = $2 where id = $1")
        .bind(of.id.0)
        .bind(old.keys().seal(place, b"changed-meanwhile"))
        .execute(&mut *change)
        .await
        .unwrap();
    let resealing = tokio::spawn(async move { both.reseal_in_all_organisations().await });
    let waits = "select exists (select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock')";
    while !sqlx::query_scalar::<_, bool>(waits).fetch_one(&pool).await.unwrap() {
        tokio::task::yield_now().await;
    }
    change.commit().await.unwrap();
    let outcome = resealing.await.unwrap().unwrap();
    assert_eq!(outcome, Resealed { resealed: 2, fine: 0, unreadable: 0 });
    let secrets = new.open_secrets(&world.org, of.id).await.unwrap();
    assert_eq!(secrets.next.unwrap().unwrap().expose_secret(), "changed-meanwhile");
}

#[support::test]
async fn two_concurrent_reseals_never_reseal_a_value_twice(pool: PgPool) {
    let [old, both, _] = stores(&pool);
    let world = world(&pool, &old);
    for n in 0..20 {
        with_next(&world, &format!("t{n}")).await;
    }
    let both = Arc::new(both);
    let (one, two) =
        tokio::join!(both.reseal_in_all_organisations(), both.reseal_in_all_organisations());
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.resealed + two.resealed, 40, "{one:?} {two:?}");
    assert_eq!(one.fine + two.fine, 40, "{one:?} {two:?}");
}
