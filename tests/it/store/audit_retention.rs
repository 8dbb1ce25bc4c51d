//! Audit events expire; what remains of a chain still verifies, and nobody can cut it with the database alone.

use domain::Clock as _;
use domain::clock::SystemClock;
use jiff::{SignedDuration, Timestamp};
use sqlx::{AssertSqlSafe, PgPool};
use store::{AuditEntry, AuditFilter, AuditPosition, ChainBreak, PageQuery, Retention, Verified};

use super::fixtures::{World, first, org};

const ALL: i64 = 50_000;

/// A day of 2020: by its own clock the database refuses to purge recent events.
fn day(day: i64) -> Timestamp {
    let zero: Timestamp = "2020-01-01T00:00:00Z".parse().unwrap();
    zero + SignedDuration::from_hours(24 * day)
}

async fn insert(world: &World, count: usize, at: Timestamp) {
    for _ in 0..count {
        let entry = AuditEntry { at, ..world.audit("update_integration") };
        world.store.insert_audit(&entry).await.unwrap();
    }
}

/// With a retention of 400 days.
async fn purge(world: &World, now: Timestamp) -> u64 {
    world.store.delete_expired(now, &Retention::default()).await.unwrap().audit_events
}

async fn verify(world: &World) -> Verified {
    world.store.verify_audit(&world.org, 1, ALL).await.unwrap()
}

async fn broken_at(world: &World) -> Option<ChainBreak> {
    verify(world).await.broken_at
}

/// As somebody who owns the database could.
async fn tamper(world: &World, sql: &str) {
    let sql = format!(
        "alter table audit_events disable trigger user; {sql};
         alter table audit_events enable trigger user"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(world.store.pool()).await.unwrap();
}

fn other(world: &World) -> World {
    let mut other = World::new(world.store.pool().clone());
    (other.store, other.org) = (world.store.clone(), org("globex"));
    other
}

#[support::test]
async fn expired_events_are_purged_and_the_rest_of_each_chain_verifies(world: World) {
    let globex = other(&world);
    // More than one batch.
    insert(&world, 1002, day(0)).await;
    insert(&world, 2, day(10)).await;
    insert(&globex, 3, day(10)).await;
    let head = verify(&world).await.head_hash;

    assert_eq!(purge(&world, day(400)).await, 0, "kept for 400 days");
    assert_eq!(purge(&world, day(401)).await, 1002);
    assert_eq!(purge(&world, day(401)).await, 0);
    let found = verify(&world).await;
    assert_eq!((found.broken_at, found.entries), (None, 2));
    assert_eq!((found.first_seq, found.last_seq), (Some(1003), Some(1004)));
    assert_eq!(found.head_hash, head);
    let part = world.store.verify_audit(&world.org, 1, 1).await.unwrap();
    assert_eq!((part.first_seq, part.next_from_seq), (Some(1003), Some(1004)));
    let part = world.store.verify_audit(&world.org, 1004, ALL).await.unwrap();
    assert_eq!((part.entries, part.broken_at), (1, None));
    assert_eq!((verify(&globex).await.entries, broken_at(&globex).await), (3, None));

    // A page that begins after a purged event ends.
    let after = Some(AuditPosition::Chained { seq: 3 });
    let page = PageQuery { limit: 9, after };
    let page = world.store.list_audit(&world.org, &AuditFilter::default(), page).await.unwrap();
    assert!(page.items.is_empty());

    // All are purged, and the chain goes on from its checkpoint.
    assert_eq!(purge(&world, day(1000)).await, 5);
    let found = verify(&world).await;
    assert_eq!((found.broken_at, found.entries, found.head_hash), (None, 0, head));
    insert(&world, 1, day(1000)).await;
    let found = verify(&world).await;
    assert_eq!((found.broken_at, found.first_seq), (None, Some(1005)));
    let list = world.store.list_audit(&world.org, &AuditFilter::default(), first(9)).await.unwrap();
    assert_eq!(list.items.len(), 1);
}

#[support::test]
async fn an_event_behind_a_newer_one_waits_for_it(world: World) {
    for at in [0, 10, 1] {
        insert(&world, 1, day(at)).await;
    }
    assert_eq!(purge(&world, day(405)).await, 1);
    assert_eq!((broken_at(&world).await, world.count("audit_events").await), (None, 2));
}

#[support::test]
async fn a_damaged_chain_is_not_purged_and_others_are(world: World) {
    let globex = other(&world);
    for world in [&world, &globex] {
        insert(world, 3, day(0)).await;
    }
    let sql =
        "update audit_events set actor_email = 'eve' where seq = 2 and organisation_id = 'acme'";
    tamper(&world, sql).await;
    assert_eq!(purge(&world, day(500)).await, 3);
    assert_eq!(broken_at(&world).await, Some(ChainBreak { seq: 2, reason: "changed" }));
    assert_eq!((verify(&globex).await.entries, broken_at(&globex).await), (0, None));
}

#[support::test]
async fn a_chain_that_was_cut_in_the_database_is_detected(pool: PgPool) {
    let cut = "update audit_checkpoints set (seq, hash) =
        (select seq, hash from audit_events where organisation_id = 'acme' and seq = 3)
        where organisation_id = 'acme'; delete from audit_events where seq <= 3 and organisation_id = 'acme'";
    let copied = "update audit_checkpoints c set seq = g.seq, hash = g.hash, sealed = g.sealed
        from audit_checkpoints g where c.organisation_id = 'acme' and g.organisation_id = 'globex'";
    for (damage, seq, reason) in [
        (cut, 3, "checkpoint"),
        (copied, 2, "checkpoint"),
        ("update audit_checkpoints set sealed = 'x'", 2, "checkpoint"),
        ("update audit_checkpoints set hash = sha256('x')", 2, "checkpoint"),
        ("delete from audit_checkpoints", 1, "missing"),
        ("delete from audit_events where seq = 3 and organisation_id = 'acme'", 3, "missing"),
        ("delete from audit_events; delete from audit_heads", 1, "head"),
        ("update audit_heads set seq = 1", 2, "head"),
    ] {
        let reset =
            "delete from audit_events; delete from audit_heads; delete from audit_checkpoints";
        tamper(&World::new(pool.clone()), reset).await;
        let world = World::new(pool.clone());
        let globex = other(&world);
        for world in [&world, &globex] {
            insert(world, 2, day(0)).await;
            insert(world, 2, day(10)).await;
        }
        assert_eq!(purge(&world, day(405)).await, 4);
        assert_eq!(broken_at(&world).await, None);
        tamper(&world, damage).await;
        assert_eq!(broken_at(&world).await, Some(ChainBreak { seq, reason }), "{damage}");
    }
}

/// Whoever has the service's login cannot delete recent events, those of others, or any without a checkpoint.
#[support::test]
async fn the_serving_role_can_purge_nothing_else(world: World) {
    let globex = other(&world);
    for world in [&world, &globex] {
        insert(world, 2, day(0)).await;
        insert(world, 2, SystemClock.now()).await;
    }
    let call = async |organisation: &str, until: i64| {
        let mut tx = world.store.begin_for(&world.org).await.unwrap();
        let sql = "select purge_audit_events($1, now(), $2, 'x')";
        let done = sqlx::query(sql).bind(organisation).bind(until).execute(&mut *tx).await;
        done.map_err(|error| error.as_database_error().unwrap().code().unwrap().into_owned())
    };
    assert_eq!(call("acme", 4).await.unwrap_err(), "23001", "restrict_violation");
    assert_eq!(call("acme", 3).await.unwrap_err(), "23001");
    assert_eq!(call("globex", 2).await.unwrap_err(), "42501", "insufficient_privilege");
    call("acme", 2).await.unwrap();
    let mut tx = world.store.begin_for(&world.org).await.unwrap();
    let sql = "select * from organisations_with_audit_before(now())";
    assert!(sqlx::query(sql).execute(&mut *tx).await.is_err());
    drop(tx);
    assert_eq!((world.count("audit_events").await, world.count("audit_checkpoints").await), (8, 0));
}
