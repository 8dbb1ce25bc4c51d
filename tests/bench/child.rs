//! Other processes: tenants, clients, workers and the command line run in one of their own, so that the measured
//! process is the service alone. A child is this program; it reads a JSON document and prints another one.

use std::io::Write as _;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use domain::checks;
use domain::clock::SystemClock;
use serde_json::{Value, json};
use sqlx::postgres::PgPoolOptions;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio_util::sync::CancellationToken;

use crate::table::Samples;
use crate::tenants::{self, LATENCY};
use crate::{database, machine, reading, service};

/// The argument of a child.
pub const ARGUMENT: &str = "child";

/// Killed when it is dropped.
pub struct Process {
    _child: Child,
    output: Lines<BufReader<ChildStdout>>,
}

pub fn spawn(spec: &Value) -> Process {
    let program = std::env::current_exe().expect("this program has a file");
    let mut command = Command::new(program);
    command.arg(ARGUMENT).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().expect("this program can run");
    let mut input = child.stdin.take().expect("a pipe");
    let spec = spec.to_string();
    tokio::spawn(async move { input.write_all(spec.as_bytes()).await.expect("the child reads") });
    let output = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    Process { _child: child, output }
}

impl Process {
    /// What it prints.
    pub async fn answer(&mut self) -> Value {
        let line = self.output.next_line().await.expect("a readable pipe");
        serde_json::from_str(&line.expect("the child prints a line")).expect("JSON")
    }
}

/// Clients that repeat requests or statements.
pub struct Load {
    pub latencies: Samples,
    pub per_second: f64,
    /// Of all answers.
    pub bytes: f64,
    pub failed: f64,
}

/// `requests`: path and token, or SQL and organisation. Ends after `seconds`, or after one of each if that is 0.
pub async fn load(
    kind: &str,
    at: &str,
    requests: &[(String, String)],
    clients: usize,
    seconds: f64,
) -> Load {
    let spec = json!({
        "kind": kind, "at": at, "requests": requests, "clients": clients, "seconds": seconds,
    });
    let answer = spawn(&spec).answer().await;
    let number = |name: &str| answer[name].as_f64().expect("a number");
    let latencies = answer["ms"].as_array().expect("times").iter().filter_map(Value::as_f64);
    Load {
        latencies: Samples::new(latencies.collect()),
        per_second: number("per_second"),
        bytes: number("bytes"),
        failed: number("failed"),
    }
}

/// Runs in the child.
pub async fn run() {
    let spec: &Value = &serde_json::from_reader(std::io::stdin()).expect("the parent writes JSON");
    let text = |name: &str| spec[name].as_str().expect("a text").to_owned();
    match &*text("kind") {
        "tenants" => {
            let count = spec["count"].as_u64().expect("a count");
            let mut all = Vec::new();
            for _ in 0..count {
                let file = tenants::with_three_scopes(tenants::roomy("weak"));
                all.push(tenants::start(file, LATENCY).await);
            }
            print(&all.iter().map(simulator::SimulatedTenant::origin).collect());
            std::future::pending::<()>().await;
        }
        "worker" => {
            let store = database::store(&text("url"), &text("keys")).await;
            let origins: Vec<String> =
                serde_json::from_value(spec["origins"].clone()).expect("texts");
            let engine = service::engine(store, &origins);
            print(&json!("ready"));
            Box::pin(engine::worker::run(engine, CancellationToken::new())).await;
        }
        "check" => check(&text("origin"), &text("client_id"), &text("client_secret")).await,
        "naive" => {
            let began = Instant::now();
            let tenant = reading::Target {
                origin: text("origin"),
                credentials: (text("client_id"), text("client_secret")),
            };
            let kinds: Vec<_> = domain::readings::ReadingKind::fetched().collect();
            reading::naive(&tenant, kinds.len(), &kinds).await;
            print_costs(began);
        }
        "http" | "sql" => clients(spec, &text("kind"), &text("at")).await,
        kind => panic!("unknown child: {kind}"),
    }
}

/// As `safe-auth0 check` does.
async fn check(origin: &str, client_id: &str, secret: &str) {
    let began = Instant::now();
    let (connection, allowed) = tenants::connection(origin, client_id, secret);
    let auth0 = service::client(allowed);
    let at_most = Duration::from_secs(60);
    let read = engine::offline::read_tenant(&auth0, &connection, &SystemClock, at_most).await;
    let Ok(tenant) = read else { panic!("the tenant cannot be read") };
    std::hint::black_box(checks::evaluate(&tenant));
    print_costs(began);
}

fn print_costs(began: Instant) {
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    print(&json!({"ms": ms(began.elapsed()), "cpu_ms": machine::cpu_s() * 1000.0}));
}

async fn clients(spec: &Value, kind: &str, at: &str) {
    let requests: Vec<(String, String)> =
        serde_json::from_value(spec["requests"].clone()).expect("pairs");
    let clients = spec["clients"].as_u64().expect("a number");
    let seconds = spec["seconds"].as_f64().expect("a number");
    let pool = PgPoolOptions::new().max_connections(u32::try_from(clients).expect("few"));
    let pool = (kind == "sql").then(|| pool.connect_lazy(at).expect("a URL"));
    let http = reqwest::Client::builder().build().expect("a client");
    let requests = Arc::new(requests);
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..clients {
        let (requests, next, http) = (Arc::clone(&requests), Arc::clone(&next), http.clone());
        let (pool, at) = (pool.clone(), at.to_owned());
        tasks.spawn(async move {
            let (mut times, mut bytes, mut failed) = (Vec::new(), 0, 0);
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let is_over = if seconds == 0.0 {
                    number >= requests.len()
                } else {
                    began.elapsed().as_secs_f64() >= seconds
                };
                if is_over {
                    return (times, bytes, failed);
                }
                let (what, whose) = &requests[number % requests.len()];
                let began = Instant::now();
                let size = match &pool {
                    Some(pool) => statement(pool, what, whose).await,
                    None => request(&http, &at, what, whose).await,
                };
                times.push(began.elapsed().as_secs_f64() * 1000.0);
                bytes += size.unwrap_or(0);
                failed += usize::from(size.is_none());
            }
        });
    }
    let (mut times, mut bytes, mut failed) = (Vec::new(), 0, 0);
    for (own, size, faults) in tasks.join_all().await {
        times.extend(own);
        bytes += size;
        failed += faults;
    }
    let per_second = times.len() as f64 / began.elapsed().as_secs_f64();
    print(&json!({"ms": times, "per_second": per_second, "bytes": bytes, "failed": failed}));
}

/// The size of the body; none if it failed.
async fn request(http: &reqwest::Client, at: &str, path: &str, token: &str) -> Option<usize> {
    let request = http.get(format!("http://{at}{path}")).bearer_auth(token);
    let mut response = request.send().await.ok()?.error_for_status().ok()?;
    let mut size = 0;
    while let Some(chunk) = response.chunk().await.ok()? {
        size += chunk.len();
    }
    Some(size)
}

/// In a transaction as the service begins it. With `copy`, all that is copied out.
async fn statement(pool: &sqlx::PgPool, sql: &str, organisation: &str) -> Option<usize> {
    let mut connection = pool.acquire().await.ok()?;
    if sql.starts_with("copy") {
        use futures_util::TryStreamExt as _;
        let mut rows = connection.copy_out_raw(sql).await.ok()?;
        let mut size = 0;
        while let Some(part) = rows.try_next().await.ok()? {
            size += part.len();
        }
        return Some(size);
    }
    let begin = format!(
        "begin; select set_config('role', 'safe_auth0_serving', true),
            set_config('safe_auth0.organisation_id', '{organisation}', true)"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(begin)).execute(&mut *connection).await.ok()?;
    let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(organisation);
    let rows = query.fetch_all(&mut *connection).await.ok()?;
    sqlx::raw_sql("rollback").execute(&mut *connection).await.ok()?;
    Some(rows.len())
}

fn print(value: &Value) {
    println!("{value}");
    std::io::stdout().flush().expect("the parent reads");
}
