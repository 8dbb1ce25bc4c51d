//! Many tenants that are due at once.

use std::time::{Duration, Instant};

use domain::Clock;
use domain::clock::SystemClock;
use domain::readings::ReadingKind;
use domain::scope::Scopes;
use serde_json::json;
use sqlx::PgPool;

use crate::child::{self, Process};
use crate::machine::{self, Postgres};
use crate::service::Service;
use crate::table::{Baseline, Samples, row};
use crate::tenants::{LATENCY, THREE_SCOPES};
use crate::{Scale, reading};

const CREDENTIALS: (&str, &str) = ("simulated-weak", "simulated-weak-secret");
/// Syncs that the service runs at once by default.
const AT_ONCE: usize = 16;
const DATABASE: &str = "select pg_database_size(current_database())::float8";
const SNAPSHOTS: &str = "select pg_total_relation_size('judgements')::float8";
/// After which unused connections have been closed.
const QUIET: Duration = Duration::from_secs(40);

pub async fn run(scale: Scale) {
    let mut first = None;
    let counts = scale.pick([200, 1_000], [1_000, 10_000]);
    for count in counts {
        let mut fleet = Fleet::start(count).await;
        let naive = fleet.naive(scale.pick(64, 320)).await;
        let measured = fleet.run(1).await;
        let sample = Samples::one(measured.per_second);
        let name = format!("{count} due at once, {LATENCY:?}");
        row(
            &name,
            &sample,
            "syncs/s",
            &Baseline("16 scripts at once, tenants/s", naive),
            "≥ 150/s",
        );
        let limit = Baseline("the limit", 4.0);
        row(
            "  CPU of PostgreSQL",
            &Samples::one(measured.postgres_ms),
            "ms/sync",
            &limit,
            "≤ 4 ms",
        );
        let baseline = Baseline("CPU of PostgreSQL, ms", measured.postgres_ms);
        row("  CPU of the service", &Samples::one(measured.own_ms), "ms/sync", &baseline, "");
        let disk = Samples::one(measured.disk_kib);
        let baseline = Baseline("an empty page, KiB", 8.0);
        row("  disk of an integration and its first sync", &disk, "KiB", &baseline, "");
        let snapshots = Samples::one(measured.snapshots_kib);
        let baseline = Baseline("all of its disk, KiB", measured.disk_kib);
        row("    of this the snapshot and its results", &snapshots, "KiB", &baseline, "");
        let before = first.get_or_insert(measured.memory);
        let memory = Samples::one(measured.memory);
        row(
            "  memory after them",
            &memory,
            "MiB",
            &Baseline("of the first row, MiB", *before),
            "≤ 80 MiB",
        );
        let open = Samples::one(measured.descriptors);
        let tenants = Baseline("tenants", f64::from(count));
        row("  descriptors open at most", &open, "descriptors", &tenants, "bounded");
        if count == *counts.last().expect("some") {
            tokio::time::sleep(QUIET).await;
            let open = Samples::one(machine::descriptors() as f64);
            let most = Baseline("at most", measured.descriptors);
            row("  40 s later", &open, "descriptors", &most, "closed");
        }
        fleet.service.stop().await;
    }
    let mut alone = None;
    for processes in [1, 2, 4] {
        let mut fleet = Fleet::start(scale.pick(200, 1_000)).await;
        let per_second = fleet.run(processes).await.per_second;
        let baseline = *alone.get_or_insert(per_second);
        let baseline = Baseline("one process, syncs/s", baseline);
        row(
            &format!("{processes} processes"),
            &Samples::one(per_second),
            "syncs/s",
            &baseline,
            "≥ 1×",
        );
        fleet.service.stop().await;
    }
}

struct Fleet {
    service: Service,
    origins: Vec<String>,
    _tenants: Process,
}

struct Measured {
    per_second: f64,
    postgres_ms: f64,
    own_ms: f64,
    memory: f64,
    descriptors: f64,
    disk_kib: f64,
    snapshots_kib: f64,
}

impl Fleet {
    /// Each tenant belongs to an organisation of its own.
    async fn start(count: u32) -> Self {
        let mut tenants = child::spawn(&json!({"kind": "tenants", "count": count}));
        let origins: Vec<String> = serde_json::from_value(tenants.answer().await).expect("texts");
        let service = Service::start("fleet", &origins).await;
        Self { service, origins, _tenants: tenants }
    }

    /// What reading costs without a database: as many scripts at once as the service runs syncs.
    async fn naive(&self, count: usize) -> f64 {
        let scopes = Scopes::parse(&THREE_SCOPES.join(" "));
        let kinds: Vec<ReadingKind> = ReadingKind::fetched_with(&scopes);
        let began = Instant::now();
        let mut done = 0;
        for wave in self.origins[..count].chunks(AT_ONCE) {
            let mut scripts = tokio::task::JoinSet::new();
            for origin in wave {
                let credentials = (CREDENTIALS.0.to_owned(), CREDENTIALS.1.to_owned());
                let target = reading::Target { origin: origin.clone(), credentials };
                let kinds = kinds.clone();
                scripts.spawn(async move { reading::naive(&target, kinds.len(), &kinds).await });
            }
            done += scripts.join_all().await.len();
        }
        done as f64 / began.elapsed().as_secs_f64()
    }

    /// With this process as the first worker.
    async fn run(&mut self, processes: usize) -> Measured {
        let pool = self.service.store().pool().clone();
        let disk = size(&pool, DATABASE).await;
        for (number, origin) in self.origins.iter().enumerate() {
            let organisation = format!("fleet-{number}");
            let due = Some(SystemClock.now());
            self.service.save(&organisation, origin, CREDENTIALS, due).await;
        }
        let (url, keys) = self.service.database();
        let mut others = Vec::new();
        for _ in 1..processes {
            let spec = json!({"kind": "worker", "url": url, "keys": keys, "origins": self.origins});
            others.push(child::spawn(&spec));
        }
        for other in &mut others {
            other.answer().await;
        }
        let postgres = Postgres::from_pool(&pool).await;
        let (own, theirs) = (machine::cpu_s(), postgres.cpu_s());
        let began = Instant::now();
        self.service.work();
        let mut descriptors = 0;
        while succeeded(&pool).await < self.origins.len() {
            descriptors = descriptors.max(machine::descriptors());
            tokio::time::sleep(Duration::from_millis(100)).await;
            assert!(began.elapsed() < Duration::from_secs(600), "the fleet does not end");
        }
        let count = self.origins.len() as f64;
        Measured {
            per_second: count / began.elapsed().as_secs_f64(),
            postgres_ms: (postgres.cpu_s() - theirs) * 1000.0 / count,
            own_ms: (machine::cpu_s() - own) * 1000.0 / count,
            memory: machine::memory_mib(),
            descriptors: descriptors as f64,
            disk_kib: (size(&pool, DATABASE).await - disk) / 1024.0 / count,
            snapshots_kib: size(&pool, SNAPSHOTS).await / 1024.0 / count,
        }
    }
}

/// In bytes.
async fn size(pool: &PgPool, sql: &'static str) -> f64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.expect("a size")
}

async fn succeeded(pool: &PgPool) -> usize {
    let sql = "select count(*) from syncs where state = 'succeeded'";
    let count: i64 = sqlx::query_scalar(sql).fetch_one(pool).await.expect("a count");
    usize::try_from(count).expect("a count is positive")
}
