//! What this process and the database's processes use.

use std::fs;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use sqlx::PgPool;

/// Linux reports CPU time to other processes in these.
const TICKS_PER_SECOND: f64 = 100.0;

/// CPU seconds of this process.
pub fn cpu_s() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).expect("time runs forward").as_secs_f64()
}

/// Resident memory of this process in MiB.
pub fn memory_mib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kib.unwrap_or(f64::NAN) / 1024.0
}

/// Open descriptors of this process.
pub fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

/// The server of a pool, on the same machine.
pub struct Postgres {
    pool: PgPool,
    postmaster: String,
}

impl Postgres {
    pub async fn from_pool(pool: &PgPool) -> Self {
        let backend: i32 = sqlx::query_scalar("select pg_backend_pid()")
            .fetch_one(pool)
            .await
            .expect("the database is there");
        let postmaster = stat(&backend.to_string()).map_or_else(String::new, |of| of[1].clone());
        Self { pool: pool.clone(), postmaster }
    }

    /// CPU seconds of all its processes; NaN on another machine.
    pub fn cpu_s(&self) -> f64 {
        let Some(own) = stat(&self.postmaster) else { return f64::NAN };
        let ticks =
            |fields: &[String]| fields.iter().filter_map(|each| each.parse::<f64>().ok()).sum();
        // utime and stime; those of the postmaster with its ended children.
        let mut all: f64 = ticks(&own[11..15]);
        for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let name = process.file_name();
            let Some(of) = name.to_str().and_then(stat) else { continue };
            if of[1] == self.postmaster {
                all += ticks(&of[11..13]);
            }
        }
        all / TICKS_PER_SECOND
    }

    /// Bytes of write-ahead log so far.
    pub async fn wal(&self) -> f64 {
        let sql = "select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float8";
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.expect("the database is there")
    }
}

/// The fields of `/proc/<pid>/stat` from the state on.
fn stat(pid: &str) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    let fields: Vec<String> = rest.split(' ').map(str::to_owned).collect();
    (fields.len() > 15).then_some(fields)
}
