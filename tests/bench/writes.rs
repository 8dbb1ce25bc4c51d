//! What a sync writes: SQL statements, transactions, write-ahead log.

use std::time::Duration;

use reqwest::Method;
use simulator::TenantFile;

use crate::Scale;
use crate::machine::Postgres;
use crate::service::Service;
use crate::statements;
use crate::table::{Baseline, Samples, row};
use crate::tenants;

pub async fn run(scale: Scale) {
    let runs = scale.pick(5, 15);
    let three = tenants::with_three_scopes(tenants::roomy("hardened"));
    syncs("three scopes", three, runs).await;
    syncs("all scopes", tenants::roomy("hardened"), runs).await;
    syncs("all scopes", tenants::large(17, 2, 2), runs).await;
    idle(scale).await;
}

async fn syncs(scopes: &str, file: TenantFile, runs: usize) {
    let tenant = tenants::start(file, Duration::ZERO).await;
    let service = Service::start("writes", &[tenant.origin()]).await;
    let postgres = Postgres::from_pool(service.store().pool()).await;
    let (id, secret) = tenant.credentials();
    let saved = service.save("acme", &tenant.origin(), (&id, &secret), None).await;
    let token = service.token("acme");
    let path = format!("/v1/integrations/{saved}/syncs");
    service.work();
    // Everything is known, and written once since the checkpoint.
    for _ in 0..2 {
        service.call(Method::POST, &token, &path).await;
    }
    sqlx::raw_sql("checkpoint").execute(service.store().pool()).await.expect("a superuser");
    service.call(Method::POST, &token, &path).await;
    let row_bytes = committed_row(&service, &postgres).await;
    let (mut all, mut own, mut transactions, mut wal) = (vec![], vec![], vec![], vec![]);
    for _ in 0..runs {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let before = postgres.wal().await;
        statements::listen();
        service.call(Method::POST, &token, &path).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        let heard = statements::stop();
        wal.push((postgres.wal().await - before) / 1024.0);
        all.push(heard.len() as f64);
        let of_worker = of_worker(&heard);
        own.push(of_worker.len() as f64);
        transactions.push(statements::transactions(of_worker) as f64);
    }
    let findings: i64 = sqlx::query_scalar("select count(*) from findings where state = 'open'")
        .fetch_one(service.store().pool())
        .await
        .expect("a count");
    service.stop().await;
    let of = format!("{scopes}, {findings} findings");
    let limit = Baseline("the limit", 12.0);
    row(&format!("{of}: claimed to finished"), &Samples::new(own), "statements", &limit, "≤ 12");
    let limit = Baseline("the limit", 3.0);
    row("  of these", &Samples::new(transactions), "transactions", &limit, "≤ 3");
    let limit = Baseline("the limit of the sync alone", 12.0);
    row("  with the request and waking", &Samples::new(all), "statements", &limit, "");
    let baseline = Baseline("one committed row of 1 KiB, KiB", row_bytes / 1024.0);
    row("  write-ahead log, nothing changed", &Samples::new(wal), "KiB", &baseline, "≤ 10 KiB");
}

/// From the claim to the commit of the result.
fn of_worker(statements: &[String]) -> &[String] {
    let claims = |each: &String| each.contains("store.claim_syncs");
    let first = statements.iter().position(claims).expect("a claim");
    let last = statements.iter().rposition(|each| each.contains("store.finish_sync"));
    let last = last.expect("a finished sync");
    let commit = statements[last..].iter().position(|each| each.contains("COMMIT"));
    &statements[first..=last + commit.unwrap_or(0)]
}

async fn committed_row(service: &Service, postgres: &Postgres) -> f64 {
    let pool = service.store().pool();
    sqlx::raw_sql("create table scratch (id int primary key, body text)")
        .execute(pool)
        .await
        .expect("a superuser");
    let mut sizes = Vec::new();
    for number in 0..9 {
        let before = postgres.wal().await;
        let sql = "insert into scratch values ($1, repeat('x', 1024))";
        sqlx::query(sql).bind(number).execute(pool).await.expect("it is new");
        sizes.push(postgres.wal().await - before);
    }
    Samples::new(sizes).median()
}

async fn idle(scale: Scale) {
    let service = Service::start("idle", &[]).await;
    service.work();
    // Looking for what to purge and to remind of is not idleness.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let seconds = scale.pick(15, 60);
    statements::listen();
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let per_second = statements::stop().len() as f64 / seconds as f64;
    service.stop().await;
    let limit = Baseline("the limit", 0.5);
    row("idle", &Samples::one(per_second), "statements/s", &limit, "≤ 0.5");
}
