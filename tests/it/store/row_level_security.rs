//! Row-level security: the serving role sees no row of another organisation. The list of tables comes from
//! the database, so that a new table without protection fails here.

use std::borrow::Cow;
use std::collections::BTreeSet;

use domain::IdSource as _;
use domain::checks::Severity;
use domain::policy::Policy;
use sqlx::error::DatabaseError;
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use store::{CrossOrganisation, Store};

use super::fixtures::{World, org, t};

/// Tables that are nobody's.
const OTHERS: [&str; 4] = ["_sqlx_migrations", "key_canary", "origin_paces", "tenant_paces"];
/// What two organisations have of everything.
const FILLED: [&str; 16] = [
    "api_credentials",
    "api_tokens",
    "assets",
    "audit_checkpoints",
    "audit_events",
    "audit_heads",
    "finding_transitions",
    "findings",
    "history_entries",
    "idempotency_keys",
    "integrations",
    "judgements",
    "policies",
    "sync_events",
    "sync_scores",
    "syncs",
];

/// Two organisations with the same in each table, and the tables of organisations.
async fn two(pool: PgPool) -> (Store, Vec<String>) {
    let world = World::new(pool.clone());
    let mut other = World::new(pool.clone());
    other.org = org("globex");
    // Ids of credentials are unique over all.
    for _ in 0..1000 {
        other.ids.next();
    }
    for world in [&world, &other] {
        world.synced("acme", &[Severity::High]).await;
        world.store.insert_audit(&world.audit("login")).await.unwrap();
        let sql = "insert into idempotency_keys (organisation_id, subject, method, path, key,
            fingerprint, locked_until, expires_at) values ($1, '', '', '', '', '', now(), now())";
        sqlx::query(sql).bind(world.org.as_str()).execute(&pool).await.unwrap();
        let sql = "insert into audit_checkpoints values ($1, 0, sha256(''), '')";
        sqlx::query(sql).bind(world.org.as_str()).execute(&pool).await.unwrap();
        let audit = world.audit("put_policy");
        world.store.put_policy(&world.org, 0, &Policy::default(), &audit).await.unwrap();
        let (credential, token) = (world.credential().await, store::new_token().1);
        let kept = world.store.insert_token(&credential, &token, t(60), t(0), &audit).await;
        assert!(kept.unwrap());
    }
    let tables = tables(&pool).await;
    assert_eq!(tables, FILLED, "every table of organisations is filled here");
    (world.store, tables)
}

async fn tables(pool: &PgPool) -> Vec<String> {
    let sql = "select relname::text from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1";
    let all: Vec<String> = sqlx::query_scalar(sql).fetch_all(pool).await.unwrap();
    all.into_iter().filter(|name| !OTHERS.contains(&name.as_str())).collect()
}

async fn organisations(connection: &mut PgConnection, table: &str) -> Vec<String> {
    let sql = format!("select distinct organisation_id from {table} order by 1");
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(connection).await.unwrap()
}

async fn run(connection: &mut PgConnection, sql: String) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(AssertSqlSafe(sql)).execute(connection).await?;
    Ok(done.rows_affected())
}

/// Tries a statement in a transaction of its own for this organisation.
async fn tried(store: &Store, name: &str, sql: String) -> Result<u64, String> {
    let mut tx = store.begin_for(&org(name)).await.unwrap();
    let outcome = run(&mut tx, sql).await;
    outcome.map_err(|error| {
        let code = error.as_database_error().and_then(DatabaseError::code);
        code.map_or_else(|| error.to_string(), Cow::into_owned)
    })
}

/// Name, on, forced, names of the policies, and what two of them say.
type Protected = (String, bool, bool, Vec<String>, Option<String>, String);

/// Postgres' code for a missing privilege and for a row that a policy refuses.
const REFUSED: &str = "42501";

#[support::test]
async fn every_table_is_protected_and_only_for_reasons_that_have_a_name(pool: PgPool) {
    let sql = "select c.relname::text, c.relrowsecurity, c.relforcerowsecurity,
            array(select polname::text from pg_policy where polrelid = c.oid order by 1),
            (select pg_get_expr(polqual, polrelid) from pg_policy
                where polrelid = c.oid and polname = 'own_organisation' and polroles = '{0}'
                    and polcmd = '*' and polwithcheck is null),
            coalesce((select string_agg(pg_get_expr(polqual, polrelid), ' ') from pg_policy
                where polrelid = c.oid and polname like '%across_organisations'), '')
        from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
            and relname <> '_sqlx_migrations' order by 1";
    let found: Vec<Protected> = sqlx::query_as(sql).fetch_all(&pool).await.unwrap();
    let (mut owns, mut reasons) = (BTreeSet::new(), BTreeSet::new());
    for (table, is_on, is_forced, policies, own, across) in found {
        assert!(is_on && is_forced, "{table}: end its migration with isolate_table(…)");
        let known = [
            "across_organisations",
            "administration",
            "looking_across_organisations",
            "own_organisation",
        ];
        assert!(policies.iter().all(|name| known.contains(&name.as_str())), "{table} {policies:?}");
        if !OTHERS.contains(&table.as_str()) {
            owns.insert(own.expect(&table));
        }
        // … = any ('{claiming,scheduling}'::text[])
        let named = across.split("'{").skip(1).filter_map(|rest| rest.split_once("}'"));
        reasons.extend(named.flat_map(|(names, _)| names.split(',')).map(str::to_owned));
    }
    assert_eq!(owns.len(), 1, "{owns:?}");
    let named: BTreeSet<_> =
        CrossOrganisation::ALL.into_iter().map(|each| each.name().to_owned()).collect();
    assert_eq!(reasons, named, "the reasons that policies allow and those that the code has");
}

#[support::test]
async fn a_query_without_a_where_returns_only_own_rows(pool: PgPool) {
    let (store, tables) = two(pool.clone()).await;
    let mut all = pool.acquire().await.unwrap();
    let mut own = store.begin_for(&org("globex")).await.unwrap();
    for table in &tables {
        assert_eq!(organisations(&mut all, table).await, ["acme", "globex"], "{table}");
        assert_eq!(organisations(&mut own, table).await, ["globex"], "{table}");
    }
    drop(own);

    let mut nobodys = store.begin_for(&org("initech")).await.unwrap();
    for table in &tables {
        assert!(organisations(&mut nobodys, table).await.is_empty(), "{table}");
    }
    drop(nobodys);
    let mut tx = pool.begin().await.unwrap();
    sqlx::query("set local role safe_auth0_serving").execute(&mut *tx).await.unwrap();
    for table in &tables {
        assert!(organisations(&mut tx, table).await.is_empty(), "{table}, and no organisation");
    }
}

#[support::test]
async fn row_security_prevents_writes_to_other_organisations(pool: PgPool) {
    let (store, tables) = two(pool.clone()).await;
    for table in &tables {
        for sql in [
            format!("update {table} set organisation_id = 'acme' where organisation_id = 'acme'"),
            format!("delete from {table} where organisation_id = 'acme'"),
        ] {
            let touched = tried(&store, "globex", sql).await;
            assert!(matches!(&touched, Ok(0)) || touched == Err(REFUSED.into()), "{touched:?}");
        }
        let gift = format!("update {table} set organisation_id = 'acme'");
        assert_eq!(tried(&store, "globex", gift).await, Err(REFUSED.into()), "{table}");
    }
    let mut all = pool.acquire().await.unwrap();
    for table in FILLED {
        assert_eq!(organisations(&mut all, table).await, ["acme", "globex"], "{table}");
    }
    let planted =
        "insert into audit_events (organisation_id, at, actor_subject, actor_email, action,
        outcome, request_id, details, seq, previous_hash, hash) values ('acme', now(), '', '', '',
        'done', '', '{}', 999, sha256(''), sha256(''))";
    assert_eq!(tried(&store, "globex", planted.into()).await, Err(REFUSED.into()));
    assert_eq!(tried(&store, "acme", planted.into()).await, Ok(1));
}

#[support::test]
async fn the_audit_is_neither_changed_nor_deleted(pool: PgPool) {
    let (store, _) = two(pool).await;
    for sql in [
        "update audit_events set action = 'x'",
        "delete from audit_events",
        "truncate audit_events",
    ] {
        assert_eq!(tried(&store, "acme", sql.into()).await, Err(REFUSED.into()), "{sql}");
    }
}

#[support::test]
async fn a_reason_opens_the_tables_that_it_needs(pool: PgPool) {
    let (store, tables) = two(pool).await;
    for across in CrossOrganisation::ALL {
        let mut tx = store.begin_cross_organisation(across).await.unwrap();
        let mut opened = Vec::new();
        for table in &tables {
            if !organisations(&mut tx, table).await.is_empty() {
                opened.push(table.as_str());
            }
        }
        let queue = ["history_entries", "integrations", "sync_events", "syncs"];
        let expected: &[&str] = match across {
            CrossOrganisation::Claiming
            | CrossOrganisation::Scheduling
            | CrossOrganisation::GivingUp => &queue,
            CrossOrganisation::Leasing => &["history_entries", "sync_events", "syncs"],
            CrossOrganisation::ExpiringAcceptances => &["finding_transitions", "findings"],
            CrossOrganisation::Purging => &[
                "api_credentials",
                "api_tokens",
                "finding_transitions",
                "findings",
                "history_entries",
                "idempotency_keys",
                "integrations",
                "judgements",
                "sync_events",
                "sync_scores",
                "syncs",
            ],
            CrossOrganisation::Reminding => &["history_entries", "integrations"],
            CrossOrganisation::Resealing => &["audit_checkpoints", "integrations"],
            CrossOrganisation::Authenticating => &["api_credentials", "api_tokens"],
            // What belongs to no organisation.
            CrossOrganisation::Pacing | CrossOrganisation::Probing => &[],
        };
        assert_eq!(opened, expected, "{across:?}");
    }
}

#[support::test]
async fn the_authenticating_reason_is_read_only(pool: PgPool) {
    let (store, _) = two(pool).await;
    for sql in [
        "update api_credentials set name = 'x'",
        "delete from api_credentials",
        "update api_tokens set subject = 'x'",
        "delete from api_tokens",
    ] {
        let mut tx =
            store.begin_cross_organisation(CrossOrganisation::Authenticating).await.unwrap();
        assert_eq!(run(&mut tx, sql.into()).await.unwrap(), 0, "{sql}");
    }
}

#[support::test]
async fn the_serving_role_cannot_disable_row_security(pool: PgPool) {
    let (store, _) = two(pool).await;
    for sql in [
        "alter table findings no force row level security",
        "drop policy own_organisation on findings",
        "create policy all_of_it on findings using (true)",
        "update _sqlx_migrations set success = false",
        "create table loot ()",
        "select isolate_table('findings', 'select', '{}')",
    ] {
        assert_eq!(tried(&store, "acme", sql.into()).await, Err(REFUSED.into()), "{sql}");
    }
    let mut tx = store.begin_for(&org("acme")).await.unwrap();
    run(&mut tx, "set local row_security = off".into()).await.unwrap();
    assert!(run(&mut tx, "select from findings".into()).await.is_err());
    drop(tx);
    // The reason for migrations and dumps is the owner's alone.
    let mut tx = store.begin_for(&org("acme")).await.unwrap();
    run(&mut tx, "set local safe_auth0.across = 'administration'".into()).await.unwrap();
    assert_eq!(organisations(&mut tx, "findings").await, ["acme"]);
}

#[support::test]
async fn the_organisation_setting_ends_with_its_transaction(pool: PgPool) {
    let (store, _) = two(pool.clone()).await;
    let one = sqlx::postgres::PgPoolOptions::new().max_connections(1);
    let one = one.connect_with(pool.connect_options().as_ref().clone()).await.unwrap();
    let store = Store::new(one.clone(), store.keys().clone());
    let of = "select concat_ws(' ', current_user, current_setting('safe_auth0.organisation_id'),
        current_setting('safe_auth0.across'))";
    for name in ["acme", "it's \\ -- ;"] {
        let Some(name) = domain::OrganisationId::parse(&name.replace(' ', "_")) else { panic!() };
        let mut tx = store.begin_for(&name).await.unwrap();
        let seen: String = sqlx::query_scalar(of).fetch_one(&mut *tx).await.unwrap();
        assert_eq!(seen, format!("safe_auth0_serving {} ", name.as_str()));
        tx.commit().await.unwrap();
    }
    let mut tx = store.begin_cross_organisation(CrossOrganisation::Claiming).await.unwrap();
    let seen: String = sqlx::query_scalar(of).fetch_one(&mut *tx).await.unwrap();
    assert_eq!(seen, "safe_auth0_serving  claiming");
    drop(tx);
    let sql = "select current_user <> 'safe_auth0_serving'
        and current_setting('safe_auth0.across') = ''";
    let is_over: bool = sqlx::query_scalar(sql).fetch_one(&one).await.unwrap();
    assert!(is_over);
    one.close().await;
}
