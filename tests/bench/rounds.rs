//! The time of syncs and of the command line in round trips: divided by the tenant's latency.

use std::time::Duration;

use domain::Clock;
use domain::clock::SystemClock;
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use simulator::{SimulatedTenant, TenantFile};

use crate::service::Service;
use crate::table::{Baseline, Samples, row};
use crate::tenants::{self, LATENCY};
use crate::{Scale, child};

const ONE_TRIP: &str = "one round trip, ms";
/// After the first one of each tenant.
const WARM_SYNCS: usize = 4;

pub async fn run(scale: Scale) {
    let runs = scale.pick(5, 15);
    let three = || tenants::with_three_scopes(tenants::roomy("weak"));
    let all = || tenants::roomy("weak");
    syncs("three scopes", &vec![three(); runs], ["≤ 3.2", "≤ 1.4"]).await;
    syncs("all scopes", &vec![all(); runs], ["≤ 3.3", "≤ 1.6"]).await;
    let large = tenants::large(350, 2, 2);
    syncs("350 applications", &vec![large; scale.pick(2, 5)], ["", "< 9.4"]).await;
    check("three scopes", three(), runs, "≤ 2.4").await;
    check("all scopes", all(), runs, "≤ 2.6").await;
}

/// One tenant after the other: a cold sync and warm ones.
async fn syncs(name: &str, files: &[TenantFile], [cold_target, warm_target]: [&str; 2]) {
    let mut all = Vec::new();
    for file in files {
        all.push(tenants::start(file.clone(), LATENCY).await);
    }
    let origins: Vec<String> = all.iter().map(SimulatedTenant::origin).collect();
    let service = Service::start("rounds", &origins).await;
    service.work();
    let token = service.token("acme");
    let (mut cold, mut warm, mut claimed, mut answered) = (vec![], vec![], vec![], vec![]);
    for tenant in &all {
        let (id, secret) = tenant.credentials();
        let saved = service.save("acme", &tenant.origin(), (&id, &secret), None).await;
        let path = format!("/v1/integrations/{saved}/syncs");
        for number in 0..=WARM_SYNCS {
            tenant.clear_requests();
            let (took, sync) = service.call(Method::POST, &token, &path).await;
            let now = SystemClock.now();
            assert_eq!(sync["state"], "succeeded", "{sync:#}");
            if number == 0 {
                cold.push(took);
                continue;
            }
            warm.push(took);
            claimed.push(span(instant(&sync["queued_at"]), instant(&sync["started_at"])));
            let last = tenant.requests().iter().map(|request| request.at).max();
            answered.push(span(last.expect("requests"), now).saturating_sub(LATENCY));
        }
    }
    service.stop().await;
    let trip = Baseline(ONE_TRIP, LATENCY.as_secs_f64() * 1000.0);
    row(&format!("sync, {name}, cold"), &Samples::milliseconds(&cold), "ms", &trip, cold_target);
    row(&format!("sync, {name}, warm"), &Samples::milliseconds(&warm), "ms", &trip, warm_target);
    row("  queued to claimed", &Samples::milliseconds(&claimed), "ms", &trip, "≤ 2 ms");
    let answered = Samples::milliseconds(&answered);
    row("  last reading to answered", &answered, "ms", &trip, "≤ 8 ms");
}

fn instant(text: &Value) -> Timestamp {
    text.as_str().and_then(|text| text.parse().ok()).expect("an instant")
}

fn span(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

/// Each in a process of its own, as on the command line.
async fn check(name: &str, file: TenantFile, runs: usize, target: &str) {
    let tenant = tenants::start(file, LATENCY).await;
    let (id, secret) = tenant.credentials();
    let mut measured = Vec::new();
    for kind in ["check", "naive"] {
        let (mut times, mut cpu) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            let spec = json!({
                "kind": kind, "origin": tenant.origin(), "client_id": id, "client_secret": secret,
            });
            let costs = child::spawn(&spec).answer().await;
            times.push(costs["ms"].as_f64().expect("a number"));
            cpu.push(costs["cpu_ms"].as_f64().expect("a number"));
        }
        measured.push((Samples::new(times), Samples::new(cpu)));
    }
    let [(times, cpu), (naive_times, naive_cpu)] = &measured[..] else { unreachable!() };
    let trip = Baseline(ONE_TRIP, LATENCY.as_secs_f64() * 1000.0);
    row(&format!("check, {name}"), times, "ms", &trip, target);
    let script = Baseline("a script, all calls at once, ms", naive_times.median());
    row("  the same", times, "ms", &script, "");
    let script = Baseline("CPU of that script, ms", naive_cpu.median());
    row("  CPU of the process", cpu, "ms", &script, "");
}
