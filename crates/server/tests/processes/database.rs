//! Database faults: restart, cut connections, an exhausted pool, a full disk. No acknowledged change is
//! lost, nothing crashes, `/readyz` reports it, and work resumes without intervention.

use std::time::Duration;

use http::Method;
use rustix::process::Signal;
use serde_json::{Value, json};
use simulator::{Effect, Fault};
use sqlx::PgPool;

use crate::support::{Answer, Api, Process, Proxy, Site, until};

/// Everything here is over within a few seconds; the worker writes an end again every 2 s.
const SOON: Duration = Duration::from_secs(60);
/// With a look each 50 ms: five seconds at least.
const ROUNDS_OF_CUTS: u32 = 100;
/// While the database is away a call is refused by the pool's own bound, 1 s here.
const REFUSED_WITHIN: Duration = Duration::from_secs(10);
const SETTINGS: &[(&str, &str)] = &[
    ("SAFE_AUTH0_WORKER_CONCURRENCY", "1"),
    ("SAFE_AUTH0_DATABASE_ACQUIRE_TIMEOUT", "1s"),
    ("SAFE_AUTH0_WORKER_LEASE", "10s"),
];
/// Longer than the database is away; shorter than a call to a tenant may take.
const SLOW: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread")]
async fn a_database_restart_is_reported_and_survived() {
    let mut site = Site::with(&["fresh", "hardened"]).await;
    let mut service = site.serve(&[], SETTINGS);
    let (api, at) = (site.api_within("acme", REFUSED_WITHIN), service.address.clone());
    let first = site.create(&api, &at, 0).await;
    let second = site.create(&api, &at, 1).await;
    site.tenants[0].fault(Fault::on_get("/api/v2/guardian", Effect::Latency(SLOW)));
    let running = start_sync(&api, &at, &first).await;
    await_state(&api, &at, &running, "running").await;
    let queued = start_sync(&api, &at, &second).await;
    let writer = tokio::spawn(write_until_refused(api.clone(), at.clone(), second));
    let count = writer_began(&site).await;

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
    // The one that was under way may have been written without its answer.
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
async fn connections_that_are_cut_while_a_sync_runs_do_not_disturb_it() {
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
        // All through the reading and the first attempts to write its end. For ever would be another
        // question: whether that end fits between two cuts, on this machine.
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
    assert!(cut > 0, "nothing was cut");
    assert_ended_once(&database, &sync).await;
    ready(&api, &at).await;
    assert_sound(&mut service);
}

/// As when the database's machine is gone, or a firewall has forgotten the connections: nobody is told,
/// and what was asked is never answered. New connections work.
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
    let waiting = tokio::spawn({
        let (api, at) = (api.clone(), at.clone());
        async move { many_calls(&api, &at).await }
    });
    let everyone = async || {
        let sql = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'";
        let count: i64 = sqlx::query_scalar(sql).fetch_one(&database).await.unwrap();
        (count == 4).then_some(())
    };
    until("every connection waits for an answer", SOON, everyone).await;
    proxy.silence();
    drop(lock);
    let answers = waiting.await.unwrap();
    assert!(answers.iter().all(|a| a.status == 200 || a.is_unavailable()), "{answers:?}");

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
    // Two wait for the lock, in vain; nobody else gets a connection.
    assert!(answers.iter().all(Answer::is_unavailable), "{answers:?}");
    drop(lock);
    ready(&api, &at).await;
    let answers = many_calls(&api, &at).await;
    assert!(answers.iter().all(|a| a.status == 200 || a.is_unavailable()), "{answers:?}");
    assert!(answers.iter().any(|a| a.status == 200));
    assert_sound(&mut service);
}

/// A trigger stands in for the disk: it refuses each row with the server's own code of a full disk.
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
    until("the end meets the full disk", SOON, async || {
        service.log().contains("the end is written later").then_some(())
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

/// Renames the asset again and again; the number of the last name that was acknowledged.
async fn write_until_refused(api: Api, at: String, integration: String) -> (String, u32) {
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

/// The writer is under way: so many names so far.
async fn writer_began(site: &Site) -> u32 {
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

/// It has neither panicked nor ended, and ends when it is told to.
fn assert_sound(service: &mut Process) {
    assert!(service.ended().is_none(), "{}", service.log());
    service.signal(Signal::TERM);
    assert!(service.wait().success());
    assert!(!service.log().contains("panicked"), "{}", service.log());
}
