//! The audit is an append-only hash chain for each organisation, and verification detects damage.

use sqlx::{AssertSqlSafe, PgPool};
use store::{AuditFilter, AuditPosition, ChainBreak, PageQuery};

use super::fixtures::{World, first, org};

const ALL: i64 = 50_000;

async fn filled(pool: PgPool, rows: usize) -> World {
    let world = World::new(pool);
    for _ in 0..rows {
        world.store.insert_audit(&world.audit("update_integration")).await.unwrap();
    }
    world
}

/// As somebody who owns the database could.
async fn tamper(world: &World, sql: &str) {
    let sql = format!(
        "alter table audit_events disable trigger user; {sql};
         alter table audit_events enable trigger user"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(world.store.pool()).await.unwrap();
}

async fn broken_at(world: &World) -> Option<ChainBreak> {
    world.store.verify_audit(&world.org, 1, ALL).await.unwrap().broken_at
}

#[support::test]
async fn rows_that_are_added_at_once_make_one_whole_chain_for_each_organisation(world: World) {
    let mut other = World::new(world.store.pool().clone());
    other.org = org("globex");
    let mut adding = tokio::task::JoinSet::new();
    for index in 0..20 {
        let of = if index % 2 == 0 { &world } else { &other };
        let (store, entry) = (of.store.clone(), of.audit("update_integration"));
        adding.spawn(async move { store.insert_audit(&entry).await.unwrap() });
    }
    adding.join_all().await;
    for each in [&world, &other] {
        let found = each.store.verify_audit(&each.org, 1, ALL).await.unwrap();
        assert_eq!(found.broken_at, None);
        assert_eq!((found.entries, found.first_seq, found.last_seq), (10, Some(1), Some(10)));
        assert_eq!(found.head_hash.unwrap().len(), 64);
    }
    let nothing = world.store.verify_audit(&org("initech"), 1, ALL).await.unwrap();
    assert_eq!((nothing.entries, nothing.head_hash, nothing.broken_at), (0, None, None));
}

#[support::test]
async fn a_long_chain_is_verified_in_parts(pool: PgPool) {
    let world = filled(pool, 7).await;
    let mut from = 1;
    for (next, entries) in [(Some(4), 3), (Some(7), 3), (None, 1)] {
        let found = world.store.verify_audit(&world.org, from, 3).await.unwrap();
        assert_eq!((found.next_from_seq, found.entries, found.broken_at), (next, entries, None));
        from = next.unwrap_or(8);
    }
    let beyond = world.store.verify_audit(&world.org, 1000, 3).await.unwrap();
    assert_eq!((beyond.entries, beyond.broken_at), (0, None));
    tamper(&world, "update audit_heads set hash = sha256('x')").await;
    let beyond = world.store.verify_audit(&world.org, 1000, 3).await.unwrap();
    assert_eq!(beyond.broken_at, Some(ChainBreak { seq: 7, reason: "head" }));
    tamper(&world, "delete from audit_events where seq = 3").await;
    let after_a_gap = world.store.verify_audit(&world.org, 4, 3).await.unwrap();
    assert_eq!(after_a_gap.broken_at, Some(ChainBreak { seq: 3, reason: "missing" }));
}

#[support::test]
async fn verification_detects_every_kind_of_damage(pool: PgPool) {
    let swap = "update audit_events set seq = -seq where seq in (2, 3);
        update audit_events set seq = case seq when -2 then 3 else 2 end where seq < 0";
    for (damage, seq, reason) in [
        ("update audit_events set actor_email = 'eve' where seq = 3", 3, "changed"),
        ("update audit_events set at = at + interval '1 microsecond' where seq = 3", 3, "changed"),
        ("update audit_events set details = '{\"a\": 1}' where seq = 3", 3, "changed"),
        ("update audit_events set source_port = null where seq = 1", 1, "changed"),
        ("update audit_events set hash = sha256('x') where seq = 2", 2, "changed"),
        ("update audit_events set previous_hash = sha256('x') where seq = 2", 2, "unlinked"),
        ("delete from audit_events where seq = 2", 2, "missing"),
        ("delete from audit_events where seq = 5", 5, "missing"),
        ("delete from audit_events", 1, "missing"),
        (swap, 2, "unlinked"),
        ("delete from audit_heads", 1, "head"),
        ("update audit_heads set hash = sha256('x')", 5, "head"),
        ("delete from audit_events where seq = 5; update audit_heads set seq = 4", 4, "head"),
        ("update audit_heads set seq = 3", 3, "head"),
    ] {
        tamper(&World::new(pool.clone()), "delete from audit_events; delete from audit_heads")
            .await;
        let world = filled(pool.clone(), 5).await;
        assert_eq!(broken_at(&world).await, None);
        tamper(&world, damage).await;
        assert_eq!(broken_at(&world).await, Some(ChainBreak { seq, reason }), "{damage}");
    }
}

#[support::test]
async fn rows_cannot_be_changed_or_taken_away(pool: PgPool) {
    let world = filled(pool, 2).await;
    for sql in [
        "update audit_events set actor_email = 'eve'",
        "delete from audit_events",
        "truncate audit_events",
    ] {
        let fault = sqlx::query(sql).execute(world.store.pool()).await.unwrap_err();
        assert!(fault.to_string().contains("append-only"), "{sql}: {fault}");
    }
    assert_eq!(world.count("audit_events").await, 2);
}

#[support::test]
async fn events_older_than_the_chain_are_listed_but_not_verified(world: World) {
    let old = "alter table audit_events drop constraint audit_events_chained_check;
        insert into audit_events (organisation_id, at, actor_subject, actor_email, action, outcome,
            request_id, details) values ('acme', now(), 's', 'e', 'a', 'done', 'r', 'null')";
    tamper(&world, old).await;
    world.store.insert_audit(&world.audit("update_integration")).await.unwrap();
    let found = world.store.verify_audit(&world.org, 1, ALL).await.unwrap();
    assert_eq!((found.entries, found.broken_at), (1, None));
    let list = world.store.list_audit(&world.org, &AuditFilter::default(), first(9)).await.unwrap();
    let seqs: Vec<_> = list.items.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, [Some(1), None]);
}

#[support::test]
async fn the_list_goes_on_by_position_and_is_of_one_organisation(pool: PgPool) {
    let world = filled(pool, 5).await;
    let filter = AuditFilter::default();
    let page = world.store.list_audit(&world.org, &filter, first(2)).await.unwrap();
    assert!(page.has_more);
    let after = page.items.last().map(|event| event.position);
    let rest = PageQuery { limit: 9, after };
    let rest = world.store.list_audit(&world.org, &filter, rest).await.unwrap();
    let seqs: Vec<_> = page.items.iter().chain(&rest.items).filter_map(|event| event.seq).collect();
    assert_eq!(seqs, [5, 4, 3, 2, 1]);
    let theirs = world.store.list_audit(&org("globex"), &filter, first(9)).await.unwrap();
    assert!(theirs.items.is_empty());
}

#[support::test]
async fn cursors_older_than_the_chain_still_work(pool: PgPool) {
    let world = filled(pool, 5).await;
    let sql = "select sequence from audit_events where seq = 4";
    let number: i64 = sqlx::query_scalar(sql).fetch_one(world.store.pool()).await.unwrap();
    let after: AuditPosition = serde_json::from_value(serde_json::json!(number)).unwrap();
    let rest = PageQuery { limit: 9, after: Some(after) };
    let rest = world.store.list_audit(&world.org, &AuditFilter::default(), rest).await.unwrap();
    let seqs: Vec<_> = rest.items.iter().filter_map(|event| event.seq).collect();
    assert_eq!(seqs, [3, 2, 1]);
}
