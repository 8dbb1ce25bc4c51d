//! Soak test: replicas are randomly killed, paused and disconnected from the database while simulated tenants fail, and
//! invariants must hold. Short with the other tests, long with `make soak`. The seed is printed; `SOAK_SEED` repeats a
//! run.

mod invariants;
mod load_client;
mod replica;
mod seeded_random;

use std::sync::Arc;
use std::time::Duration;

use domain::Clock;
use domain::clock::SystemClock;
use simulator::{Effect, Fault, SimulatedTenant, TenantFile};
use sqlx::PgPool;
use tokio::time::{Instant, sleep_until};

use crate::support::{Process, Site};
use load_client::{LoadClient, await_end};
use replica::{DATABASE, Replica};
use seeded_random::SeededRandom;

const REPLICAS: usize = 3;
const TENANTS: [&str; 4] = ["weak", "fresh", "hardened", "free-plan"];
/// Organisations and their tenants. The last tenant has two integrations.
const INTEGRATIONS: [(&str, usize); 5] =
    [("acme", 0), ("acme", 1), ("globex", 2), ("globex", 3), ("initech", 3)];
/// In each half the tenants have other settings.
const HALVES: usize = 2;
const SECONDS: u64 = 16;
/// A replica that is paused or disconnected does not respond; then the client calls another one.
const CALL_MAX: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn syncs_survive_replicas_that_are_killed_paused_and_disconnected() {
    let number = |name: &str| std::env::var_os(name)?.to_str()?.parse::<u64>().ok();
    let seed = number("SOAK_SEED")
        .unwrap_or_else(|| u64::try_from(SystemClock.now().as_nanosecond() & 0xFFFF_FFFF).unwrap());
    let seconds = number("SOAK_SECONDS").unwrap_or(SECONDS);
    println!("SOAK_SEED={seed} SOAK_SECONDS={seconds}");

    let site = Arc::new(Site::with(&TENANTS).await);
    let expected = run_undisturbed(&site).await;
    let database = prepare(&site, DATABASE).await;
    let mut replicas = Vec::new();
    for index in 0..REPLICAS {
        replicas.push(Replica::start(&site, index).await);
    }
    let mut clients = Vec::new();
    for (index, (organisation, tenant)) in INTEGRATIONS.into_iter().enumerate() {
        let api = site.api(organisation);
        let address = replicas[0].address().lock().unwrap().clone();
        let integration = site.create(&api, &address, tenant).await;
        clients.push(LoadClient {
            api: site.api_within(organisation, CALL_MAX),
            integration,
            replicas: replicas.iter().map(Replica::address).collect(),
            database: database.clone(),
            random: SeededRandom::new(seed, 100 + u64::try_from(index).unwrap()),
            acknowledged: Vec::new(),
            answers: [0; 4],
            longest: Duration::ZERO,
        });
    }
    for half in 0..HALVES {
        change_tenants(&site.tenants, half);
        let seed = seed.wrapping_add(u64::try_from(half).unwrap());
        let end = Instant::now() + Duration::from_secs(seconds) / u32::try_from(HALVES).unwrap();
        (replicas, clients) = run_disturbed(&site, replicas, clients, seed, end).await;
    }
    for replica in &mut replicas {
        replica.stop();
    }

    let acknowledged =
        clients.iter().flat_map(|client| client.acknowledged.clone()).collect::<Vec<_>>();
    let pauses: Vec<_> = replicas.iter().flat_map(|replica| replica.pauses.clone()).collect();
    let ends = invariants::each_ended_once(&database, &acknowledged).await;
    invariants::history_is_complete(&database).await;
    assert_eq!(invariants::findings(&database).await, expected);
    let late = invariants::late_requests(&database, &site.tenants, &pauses).await;
    let acts: u32 = replicas.iter().map(|replica| replica.acts).sum();
    let mut answers = [0; 4];
    for client in &clients {
        answers.iter_mut().zip(client.answers).for_each(|(sum, count)| *sum += count);
    }
    let longest = clients.iter().map(|client| client.longest).max().unwrap_or_default();
    println!(
        "{acts} disturbances; {ends:?}; late requests: {late}; 202, 409, 503, no answer: {answers:?}; \
         longest sync: {longest:.1?}; findings: {}",
        expected.len()
    );
    assert!(acts > 0 && ends.succeeded >= INTEGRATIONS.len() * HALVES);
}

/// The findings of the same tenants, read by one replica without disturbances.
async fn run_undisturbed(site: &Arc<Site>) -> Vec<serde_json::Value> {
    let database = prepare(site, "calm").await;
    let command = site.program_on(&site.cluster.url("calm"), &["serve"], &[]);
    let service = Process::start(command, &site.log("calm"));
    let mut integrations = Vec::new();
    for (organisation, tenant) in INTEGRATIONS {
        let api = site.api(organisation);
        let id = site.create(&api, &service.address, tenant).await;
        integrations.push((api, format!("/v1/integrations/{id}/syncs")));
    }
    for half in 0..HALVES {
        change_tenants(&site.tenants, half);
        for (api, path) in &integrations {
            let sync = api.post(&service.address, path, None).await.expect(202).id();
            assert_eq!(await_end(&database, sync.parse().unwrap()).await, "succeeded");
        }
    }
    let ends = invariants::each_ended_once(&database, &[]).await;
    assert_eq!((ends.failed, ends.lost), (0, 0));
    invariants::history_is_complete(&database).await;
    assert_eq!(invariants::late_requests(&database, &site.tenants, &[]).await, 0);
    site.tenants.iter().for_each(SimulatedTenant::clear_requests);
    let findings = invariants::findings(&database).await;
    assert!(findings.iter().any(|finding| finding["state"] == "resolved"));
    findings
}

/// One half: disturbs replicas and tenants under load until `end` and until each integration was read.
async fn run_disturbed(
    site: &Arc<Site>,
    replicas: Vec<Replica>,
    clients: Vec<LoadClient>,
    seed: u64,
    end: Instant,
) -> (Vec<Replica>, Vec<LoadClient>) {
    let mut disturbing = Vec::new();
    for (index, mut replica) in replicas.into_iter().enumerate() {
        let mut random = SeededRandom::new(seed, u64::try_from(index).unwrap());
        disturbing.push(tokio::spawn(async move {
            replica.disturb(&mut random, end).await;
            replica
        }));
    }
    let mut loading = Vec::new();
    for mut client in clients {
        loading.push(tokio::spawn(async move {
            client.run(end).await;
            client
        }));
    }
    inject_tenant_faults(&site.tenants, &mut SeededRandom::new(seed, 99), end).await;
    let (mut replicas, mut clients) = (Vec::new(), Vec::new());
    for replica in disturbing {
        replicas.push(replica.await.unwrap());
    }
    for client in loading {
        clients.push(client.await.unwrap());
    }
    (replicas, clients)
}

/// Makes tenants slow, and sometimes one call fail, which is retried.
async fn inject_tenant_faults(
    tenants: &[SimulatedTenant],
    random: &mut SeededRandom,
    end: Instant,
) {
    while Instant::now() < end {
        for tenant in tenants {
            tenant.clear_faults();
            let most = random.pick(&[200, 800, 2500]);
            let slow = Effect::Latency(random.millis(20..most));
            tenant.fault(Fault::on_management_api(slow));
            let once = match random.below(4) {
                0 => Effect::ServerError(503),
                1 => {
                    Effect::TooManyRequests { retry_after: Some(1), with_ratelimit_headers: false }
                }
                2 => Effect::DropMidBody,
                _ => continue,
            };
            let skip = u64::try_from(random.below(12)).unwrap();
            tenant.fault(Fault::on_management_api(once).skip(skip).times(1));
        }
        sleep_until((Instant::now() + random.millis(1500..4000)).min(end)).await;
    }
    tenants.iter().for_each(SimulatedTenant::clear_faults);
}

/// In the first half each tenant has its own settings, in the second those of the next tenant.
fn change_tenants(tenants: &[SimulatedTenant], half: usize) {
    for (index, tenant) in tenants.iter().enumerate() {
        let name = TENANTS[(index + half) % TENANTS.len()];
        let resources = TenantFile::bundled(name).unwrap().resources;
        tenant.edit(|file| file.resources = resources);
    }
}

/// Creates and migrates a database.
async fn prepare(site: &Site, name: &str) -> PgPool {
    let default = site.cluster.connect("postgres").await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("create database {name}")))
        .execute(&default)
        .await
        .unwrap();
    let migrated = site.program_on(&site.cluster.url(name), &["migrate"], &[]).output().unwrap();
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    site.cluster.connect(name).await
}
