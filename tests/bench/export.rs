//! Exports against `COPY … TO STDOUT` of the same rows.

use crate::table::{Baseline, Samples, row};
use crate::{Scale, child, large, machine};

pub async fn run(scale: Scale) {
    let service = large::seeded("export").await;
    let pool = &service.filler().await;
    for findings in scale.pick(vec![20_000, 100_000], vec![100_000, 1_000_000]) {
        let organisation = format!("of{findings}");
        large::fill(pool, &organisation, 1, 500, findings).await;
        large::settle(pool).await;
        let organisation = format!("{organisation}-0");
        let sql = "select pg_total_relation_size('findings') / count(*)::float8 from findings";
        let disk: f64 = sqlx::query_scalar(sql).fetch_one(pool).await.expect("a size");
        let copy = format!(
            "copy (select f.*, a.name, a.tenant_domain, a.evaluated_at, i.auto_sync_frequency, i.next_sync_at
                from findings f
                join assets a on a.organisation_id = f.organisation_id and a.id = f.asset_id
                join integrations i on i.organisation_id = f.organisation_id and i.id = f.integration_id
                where f.organisation_id = '{organisation}' order by f.id) to stdout"
        );
        let requests = [(copy, String::new())];
        let url = service.database().0;
        let rows = findings as f64;
        let (mut direct, mut copied) = (Vec::new(), 0.0);
        for _ in 0..3 {
            let load = child::load("sql", url, &requests, 1, 0.0).await;
            assert!(load.failed == 0.0, "COPY failed");
            direct.push(rows * 1000.0 / load.latencies.median());
            copied = load.bytes;
        }
        let direct = Samples::new(direct).median();
        let baseline = Baseline("its row as text, bytes", copied / rows);
        row("disk of a finding with its indexes", &Samples::one(disk), "bytes", &baseline, "");
        for format in ["jsonl", "csv"] {
            let path = format!("/v1/findings/export?format={format}");
            let requests = [(path, service.token(&organisation))];
            let (mut rates, mut cpu, mut bytes) = (Vec::new(), Vec::new(), 0.0);
            let memory = machine::memory_mib();
            for _ in 0..scale.pick(2, 3) {
                let own = machine::cpu_s();
                let load =
                    child::load("http", &service.address.to_string(), &requests, 1, 0.0).await;
                assert!(load.failed == 0.0, "the export failed");
                rates.push(rows * 1000.0 / load.latencies.median());
                cpu.push((machine::cpu_s() - own) * 1e6 / rows);
                bytes = load.bytes;
            }
            let name = format!("export of {findings} as {format}");
            let baseline = Baseline("COPY of the same rows, rows/s", direct);
            row(&name, &Samples::new(rates), "rows/s", &baseline, "≥ 0.4");
            let baseline = Baseline("COPY of a row, µs", 1e6 / direct);
            row("  CPU of the service", &Samples::new(cpu), "µs/row", &baseline, "");
            let memory = Samples::one(machine::memory_mib() - memory);
            row(
                "  memory grows",
                &memory,
                "MiB",
                &Baseline("answer, MiB", bytes / 1_048_576.0),
                "flat",
            );
        }
    }
    service.stop().await;
}
