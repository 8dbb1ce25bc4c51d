//! Reading a tenant of each plan's rate limit, against simple scripts on the same tenant.

use std::time::{Duration, Instant};

use auth0::{Auth0, Freshness};
use domain::Clock;
use domain::clock::SystemClock;
use domain::connection::Connection;
use domain::inconclusive::UnknownReason;
use domain::readings::ReadingKind;
use domain::tenant::Outcome;
use simulator::{Plan, SimulatedTenant, TenantFile};

use crate::table::{Baseline, Samples, row};
use crate::tenants::{self, LATENCY};
use crate::{Scale, service};

/// In which the largest bucket fills.
const REFILL: Duration = Duration::from_millis(3500);

pub async fn run(scale: Scale) {
    let plans: &[(&str, Plan, usize)] = &[
        ("enterprise, bucket 50", Plan::Enterprise, scale.pick(2, 5)),
        ("essentials, bucket 10", Plan::Essentials, 1),
        ("free, bucket 2, 2/s", Plan::Free, 1),
    ];
    for (name, plan, runs) in &plans[..scale.pick(1, 3)] {
        compare(name, *plan, *runs).await;
    }
}

/// A tenant and how to get a token.
pub struct Target {
    pub origin: String,
    pub credentials: (String, String),
}

async fn compare(name: &str, plan: Plan, runs: usize) {
    let mut file = TenantFile::bundled("hardened").expect("a bundled tenant");
    file.plan = plan;
    let tenant = tenants::start(file, LATENCY).await;
    let target = Target { origin: tenant.origin(), credentials: tenant.credentials() };
    let (id, secret) = &target.credentials;
    let (connection, allowed) = tenants::connection(&target.origin, id, secret);
    let auth0 = service::client(allowed);
    let kinds: Vec<ReadingKind> = ReadingKind::fetched().collect();
    let (mut our_times, mut one_by_one, mut all_at_once) = (Vec::new(), Vec::new(), Vec::new());
    let mut limited = [0; 3];
    for _ in 0..runs {
        our_times.push(ours(&auth0, &connection, &kinds).await);
        limited[0] += refused(&tenant).await;
        one_by_one.push(naive(&target, 1, &kinds).await);
        limited[1] += refused(&tenant).await;
        all_at_once.push(naive(&target, kinds.len(), &kinds).await);
        limited[2] += refused(&tenant).await;
    }
    let baseline = Samples::milliseconds(&one_by_one);
    let baseline = Baseline("one call after another, ms", baseline.median());
    for (who, times, limited) in [
        ("this service", &our_times, limited[0]),
        ("one call after another", &one_by_one, limited[1]),
        ("all calls at once", &all_at_once, limited[2]),
    ] {
        let work = format!("{name}: {who} ({} 429s a run)", limited / runs);
        row(&work, &Samples::milliseconds(times), "ms", &baseline, "no 429");
    }
}

/// The service's own way, with a token: paced by what the tenant says.
async fn ours(auth0: &Auth0, connection: &Connection, kinds: &[ReadingKind]) -> Duration {
    let deadline = SystemClock.now() + Duration::from_secs(120);
    let opened = auth0.open(connection, Freshness::Cached, "bench", deadline).await;
    let session = opened.unwrap_or_else(|error| panic!("{}", error.message));
    let began = Instant::now();
    let read = session.read_all(kinds, deadline, &|_| ()).await;
    // What the plan lacks is refused to everybody; a limit is what is measured.
    let is_limited = |outcome: &Outcome| {
        matches!(outcome, Outcome::Unreadable { reason: UnknownReason::RateLimited, .. })
    };
    assert!(!read.iter().any(|(outcome, _)| is_limited(outcome)));
    began.elapsed()
}

/// What a simple script does after it has a token: a number of calls at once, and on a 429 it waits as told.
pub async fn naive(target: &Target, at_once: usize, kinds: &[ReadingKind]) -> Duration {
    let http = reqwest::Client::builder().build().expect("a client");
    let token = token(&http, target).await;
    let began = Instant::now();
    for wave in kinds.chunks(at_once) {
        let mut calls = tokio::task::JoinSet::new();
        for kind in wave {
            let url = format!("{}/api/v2/{}", target.origin, kind.resource());
            calls.spawn(get(http.clone(), url, token.clone()));
        }
        calls.join_all().await;
    }
    began.elapsed()
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

async fn token(http: &reqwest::Client, target: &Target) -> String {
    let (client_id, client_secret) = &target.credentials;
    let audience = format!("{}/api/v2/", target.origin);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client_id),
        ("client_secret", client_secret),
        ("audience", &audience),
    ];
    let url = format!("{}/oauth/token", target.origin);
    let answer = http.post(url).form(&form).send().await.expect("an answer");
    let body: serde_json::Value = answer.json().await.expect("JSON");
    body["access_token"].as_str().expect("a token").to_owned()
}

/// The number of 429s since the last call. The bucket then fills again.
async fn refused(tenant: &SimulatedTenant) -> usize {
    let count = tenant.requests().iter().filter(|request| request.status == 429).count();
    tenant.clear_requests();
    tokio::time::sleep(REFILL).await;
    count
}
