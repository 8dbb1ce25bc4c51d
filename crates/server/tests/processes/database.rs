//! Database faults: restart, terminated or silent connections, an exhausted pool, a full disk. No acknowledged change
//! is lost, nothing crashes, `/readyz` reports the fault, and work resumes without intervention.

use std::time::Duration;

use http::Method;
use rustix::process::Signal;
use serde_json::{Value, json};
use simulator::{Effect, Fault};
use sqlx::PgPool;

use crate::support::{Answer, Api, Process, Proxy, Site, until};

/// More than ten times the expected duration; the worker retries writing the end of a sync every 2 s.
const SOON: Duration = Duration::from_secs(60);
/// One round takes at least 50 ms, so this is at least five seconds.
const ROUNDS_OF_CUTS: u32 = 100;
/// Without a database a call fails after the pool's acquire timeout, 1 s here.
const UNAVAILABLE_WITHIN: Duration = Duration::from_secs(10);
const SETTINGS: &[(&str, &str)] = &[
    ("SAFE_AUTH0_WORKER_CONCURRENCY", "1"),
    ("SAFE_AUTH0_DATABASE_ACQUIRE_TIMEOUT", "1s"),
    ("SAFE_AUTH0_WORKER_LEASE", "10s"),
];
/// Longer than the database is stopped; shorter than the timeout of a call to a tenant.
const SLOW: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread")]
async fn a_database_restart_is_reported_and_survived() {
    let mut site = Site::with(&["fresh", "hardened"]).await;
    let mut service = site.serve(&[], SETTINGS);
    let (api, at) = (site.api_within("acme", UNAVAILABLE_WITHIN), service.address.clone());
    let first = site.create(&api, &at, 0).await;
    let second = site.create(&api, &at, 1).await;
    site.tenants[0].fault(Fault::on_get("/api/v2/guardian", Effect::Latency(SLOW)));
    let running = start_sync(&api, &at, &first).await;
    await_state(&api, &at, &running, "running").await;
    let queued = start_sync(&api, &at, &second).await;
    let writer = tokio::spawn(write_until_unavailable(api.clone(), at.clone(), second));
    let count = count_first_writes(&site).await;

    site.cluster.stop();
    let (second, acknowledged) = writer.await.unwrap();
    assert!(acknowledged >= count);
    assert!(api.get(&at, "/readyz").await.is_unavailable());
    assert_eq!(api.get(&at, "/livez").await.status, 200);
    let rename = json!({"asset_name": "never"});
    for (method, path, body) in [
        (Method::GET, "/v1/findings".to_owned(), None),
        (Method::GET, format!("/v1/syncs/{running}"), None),
        (Method::POST, format!("/v1/integrations/{second}/syncs"), None),
        (Method::PATCH, format!("/v1/integrations/{second}"), Some(&rename)),
    ] {
        let answer = api.call(&at, method, &path, body).await;
        assert!(answer.is_unavailable(), "{path}: {answer:?}");
    }

    site.cluster.resume();
    ready(&api, &at).await;
    for sync in [&running, &queued] {
        assert_eq!(await_end(&api, &at, sync).await["state"], "succeeded");
    }
    let name = api.get(&at, &format!("/v1/integrations/{second}")).await.expect(200).json;
    // The last request may have been committed without a response.
    let written = name["asset_name"].as_str().unwrap().strip_prefix("asset ").unwrap();
    let written: u32 = written.parse().unwrap();
    assert!((acknowledged..=acknowledged + 1).contains(&written), "{written} {acknowledged}");
    let database = site.cluster.connect("postgres").await;
    for sync in [&running, &queued] {
        assert_ended_once(&database, sync).await;
    }
    assert_sound(&mut service);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_succeeds_although_its_connections_are_terminated() {
    let site = Site::with(&["weak"]).await;
    let mut service = site.serve(&[], SETTINGS);
    let (api, at) = (site.api("acme"), service.address.clone());
    let id = site.create(&api, &at, 0).await;
    let database = site.cluster.connect("postgres").await;
    site.tenants[0].fault(Fault::on_management_api(Effect::Latency(Duration::from_millis(300))));
    let sync = start_sync(&api, &at, &id).await;
    await_state(&api, &at, &sync, "running").await;
    let (mut rounds, mut cut) = (0, 0);
    let ended = until("the sync ends", SOON, async || {
        let sql = "select count(pg_terminate_backend(pid)) from pg_stat_activity
            where application_name = 'safe-auth0'";
        // During the reading and the first attempts to write the end. Not permanently: the end of the sync must fit
        // between two terminations.
        if rounds < ROUNDS_OF_CUTS {
            rounds += 1;
            cut += sqlx::query_scalar::<_, i64>(sql).fetch_one(&database).await.unwrap();
        }
        let sql = "select state from syncs where id = $1::uuid and finished_at is not null";
        let state: Option<String> =
            sqlx::query_scalar(sql).bind(&sync).fetch_optional(&database).await.unwrap();
        state
    });
    assert_eq!(ended.await, "succeeded");
    assert!(cut > 0, "no connection was terminated");
    assert_ended_once(&database, &sync).await;
    ready(&api, &at).await;
    assert_sound(&mut service);
}

/// As when the database's machine is lost or a firewall drops connections: queries on them get neither a response nor
/// an error. New connections work.
#[tokio::test(flavor = "multi_thread")]
async fn connections_that_stop_responding_are_closed() {
    let site = Site::with(&["fresh"]).await;
    let proxy = Proxy::start(site.cluster.socket()).await;
    let few = [
        ("SAFE_AUTH0_DATABASE_POOL_SIZE", "4"),
        ("SAFE_AUTH0_REQUEST_TIMEOUT", "6s"),
        ("SAFE_AUTH0_TEST_DEADLINE", "5s"),
    ];
    let program = site.program_on(&proxy.url("postgres"), &["serve"], &[SETTINGS, &few].concat());
    let mut service = Process::start(program, &site.log("serve"));
    let (api, at) = (site.api("acme"), service.address.clone());
    let id = site.create(&api, &at, 0).await;
    let database = site.cluster.connect("postgres").await;
    let mut lock = database.begin().await.unwrap();
    sqlx::raw_sql("lock table syncs, findings").execute(&mut *lock).await.unwrap();
    // One organisation gets half of the connections.
    let waiting = [api.clone(), site.api("globex")].map(|api| {
        let at = at.clone();
        tokio::spawn(async move { many_calls(&api, &at).await })
    });
    let all_wait = async || {
        let sql = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'";
        let count: i64 = sqlx::query_scalar(sql).fetch_one(&database).await.unwrap();
        (count == 4).then_some(())
    };
    until("every connection waits for a response", SOON, all_wait).await;
    proxy.silence();
    drop(lock);
    for waiting in waiting {
        let answers = waiting.await.unwrap();
        assert!(answers.iter().all(|a| a.status == 200 || a.is_unavailable()), "{answers:?}");
    }

    ready(&api, &at).await;
    let sync = start_sync(&api, &at, &id).await;
    assert_eq!(await_end(&api, &at, &sync).await["state"], "succeeded");
    assert_sound(&mut service);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exhausted_pool_returns_503_and_recovers() {
    let site = Site::with(&["fresh"]).await;
    let settings =
        [("SAFE_AUTH0_DATABASE_POOL_SIZE", "2"), ("SAFE_AUTH0_DATABASE_ACQUIRE_TIMEOUT", "200ms")];
    let mut service = site.serve(&[], &settings);
    let (api, at) = (site.api("acme"), service.address.clone());
    site.create(&api, &at, 0).await;
    let database = site.cluster.connect("postgres").await;
    let mut lock = database.begin().await.unwrap();
    sqlx::raw_sql("lock table findings").execute(&mut *lock).await.unwrap();
    let calls = many_calls(&api, &at);
    let answers = calls.await;
    // Two connections wait for the lock in vain; the other calls get none.
    assert!(answers.iter().all(Answer::is_unavailable), "{answers:?}");
    drop(lock);
    ready(&api, &at).await;
    let answers = many_calls(&api, &at).await;
    assert!(answers.iter().all(|a| a.status == 200 || a.is_unavailable()), "{answers:?}");
    assert!(answers.iter().any(|a| a.status == 200));
    assert_sound(&mut service);
}

/// A trigger simulates the full disk: it rejects each row with PostgreSQL's error code for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_rejects_only_changes() {
    let site = Site::with(&["weak"]).await;
    let mut service = site.serve(&[], SETTINGS);
    let (api, at) = (site.api("acme"), service.address.clone());
    let id = site.create(&api, &at, 0).await;
    let database = site.cluster.connect("postgres").await;
    site.tenants[0].fault(Fault::on_get("/api/v2/guardian", Effect::Latency(SLOW / 4)));
    let sync = start_sync(&api, &at, &id).await;
    await_state(&api, &at, &sync, "running").await;
    let full = "create function refuse() returns trigger language plpgsql as
            $$ begin raise exception 'No space left on device' using errcode = '53100'; end $$;
        create trigger full_1 before insert on findings for each row execute function refuse();
        create trigger full_2 before insert on audit_events for each row execute function refuse()";
    sqlx::raw_sql(full).execute(&database).await.unwrap();
    let (path, name) = (format!("/v1/integrations/{id}"), json!({"asset_name": "other"}));
    assert!(api.call(&at, Method::PATCH, &path, Some(&name)).await.is_unavailable());
    let integration = api.get(&at, &path).await.expect(200).json;
    assert_ne!(integration["asset_name"], "other");
    until("writing the end fails", SOON, async || {
        service.log().contains("writing sync results failed; will retry").then_some(())
    })
    .await;

    let empty = "drop function refuse cascade";
    sqlx::raw_sql(empty).execute(&database).await.unwrap();
    assert_eq!(await_end(&api, &at, &sync).await["state"], "succeeded");
    assert_ended_once(&database, &sync).await;
    api.call(&at, Method::PATCH, &path, Some(&name)).await.expect(200);
    assert_sound(&mut service);
}

async fn start_sync(api: &Api, at: &str, integration: &str) -> String {
    let path = format!("/v1/integrations/{integration}/syncs");
    api.post(at, &path, None).await.expect(202).id()
}

async fn await_state(api: &Api, at: &str, sync: &str, state: &str) -> Value {
    let path = format!("/v1/syncs/{sync}");
    until(state, SOON, async || {
        let sync = api.get(at, &path).await.json;
        (sync["state"] == state).then_some(sync)
    })
    .await
}

async fn await_end(api: &Api, at: &str, sync: &str) -> Value {
    let path = format!("/v1/syncs/{sync}");
    until("the sync ends", SOON, async || {
        let sync = api.get(at, &path).await.json;
        sync["finished_at"].is_string().then_some(sync)
    })
    .await
}

async fn ready(api: &Api, at: &str) {
    let is_ready = async || (api.get(at, "/readyz").await.status == 200).then_some(());
    until("the service is ready", SOON, is_ready).await;
}

/// Renames the asset repeatedly. Returns the number of the last acknowledged name.
async fn write_until_unavailable(api: Api, at: String, integration: String) -> (String, u32) {
    let path = format!("/v1/integrations/{integration}");
    let mut acknowledged = 0;
    loop {
        let name = json!({"asset_name": format!("asset {}", acknowledged + 1)});
        let answer = api.call(&at, Method::PATCH, &path, Some(&name)).await;
        if answer.is_unavailable() {
            return (integration, acknowledged);
        }
        answer.expect(200);
        acknowledged += 1;
    }
}

/// Waits for the writer's first changes. Returns how many were acknowledged at least.
async fn count_first_writes(site: &Site) -> u32 {
    let database = site.cluster.connect("postgres").await;
    until("changes are written", SOON, async || {
        let sql = "select max(substr(asset_name, 7)::integer) from integrations
            where asset_name like 'asset %'";
        let count: Option<i32> = sqlx::query_scalar(sql).fetch_one(&database).await.unwrap();
        count.filter(|count| *count >= 3).and_then(|count| u32::try_from(count - 1).ok())
    })
    .await
}

async fn many_calls(api: &Api, at: &str) -> Vec<Answer> {
    let one = |_| {
        let (api, at) = (api.clone(), at.to_owned());
        tokio::spawn(async move { api.get(&at, "/v1/findings").await })
    };
    let calls: Vec<_> = (0..64).map(one).collect();
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }
    answers
}

async fn assert_ended_once(database: &PgPool, sync: &str) {
    let sql = "select count(*) from sync_events where sync_id = $1::uuid and kind = 'state'
        and body->>'state' not in ('queued', 'running')";
    let ends: i64 = sqlx::query_scalar(sql).bind(sync).fetch_one(database).await.unwrap();
    let sql = "select count(*) from history_entries where sync_id = $1::uuid
        and status = 'success' and stage = 'completed' and last_completed_at is not null";
    let shown: i64 = sqlx::query_scalar(sql).bind(sync).fetch_one(database).await.unwrap();
    assert_eq!((ends, shown), (1, 1));
}

/// Asserts that the process runs, has not panicked and shuts down on SIGTERM.
fn assert_sound(service: &mut Process) {
    assert!(service.ended().is_none(), "{}", service.log());
    service.signal(Signal::TERM);
    assert!(service.wait().success());
    assert!(!service.log().contains("panicked"), "{}", service.log());
}
