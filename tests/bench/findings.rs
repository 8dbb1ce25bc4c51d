//! Lists of findings, by the size of the organisation, the filter and the depth.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use crate::service::Service;
use crate::table::{Baseline, Samples, row};
use crate::{Scale, child, large, machine, neighbours};

/// The service and the direct statement, each with so many connections.
const CLIENTS: usize = 32;

pub async fn run(scale: Scale) {
    let findings = scale.pick(100_000, 1_000_000);
    let service = large::seeded("findings").await;
    let pool = &service.filler().await;
    large::fill(pool, "large", 1, 500, findings).await;
    large::fill(pool, "middle", 1, 50, 10_000).await;
    large::fill(pool, "small", 1_000, 4, 100).await;
    large::settle(pool).await;
    let bench =
        Bench { service: &service, token: service.token("large-0"), runs: scale.pick(30, 100) };
    let direct = bench.direct("large-0").await;
    filters(&bench, findings, direct).await;
    depth(&bench, direct).await;
    search(&bench).await;
    sizes(&bench).await;
    let lists = [
        ("findings, 1,000 organisations of 100", "/v1/findings?limit=50", "service ≤ 0.5 ms"),
        ("assets, the same", "/v1/assets?limit=50", ""),
    ];
    for (name, path, target) in lists {
        throughput(&service, name, path, target, scale.pick(4.0, 15.0)).await;
    }
    neighbours::run(&service, scale).await;
    service.stop().await;
}

struct Bench<'a> {
    service: &'a Service,
    token: String,
    runs: usize,
}

impl Bench<'_> {
    /// On one connection, by a client of its own process.
    async fn page(&self, token: &str, path: &str) -> Samples {
        let requests = vec![(path.to_owned(), token.to_owned()); self.runs];
        let address = self.service.address.to_string();
        let load = child::load("http", &address, &requests, 1, 0.0).await;
        assert!(load.failed == 0.0, "{path} failed");
        load.latencies
    }

    /// Milliseconds of the statement alone, on one connection.
    async fn direct(&self, organisation: &str) -> f64 {
        let requests = vec![(large::PAGE.to_owned(), organisation.to_owned()); self.runs];
        let load = child::load("sql", self.service.database().0, &requests, 1, 0.0).await;
        load.latencies.median()
    }
}

async fn filters(bench: &Bench<'_>, findings: usize, direct: f64) {
    let baseline = Baseline("the page's SQL alone, ms", direct);
    let list = "/v1/findings?limit=50";
    let (_, first) = bench.service.call(Method::GET, &bench.token, list).await;
    let some = &first["items"][0];
    let of = |member: &str| some[member].as_str().expect("a text").to_owned();
    let name = format!("first page of {findings}");
    row(&name, &bench.page(&bench.token, list).await, "ms", &baseline, "≤ 10 ms");
    let (asset, integration) = (of("asset_id"), of("integration_id"));
    for (name, filter) in [
        ("asset_id", format!("asset_id={asset}")),
        ("integration_id", format!("integration_id={integration}")),
        ("check_id", format!("check_id={}", of("check_id"))),
        ("asset_id, state", format!("asset_id={asset}&state=open")),
        ("state=open", "state=open".to_owned()),
        ("state=accepted", "state=accepted".to_owned()),
        ("state=resolved", "state=resolved".to_owned()),
        ("severity=critical", "severity=critical".to_owned()),
        ("sort=-last_seen_at", "sort=-last_seen_at".to_owned()),
        ("sort=first_seen_at", "sort=first_seen_at".to_owned()),
    ] {
        let path = format!("{list}&{filter}");
        row(
            &format!("  {name}"),
            &bench.page(&bench.token, &path).await,
            "ms",
            &baseline,
            "≤ 10 ms",
        );
    }
    let token = bench.service.token("middle-0");
    let baseline = Baseline("the page's SQL alone, ms", bench.direct("middle-0").await);
    row("first page of 10000", &bench.page(&token, list).await, "ms", &baseline, "≤ 6 ms");
    let baseline = Baseline("the first page's SQL alone, ms", direct);
    let assets = bench.page(&bench.token, "/v1/assets?limit=50").await;
    row("first 50 of 500 assets", &assets, "ms", &baseline, "");
}

/// Walks through the whole list; the pages at its end against those at its start.
async fn depth(bench: &Bench<'_>, direct: f64) {
    let mut times: Vec<Duration> = Vec::new();
    let mut path = "/v1/findings?limit=200".to_owned();
    loop {
        let (took, page) = bench.service.call(Method::GET, &bench.token, &path).await;
        times.push(took);
        let Value::String(next) = &page["next"] else { break };
        path = format!("/v1/findings?limit=200&cursor={next}");
    }
    let (start, end) = (&times[..bench.runs], &times[times.len() - bench.runs..]);
    let start = Samples::milliseconds(start);
    let baseline = Baseline("SQL of a page of 50 alone, ms", direct);
    row("pages of 200: at the start", &start, "ms", &baseline, "");
    let baseline = Baseline("at the start, ms", start.median());
    row("  at the end of the list", &Samples::milliseconds(end), "ms", &baseline, "≤ 1.3×");
}

async fn search(bench: &Bench<'_>) {
    let first = bench.page(&bench.token, "/v1/findings?limit=50").await.median();
    let baseline = Baseline("the first page, ms", first);
    for (name, q) in [("q= of many", "client"), ("q= of none", "no-such-finding")] {
        let path = format!("/v1/findings?limit=50&q={q}");
        row(name, &bench.page(&bench.token, &path).await, "ms", &baseline, "≤ 50 ms");
    }
}

/// Bytes on the wire.
async fn sizes(bench: &Bench<'_>) {
    let http = reqwest::Client::builder().build().expect("a client");
    for (name, path) in [("page of 50", "/v1/findings?limit=50"), ("openapi.json", "/openapi.json")]
    {
        let mut bytes = Vec::new();
        for coding in ["identity", "gzip"] {
            let request = http.get(format!("http://{}{path}", bench.service.address));
            let request = request.bearer_auth(&bench.token).header("accept-encoding", coding);
            let body = request.send().await.expect("an answer").bytes().await.expect("a body");
            bytes.push(body.len() as f64 / 1000.0);
        }
        let baseline = Baseline("without compression, kB", bytes[0]);
        let target = if name == "page of 50" { "≤ 15 kB" } else { "" };
        row(&format!("{name}, gzip"), &Samples::one(bytes[1]), "kB", &baseline, target);
    }
}

/// Requests a second against the statement alone, with as many connections.
async fn throughput(service: &Service, name: &str, path: &str, target: &str, seconds: f64) {
    let requests: Vec<_> = (0..1_000)
        .map(|n| format!("small-{n}"))
        .map(|organisation| (path.to_owned(), service.token(&organisation)))
        .collect();
    let address = service.address.to_string();
    child::load("http", &address, &requests, CLIENTS, 1.0).await;
    let own = machine::cpu_s();
    let load = child::load("http", &address, &requests, CLIENTS, seconds).await;
    let own = (machine::cpu_s() - own) * 1000.0 / (load.per_second * seconds);
    assert!(load.failed == 0.0, "{} requests failed", load.failed);
    let requests: Vec<_> =
        (0..1_000).map(|n| (large::PAGE.to_owned(), format!("small-{n}"))).collect();
    let direct = child::load("sql", service.database().0, &requests, CLIENTS, seconds).await;
    let per_second = Samples::one(load.per_second);
    let baseline = Baseline("SQL of a page of findings, /s", direct.per_second);
    row(name, &per_second, "pages/s", &baseline, "≥ 0.65");
    let baseline = Baseline("time of the SQL alone, ms", direct.latencies.median());
    row("  latency, 32 clients", &load.latencies, "ms", &baseline, "");
    let baseline = Baseline("p50, ms", load.latencies.median());
    row("  p99", &Samples::one(load.latencies.percentile(99)), "ms", &baseline, "≤ 4×");
    let baseline = Baseline("time of the SQL alone, ms", direct.latencies.median());
    row("  CPU of the service", &Samples::one(own), "ms/page", &baseline, target);
}
