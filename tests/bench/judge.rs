//! Benchmark of reading and evaluating a tenant, against naive clients in the same run, in real time, with
//! a simulated tenant of known latency. Prints the measurements; asserts nothing about time.
#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use auth0::{Auth0, Config, Freshness, Limits, TokioSleeper};
use domain::address::{AllowedOrigins, Origin, TenantAddress};
use domain::clock::SystemClock;
use domain::connection::Connection;
use domain::readings::{Reading, ReadingKind};
use domain::tenant::{Outcome, Tenant};
use domain::unknown_reason::UnknownReason;
use domain::{Clock, checks};
use simulator::{Effect, Fault, Options, Plan, SimulatedTenant, TenantFile, Tls};

/// What an answer of the tenant takes, as over a continent.
const LATENCY: Duration = Duration::from_millis(40);
const RUNS: usize = 5;
const EVALUATIONS: u32 = 200;

#[tokio::main]
async fn main() {
    println!("one run: token cached, 13 resources, {LATENCY:?} latency; median of {RUNS} runs\n");
    println!("{:<34}{:>12}{:>8}{:>22}", "", "wall time", "429s", "against sequential");
    for (name, plan, runs) in [
        ("Enterprise (bucket 50)", Plan::Enterprise, RUNS),
        ("Essentials (bucket 10)", Plan::Essentials, 1),
        ("Free (bucket 2, 2/s)", Plan::Free, 1),
    ] {
        compare(name, plan, runs).await;
    }
    evaluation().await;
}

async fn compare(name: &str, plan: Plan, runs: usize) {
    let tenant = tenant("hardened", plan).await;
    let client = client(&tenant);
    let ours = median(runs, || async { ours(&client, &tenant).await }).await;
    let sequential = median(runs, || async { naive(&client, &tenant, 1).await }).await;
    let fan_out = median(runs, || async { naive(&client, &tenant, 13).await }).await;
    println!("{name}");
    for (who, (took, limited)) in
        [("this service", ours), ("sequential", sequential), ("all at once", fan_out)]
    {
        let ratio = took.as_secs_f64() / sequential.0.as_secs_f64();
        println!("  {who:<32}{:>10.0} ms{limited:>8}{ratio:>21.2}×", took.as_secs_f64() * 1000.0);
    }
}

async fn tenant(bundled: &str, plan: Plan) -> SimulatedTenant {
    let mut file = TenantFile::bundled(bundled).expect("a bundled tenant");
    file.plan = plan;
    let options = Options {
        listen: (Ipv4Addr::LOCALHOST, 0).into(),
        tls: Tls::Plain,
        now: Arc::new(|| SystemClock.now()),
    };
    let tenant = SimulatedTenant::start(file, options).await.expect("a free port");
    tenant.fault(Fault::on_management_api(Effect::Latency(LATENCY)));
    tenant
}

struct Client {
    auth0: Auth0,
    connection: Connection,
}

fn client(tenant: &SimulatedTenant) -> Client {
    let origin = Origin::parse(&tenant.origin()).expect("an origin");
    let allowed = AllowedOrigins::new(vec![origin]);
    let address = TenantAddress::parse(&tenant.api_identifier(), &allowed).expect("an address");
    let (client_id, client_secret) = tenant.credentials();
    let connection = Connection {
        api_identifier: address.address.clone(),
        api_audience: address.address,
        client_id,
        client_secret: client_secret.into(),
    };
    let config = Config {
        allowed,
        extra_ca_pem: None,
        limits: Limits::default(),
        user_agent: "safe-auth0/bench".into(),
    };
    let auth0 = Auth0::new(config, Arc::new(SystemClock), Arc::new(TokioSleeper));
    Client { auth0: auth0.expect("a sound configuration"), connection }
}

/// The service's own way: paced by what the tenant says.
async fn ours(client: &Client, tenant: &SimulatedTenant) -> (Duration, usize) {
    let deadline = SystemClock.now() + Duration::from_secs(120);
    let opened = client.auth0.open(&client.connection, Freshness::Cached, "bench", deadline).await;
    let session = opened.unwrap_or_else(|error| panic!("{}", error.message));
    tenant.clear_requests();
    let began = Instant::now();
    let kinds: Vec<ReadingKind> = ReadingKind::fetched().collect();
    let read = session.read_all(&kinds, deadline, &|_| ()).await;
    // What the plan lacks is refused to everybody; a limit is what is measured.
    let is_limited = |outcome: &Outcome| {
        matches!(outcome, Outcome::Unreadable { reason: UnknownReason::RateLimited, .. })
    };
    assert!(!read.iter().any(|(outcome, _)| is_limited(outcome)));
    (began.elapsed(), limited(tenant))
}

/// What a simple script does: a number of calls at once, and on a 429 it waits as told.
async fn naive(_: &Client, tenant: &SimulatedTenant, at_once: usize) -> (Duration, usize) {
    let http = reqwest::Client::builder().build().expect("a client");
    let token = token(&http, tenant).await;
    tenant.clear_requests();
    let began = Instant::now();
    let mut kinds = ReadingKind::fetched().peekable();
    while kinds.peek().is_some() {
        let mut wave = tokio::task::JoinSet::new();
        for kind in kinds.by_ref().take(at_once) {
            let url = format!("{}{}", tenant.api_identifier(), kind.resource());
            wave.spawn(get(http.clone(), url, token.clone()));
        }
        wave.join_all().await;
    }
    (began.elapsed(), limited(tenant))
}

async fn get(http: reqwest::Client, url: String, token: String) {
    for _ in 0..100 {
        let answer = http.get(&url).bearer_auth(&token).send().await.expect("an answer");
        if answer.status() != 429 {
            answer.bytes().await.expect("a body");
            return;
        }
        let told = answer.headers().get("retry-after").and_then(|v| v.to_str().ok()?.parse().ok());
        tokio::time::sleep(Duration::from_secs(told.unwrap_or(1))).await;
    }
    panic!("still rate limited");
}

async fn token(http: &reqwest::Client, tenant: &SimulatedTenant) -> String {
    let (client_id, client_secret) = tenant.credentials();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &client_id),
        ("client_secret", &client_secret),
        ("audience", &tenant.audience()),
    ];
    let url = format!("{}/oauth/token", tenant.origin());
    let answer = http.post(url).form(&form).send().await.expect("an answer");
    let body: serde_json::Value = answer.json().await.expect("JSON");
    body["access_token"].as_str().expect("a token").to_owned()
}

fn limited(tenant: &SimulatedTenant) -> usize {
    tenant.requests().iter().filter(|request| request.status == 429).count()
}

/// The run in the middle, by time. The bucket gets time to fill in between.
async fn median<F, R>(runs: usize, mut run: F) -> (Duration, usize)
where
    F: FnMut() -> R,
    R: Future<Output = (Duration, usize)>,
{
    let mut measured = Vec::new();
    for _ in 0..runs {
        tokio::time::sleep(Duration::from_secs(6)).await;
        measured.push(run().await);
    }
    measured.sort();
    measured[measured.len() / 2]
}

async fn evaluation() {
    let tenant = tenant("weak", Plan::Enterprise).await;
    let client = client(&tenant);
    let deadline = SystemClock.now() + Duration::from_secs(120);
    let opened = client.auth0.open(&client.connection, Freshness::Cached, "bench", deadline).await;
    let session = opened.unwrap_or_else(|error| panic!("{}", error.message));
    let kinds: Vec<ReadingKind> = ReadingKind::fetched().collect();
    let mut seen = Tenant::new("bench", SystemClock.now());
    let facts = Reading::TokenFacts(session.token_facts());
    seen.insert(ReadingKind::TokenFacts, Outcome::Read(facts));
    for (outcome, report) in session.read_all(&kinds, deadline, &|_| ()).await {
        seen.insert(report.reading, outcome);
    }
    let began = Instant::now();
    for _ in 0..EVALUATIONS {
        std::hint::black_box(checks::evaluate(std::hint::black_box(&seen)));
    }
    let each = began.elapsed() / EVALUATIONS;
    println!("\nall {} checks on one tenant: {each:?}", checks::CATALOGUE.len());
}
