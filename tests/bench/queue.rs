//! The cost of claiming syncs from a short and a long queue.

use std::time::{Duration, Instant};

use domain::clock::{SystemClock, SystemIds};
use domain::{Clock, IdSource};
use jiff::SignedDuration;
use reqwest::Method;
use sqlx::AssertSqlSafe;
use store::ClaimRules;

use crate::Scale;
use crate::service::Service;
use crate::table::{Baseline, Samples, figure, row};
use crate::tenants;

/// What a worker claims at once.
const SLOTS: usize = 16;

pub async fn run(scale: Scale) {
    let runs = scale.pick(20, 40);
    let mut medians = Vec::new();
    for waiting in [1_000, 10_000, 100_000] {
        let claims = claims(waiting, runs).await;
        let name = format!("claim {SLOTS} of {waiting} queued");
        medians.push(claims.median());
        row(&name, &claims, "ms", &Baseline("of 1,000 queued, ms", medians[0]), "≤ 1.2×");
    }
    println!("  a sync: {} ms", figure(medians[2] / SLOTS as f64));
}

async fn claims(waiting: usize, runs: usize) -> Samples {
    let tenant = tenants::start(tenants::roomy("fresh"), Duration::ZERO).await;
    let service = Service::start("queue", &[tenant.origin()]).await;
    let (id, secret) = tenant.credentials();
    let saved = service.save("q-0", &tenant.origin(), (&id, &secret), None).await;
    let path = format!("/v1/integrations/{saved}/syncs");
    let http = reqwest::Client::builder().build().expect("a client");
    let request = http.request(Method::POST, format!("http://{}{path}", service.address));
    let queued = request.bearer_auth(service.token("q-0")).send().await.expect("an answer");
    assert_eq!(queued.status(), 202);
    let pool = service.filler().await;
    // Organisations of ten integrations each, all of them waiting.
    for sql in [
        "insert into integrations select (jsonb_populate_record(i, jsonb_build_object('organisation_id', 'q-' || n / 10,
            'id', md5(n::text), 'tenant_domain', 't-' || n, 'asset_name_key', n))).*
         from integrations i, generate_series(1, WAITING) n",
        "insert into syncs select (jsonb_populate_record(s, jsonb_build_object('organisation_id', 'q-' || n / 10,
            'id', md5(n::text), 'integration_id', md5(n::text), 'tenant_domain', 't-' || n))).*
         from syncs s, generate_series(1, WAITING) n",
        "analyze",
    ] {
        let sql = sql.replace("WAITING", &(waiting - 1).to_string());
        let run = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&pool);
        run.await.expect("the rows are sound");
    }
    let limits = service.engine.limits();
    let rules = ClaimRules {
        lease: SignedDuration::from_secs(60),
        per_organisation: limits.syncs_per_organisation,
        per_tenant: limits.syncs_per_tenant,
        attempts: limits.attempts,
        started_after: SystemClock.now() - limits.longest_sync,
    };
    let mut times = Vec::new();
    for _ in 0..runs {
        let tokens: Vec<_> = (0..SLOTS).map(|_| SystemIds.next()).collect();
        let began = Instant::now();
        let claimed = service.store().claim_syncs(SystemClock.now(), &rules, &tokens).await;
        times.push(began.elapsed());
        assert_eq!(claimed.expect("a claim").claims.len(), SLOTS);
    }
    service.stop().await;
    Samples::milliseconds(&times)
}
