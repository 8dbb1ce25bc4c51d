//! What needs neither network nor database, measured by criterion.

use std::hint::black_box;
use std::time::Duration;

use criterion::Criterion;
use domain::checks::{self, CheckResult};
use domain::clock::SystemClock;
use domain::snapshot::Snapshot;
use domain::tenant::Tenant;
use serde_json::Value;
use simulator::TenantFile;
use tokio::runtime::Runtime;

use crate::table::{Baseline, Samples, row};
use crate::{Scale, machine, service, tenants};

pub fn run(runtime: &Runtime, scale: Scale) {
    let ordinary = runtime.block_on(read(tenants::roomy("weak")));
    let half = runtime.block_on(read(tenants::large(500, 250, 100)));
    let large = runtime.block_on(read(tenants::large(1000, 500, 200)));
    let mut criterion = Criterion::default()
        .sample_size(scale.pick(20, 100))
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(scale.pick(1, 4)));
    // Each evaluation has a tenant that was just read.
    let mut evaluate = |name, tenant: &Tenant| {
        measure(
            &mut criterion,
            name,
            || tenant.clone(),
            |tenant| checks::evaluate(black_box(tenant)),
        )
    };
    let of_ordinary = evaluate("evaluate/ordinary", &ordinary);
    let of_half = evaluate("evaluate/500+250+100", &half);
    let of_large = evaluate("evaluate/1000+500+200", &large);
    let evaluated = checks::evaluate(&large);
    let results = || evaluated.outcomes.iter().flat_map(|outcome| &outcome.results);
    let failures = results().filter(|each| matches!(each.result, CheckResult::Fail(_))).count();
    println!("  the large one has {} results, {failures} of them failures", results().count());
    let mut parse = |name, tenant: &Tenant| {
        let text = serde_json::to_string(&Snapshot::from(tenant)).expect("a snapshot");
        let parse = |(): &()| serde_json::from_str::<Value>(black_box(&text)).expect("JSON");
        measure(&mut criterion, name, || (), parse).median()
    };
    let parse_ordinary = parse("parse/ordinary", &ordinary);
    let parse_large = parse("parse/1000+500+200", &large);
    let count = checks::CATALOGUE.len();
    row(
        &format!("{count} checks, ordinary tenant"),
        &of_ordinary,
        "ms",
        &Baseline("parsing its JSON, ms", parse_ordinary),
        "≤ 1 ms",
    );
    let of = "1,000 applications, 500 APIs, 200 connections";
    let baseline = Baseline("parsing its JSON, ms", parse_large);
    row(of, &of_large, "ms", &baseline, "≤ 5 ms");
    let baseline = Baseline("a tenant of half the size, ms", of_half.median());
    row("the same: growth", &of_large, "ms", &baseline, "linear: ≤ 2×");
}

async fn read(file: TenantFile) -> Tenant {
    let tenant = tenants::start(file, Duration::ZERO).await;
    let (id, secret) = tenant.credentials();
    let (connection, allowed) = tenants::connection(&tenant.origin(), &id, &secret);
    let at_most = Duration::from_secs(120);
    let auth0 = service::client(allowed);
    let read = engine::offline::read_tenant(&auth0, &connection, &SystemClock, at_most).await;
    let Ok(read) = read else { panic!("the tenant cannot be read") };
    read
}

/// In milliseconds of CPU time, which other programs disturb less, of the runs that criterion chose. Preparing the input
/// and dropping it and the result do not count.
fn measure<I, O>(
    criterion: &mut Criterion,
    name: &str,
    prepare: impl Fn() -> I,
    work: impl Fn(&I) -> O,
) -> Samples {
    let mut times = Vec::new();
    criterion.bench_function(name, |bencher| {
        bencher.iter_custom(|iterations| {
            let mut took = 0.0;
            for _ in 0..iterations {
                let input = prepare();
                let began = machine::cpu_s();
                let output = black_box(work(&input));
                took += machine::cpu_s() - began;
                drop((input, output));
            }
            times.push(took * 1000.0 / iterations as f64);
            Duration::from_secs_f64(took)
        });
    });
    Samples::new(times)
}
