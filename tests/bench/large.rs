//! Organisations of many findings, copied from those of a real sync of the weak tenant.

use std::time::Duration;

use sqlx::{AssertSqlSafe, PgPool};

use crate::service::Service;
use crate::tenants;

/// One page of findings as the service reads it, without its filters.
pub const PAGE: &str =
    "select f.*, a.evaluated_at, i.auto_sync_frequency, i.next_sync_at, i.deleted_at
    from (select * from findings where organisation_id = $1 order by severity_rank desc limit 51) f
    join assets a on a.organisation_id = f.organisation_id and a.id = f.asset_id
    join integrations i on i.organisation_id = f.organisation_id and i.id = f.integration_id";

/// A service whose organisation `seed` has the findings of one sync.
pub async fn seeded(topic: &str) -> Service {
    let tenant = tenants::start(tenants::roomy("weak"), Duration::ZERO).await;
    let service = Service::start(topic, &[tenant.origin()]).await;
    let (id, secret) = tenant.credentials();
    let due = Some(domain::Clock::now(&domain::clock::SystemClock));
    service.save("seed", &tenant.origin(), (&id, &secret), due).await;
    assert_eq!(service.engine.run_due_jobs().await.expect("the database is there"), 1);
    service
}

/// Fills organisations `<name>-0` to `<name>-<count - 1>`.
pub async fn fill(pool: &PgPool, name: &str, count: usize, assets: usize, findings: usize) {
    for sql in [
        "insert into integrations select (jsonb_populate_record(i, jsonb_build_object('organisation_id', 'NAME-' || o,
            'id', md5('i' || n), 'tenant_domain', n, 'asset_name_key', n, 'next_sync_at', null))).*
         from integrations i, generate_series(0, COUNT - 1) o, generate_series(0, ASSETS - 1) n
         where i.organisation_id = 'seed'",
        "insert into assets select (jsonb_populate_record(a, jsonb_build_object('organisation_id', 'NAME-' || o,
            'id', md5('a' || n), 'integration_id', md5('i' || n),
            'evaluated_at', a.evaluated_at - n * interval '1 second'))).*
         from assets a, generate_series(0, COUNT - 1) o, generate_series(0, ASSETS - 1) n
         where a.organisation_id = 'seed'",
        "insert into findings (organisation_id, id, integration_id, asset_id, check_id, resource, check_version,
            title, severity_rank, state, result, evidence, change, first_seen_at, last_seen_at, last_evaluated_at,
            open_since, resolved_at, reopen_count, seen_in_latest, evaluated_in_latest,
            acceptance_reason, acceptance_rationale, accepted_by, accepted_at)
         select 'NAME-' || o, md5(n::text)::uuid, md5('i' || n % ASSETS)::uuid, md5('a' || n % ASSETS)::uuid,
            f.check_id, 'clients/' || n, f.check_version, f.title, f.severity_rank, f.state, f.result, f.evidence,
            f.change, f.first_seen_at + n % 1000 * interval '1 second',
            f.last_seen_at + n % 1000 * interval '1 second', f.last_evaluated_at, f.open_since, f.resolved_at,
            f.reopen_count, n / ASSETS % 2 = 0, true,
            case when n % 50 = 0 then 'wont_fix' end, case when n % 50 = 0 then 'Agreed.' end,
            case when n % 50 = 0 then 'ada@acme.example' end, case when n % 50 = 0 then f.open_since end
         from generate_series(0, COUNT - 1) o, generate_series(0, FINDINGS - 1) n
         join (select *, row_number() over (order by id) - 1 as number, count(*) over () as of
               from findings where organisation_id = 'seed') f on f.number = n % f.of",
    ] {
        let sql = sql.replace("NAME", name).replace("COUNT", &count.to_string());
        let sql = sql.replace("ASSETS", &assets.to_string()).replace("FINDINGS", &findings.to_string());
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.expect("the rows are sound");
    }
}

/// Statistics, and nothing left to write meanwhile.
pub async fn settle(pool: &PgPool) {
    for sql in ["vacuum analyze", "checkpoint"] {
        sqlx::raw_sql(sql).execute(pool).await.expect("a superuser");
    }
}
