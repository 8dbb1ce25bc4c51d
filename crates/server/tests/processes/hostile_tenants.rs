//! Tenants whose answers are made to cost memory and processor time, and what other organisations notice of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use domain::readings::ReadingKind;
use http::Method;
use serde_json::json;
use simulator::{Effect, Fault};
use tokio::task::{JoinHandle, JoinSet};

use crate::resource_exhaustion::{peak_kib, processor_ticks};
use crate::support::{Api, Process, START_MAX, Site, until};

/// Concurrent connection tests.
const TESTS: usize = 8;
/// Of the whole process. Decoded, the bodies would take more than ten times as much.
const MEMORY_MAX_KIB: u64 = 384 * 1024;

/// What one sync of a hostile tenant may add to the peak memory of the process.
const SYNC_MEMORY_MAX_KIB: u64 = 64 * 1024;
/// The same of all of these syncs together.
const SYNCS_MEMORY_MAX_KIB: u64 = 96 * 1024;
/// Processor time of one sync, in ticks of 10 ms. A second of an optimised program; this one is not.
const SYNC_TICKS_MAX: u64 = 10 * 100;
/// The longest wait of another organisation for a list. A hundred times what it takes.
const NEIGHBOUR_WAIT_MAX: Duration = Duration::from_secs(3);

fn answer(body: String) -> Effect {
    with_headers(body, BTreeMap::new())
}

fn with_headers(body: String, headers: BTreeMap<String, String>) -> Effect {
    Effect::Status { code: 200, headers, body, content_type: "application/json".into() }
}

/// A list of zeros of so many bytes.
fn zeros(bytes: usize) -> Effect {
    answer(format!("[{}0]", "0,".repeat(bytes / 2 - 8)))
}

/// A fault of every reading. The largest permitted body of a list or of settings, in bytes, is the argument.
fn on_every_reading(effect: impl Fn(usize) -> Effect) -> Vec<Fault> {
    let fault = |kind: &ReadingKind| {
        let bytes = if kind.identified_by().is_some() { 3 << 20 } else { 1000 << 10 };
        Fault::on_get(format!("/api/v2/{}", kind.resource()), effect(bytes))
    };
    ReadingKind::ALL.iter().map(fault).collect()
}

/// An allowlist of so many different entries.
fn allowlist(entries: u32) -> Effect {
    let entries: Vec<String> =
        (0..entries).map(|n| format!("\"{}\"", std::net::Ipv4Addr::from(n * 13))).collect();
    answer(format!(r#"{{"enabled":true,"shields":["block"],"allowlist":[{}]}}"#, entries.join(",")))
}

fn repeated(bytes: usize, part: &str, last: &str) -> Effect {
    answer(format!("[{}{last}]", part.repeat(bytes / part.len() - 2)))
}

fn attacks() -> Vec<(&'static str, Vec<Fault>)> {
    let nested =
        |bytes: usize| answer(format!("{}{}", "[".repeat(bytes / 2), "]".repeat(bytes / 2)));
    let nested_objects = |bytes: usize| {
        answer(format!("{}0{}", r#"{"a":"#.repeat(bytes / 6), "}".repeat(bytes / 6)))
    };
    let headers = |_| {
        let headers = (0..90).map(|n| (format!("x-{n}"), "x".repeat(4000)));
        with_headers("[]".to_owned(), headers.collect())
    };
    let protection = "/api/v2/attack-protection/";
    vec![
        ("lists of zeros", on_every_reading(zeros)),
        ("tiny objects", on_every_reading(|bytes| repeated(bytes, "{},", "{}"))),
        ("objects with a member", on_every_reading(|bytes| repeated(bytes, r#"{"a":0},"#, "{}"))),
        ("texts", on_every_reading(|bytes| repeated(bytes, r#""","#, r#""""#))),
        ("nested lists", on_every_reading(nested)),
        ("nested objects", on_every_reading(nested_objects)),
        ("large headers", on_every_reading(headers)),
        ("endless bodies", on_every_reading(|_| Effect::HugeBody { bytes: 1 << 30 })),
        ("200,000 entries", vec![Fault::on_get(protection, allowlist(200_000))]),
        ("as many entries as fit", vec![Fault::on_get(protection, allowlist(60_000))]),
        ("as many entries as are understood", vec![Fault::on_get(protection, allowlist(2_000))]),
        (
            "a trickle",
            vec![Fault::on_management_api(Effect::Drip {
                chunk_every: Duration::from_millis(100),
            })],
        ),
    ]
}

/// A sync that reads the tenant to its end, however that is.
async fn sync(api: &Api, at: &str, integration: &str) {
    let path = format!("/v1/integrations/{integration}/syncs");
    let sync = api.post(at, &path, None).await.expect(202).id();
    let path = format!("/v1/syncs/{sync}");
    until("the sync ends", 2 * START_MAX, async || {
        let sync = api.get(at, &path).await.expect(200).json;
        sync["finished_at"].is_string().then_some(())
    })
    .await;
}

/// Another organisation that goes on working. Ends with its longest wait.
fn neighbour(api: Api, at: String, is_over: Arc<AtomicBool>) -> JoinHandle<Duration> {
    tokio::spawn(async move {
        let mut longest = Duration::ZERO;
        while !is_over.load(Ordering::Relaxed) {
            let start = Instant::now();
            api.get(&at, "/v1/integrations").await.expect(200);
            longest = longest.max(start.elapsed());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        longest
    })
}

#[derive(Debug)]
struct Costs {
    memory_kib: u64,
    ticks: u64,
    neighbour: Duration,
}

impl Costs {
    /// The limits that it exceeds.
    fn excess(&self) -> Vec<&'static str> {
        let exceeded = [
            ("memory", self.memory_kib >= SYNC_MEMORY_MAX_KIB),
            ("processor time", self.ticks >= SYNC_TICKS_MAX),
            ("the wait of others", self.neighbour >= NEIGHBOUR_WAIT_MAX),
        ];
        exceeded.into_iter().filter(|(_, is)| *is).map(|(what, _)| what).collect()
    }
}

async fn costs_of(service: &Process, neighbour_api: Api, work: impl Future<Output = ()>) -> Costs {
    let (memory, ticks) = (peak_kib(service), processor_ticks(service));
    let is_over = Arc::new(AtomicBool::new(false));
    let neighbour = neighbour(neighbour_api, service.address.clone(), Arc::clone(&is_over));
    work.await;
    is_over.store(true, Ordering::Relaxed);
    Costs {
        neighbour: neighbour.await.unwrap(),
        // The kernel's count is approximate.
        memory_kib: peak_kib(service).saturating_sub(memory),
        ticks: processor_ticks(service) - ticks,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_tenant_costs_bounded_memory_and_time_and_others_do_not_wait() {
    let site = Site::with(&["hardened"]).await;
    let service = site.serve(&[], &[("SAFE_AUTH0_SYNC_DEADLINE", "10s")]);
    let (api, other, at) = (site.api("acme"), site.api("globex"), service.address.clone());
    let id = site.create(&api, &at, 0).await;
    let tenant = &site.tenants[0];
    // What any first sync takes is not the tenant's.
    sync(&api, &at, &id).await;
    let (mut peak_kib, mut excesses) = (0, Vec::new());
    for (name, faults) in attacks() {
        for fault in faults {
            tenant.fault(fault);
        }
        let costs = costs_of(&service, other.clone(), sync(&api, &at, &id)).await;
        tenant.clear_faults();
        peak_kib += costs.memory_kib;
        println!("{name}: {costs:?}");
        excesses
            .extend(costs.excess().into_iter().map(|what| format!("{what} of {name}: {costs:?}")));
    }
    assert!(excesses.is_empty(), "{excesses:#?}");
    // One after the other, with what the allocator keeps.
    assert!(peak_kib < SYNCS_MEMORY_MAX_KIB, "{peak_kib} KiB");
    // It is read again as it is.
    sync(&api, &at, &id).await;
    let shown = api.get(&at, &format!("/v1/integrations/{id}")).await.expect(200).json;
    assert_eq!(shown["last_sync"]["state"], "succeeded", "{shown:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_without_an_end_costs_bounded_memory_and_time() {
    let site = Site::with(&["hardened"]).await;
    let service = site.serve(&[], &[("SAFE_AUTH0_SYNC_DEADLINE", "10s")]);
    let (api, other, at) = (site.api("acme"), site.api("globex"), service.address.clone());
    let id = site.create(&api, &at, 0).await;
    sync(&api, &at, &id).await;
    // Each object is as large as a page permits, or there are as many as possible.
    for (name, count, length) in [("many", 30_000, 10), ("large", 3_000, 70_000)] {
        for (path, id) in
            [("clients", "client_id"), ("connections", "id"), ("actions/actions", "id")]
        {
            let object = |n| json!({id: format!("x{n}"), "name": "x".repeat(length)});
            site.tenants[0].set(path, (0..count).map(object).collect());
        }
        let costs = costs_of(&service, other.clone(), sync(&api, &at, &id)).await;
        println!("{name}: {costs:?}");
        assert!(costs.excess().is_empty(), "{name}: {costs:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_of_many_small_values_do_not_exhaust_memory() {
    let site = Site::with(&["hardened"]).await;
    let service = site.serve(&[], &[]);
    let (api, at) = (site.api("acme"), service.address.clone());
    let id = site.create(&api, &at, 0).await;
    for fault in on_every_reading(zeros) {
        site.tenants[0].fault(fault);
    }
    let path = format!("/v1/integrations/{id}/connection-tests");
    let mut tests = JoinSet::new();
    for _ in 0..TESTS {
        let (api, at, path) = (api.clone(), at.clone(), path.clone());
        tests.spawn(async move { api.call(&at, Method::POST, &path, Some(&json!({}))).await });
    }
    for answer in tests.join_all().await {
        assert_eq!(answer.expect(200).json["outcome"], "failed");
    }
    let peak = peak_kib(&service);
    assert!(peak < MEMORY_MAX_KIB, "{peak} KiB");
    assert_eq!(api.get(&at, "/v1/integrations").await.expect(200).json["items"][0]["id"], id);
}
