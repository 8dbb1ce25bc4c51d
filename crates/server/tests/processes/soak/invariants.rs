//! Invariants at the end of a run, checked in the database and in the tenants' request logs.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use simulator::SimulatedTenant;
use sqlx::PgPool;
use uuid::Uuid;

/// After a pause a process may send requests until it notices that its lease has expired, which takes less than half a
/// second on an idle machine.
const WAKING: SignedDuration = SignedDuration::from_secs(5);

/// A state change of a sync.
#[derive(Debug, sqlx::FromRow)]
struct Step {
    integration_id: Uuid,
    sync_id: Uuid,
    state: String,
}

/// Number of syncs by result.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ends {
    pub succeeded: usize,
    pub failed: usize,
    /// Claims that workers lost.
    pub lost: i64,
}

/// Asserts that each sync ended once, that no two syncs of an integration were active at once, and that no acknowledged
/// sync was lost. Uses the commit order of the events (`track_commit_timestamp`), because a process may have been
/// paused between reading the clock and writing.
pub async fn each_ended_once(database: &PgPool, acknowledged: &[Uuid]) -> Ends {
    let sql = "select s.integration_id, e.sync_id, e.body->>'state' as state
        from sync_events e join syncs s on s.organisation_id = e.organisation_id and s.id = e.sync_id
        where e.kind = 'state' order by pg_xact_commit_timestamp(e.xmin), e.id";
    let steps: Vec<Step> = sqlx::query_as(sql).fetch_all(database).await.unwrap();
    let mut active: BTreeMap<Uuid, Uuid> = BTreeMap::new();
    let mut over = BTreeSet::new();
    let mut ends = Ends::default();
    for step in &steps {
        assert!(!over.contains(&step.sync_id), "event after the end: {step:?}");
        let other = *active.entry(step.integration_id).or_insert(step.sync_id);
        assert_eq!(other, step.sync_id, "two active syncs: {step:?}");
        match step.state.as_str() {
            "queued" | "running" => continue,
            "succeeded" => ends.succeeded += 1,
            _ => ends.failed += 1,
        }
        active.remove(&step.integration_id);
        over.insert(step.sync_id);
    }
    assert!(active.is_empty(), "not ended: {active:?}");
    let lost = acknowledged.iter().filter(|sync| !over.contains(sync)).count();
    assert_eq!(lost, 0, "acknowledged syncs were lost");
    // An end that a late worker overwrites causes no event, but changes the time.
    let sql = "select count(*) from syncs s where s.finished_at is distinct from
        (select e.at from sync_events e where e.sync_id = s.id and e.kind = 'state'
         order by e.id desc limit 1)";
    let twice: i64 = sqlx::query_scalar(sql).fetch_one(database).await.unwrap();
    assert_eq!(twice, 0, "ended twice");
    let sql = "select coalesce(sum(attempts) - count(*), 0)::bigint from syncs";
    ends.lost = sqlx::query_scalar(sql).fetch_one(database).await.unwrap();
    let sql = "select distinct result->'failure'->>'code' from syncs where state = 'failed'";
    let codes: Vec<String> = sqlx::query_scalar(sql).fetch_all(database).await.unwrap();
    // Too many workers were lost: the only failure that may happen here.
    assert!(codes.iter().all(|code| code == "deadline_exceeded"), "{codes:?}");
    ends
}

/// Asserts that each sync has a history row with its result, and that each asset is of the last successful sync.
pub async fn history_is_complete(database: &PgPool) {
    let sql = "select count(*) from syncs s
        full join (select * from history_entries where action = 'sync') h on h.sync_id = s.id
        where s.id is null or h.id is null or h.last_completed_at is distinct from s.finished_at
            or h.status || ' ' || h.stage <>
                case s.state when 'succeeded' then 'success completed' else 'failed failed' end";
    let wrong: i64 = sqlx::query_scalar(sql).fetch_one(database).await.unwrap();
    assert_eq!(wrong, 0, "missing or wrong rows of the history");
    let sql = "select count(*) from assets a where a.sync_id is distinct from
            (select e.sync_id from sync_events e join syncs s on s.id = e.sync_id
             where s.integration_id = a.integration_id and e.body->>'state' = 'succeeded'
             order by pg_xact_commit_timestamp(e.xmin) desc, e.id desc limit 1)";
    let wrong: i64 = sqlx::query_scalar(sql).fetch_one(database).await.unwrap();
    assert_eq!(wrong, 0, "assets that are not of the last successful sync");
}

/// Every finding with its transitions, without ids and times.
pub async fn findings(database: &PgPool) -> Vec<Value> {
    let sql = "select jsonb_build_object(
            'organisation', f.organisation_id, 'tenant', i.tenant_domain, 'check', f.check_id,
            'resource', f.resource, 'state', f.state, 'result', f.result,
            'severity', f.severity_rank, 'evidence', f.evidence, 'change', f.change,
            'reopened', f.reopen_count, 'life', (
                select jsonb_agg(t.kind order by t.at, t.id) from finding_transitions t
                where t.organisation_id = f.organisation_id and t.finding_id = f.id))
        from findings f join integrations i
            on i.organisation_id = f.organisation_id and i.id = f.integration_id
        order by f.organisation_id, i.tenant_domain, f.check_id, f.resource";
    sqlx::query_scalar(sql).fetch_all(database).await.unwrap()
}

/// The number of requests for a sync after the next sync of its integration has sent requests. Asserts that they come
/// from processes that have just resumed from a pause.
pub async fn late_requests(
    database: &PgPool,
    tenants: &[SimulatedTenant],
    pauses: &[(Timestamp, Timestamp)],
) -> usize {
    let sql = "select s.id, s.integration_id from syncs s order by
        (select min(pg_xact_commit_timestamp(e.xmin)) from sync_events e where e.sync_id = s.id)";
    let syncs: Vec<(Uuid, Uuid)> = sqlx::query_as(sql).fetch_all(database).await.unwrap();
    let place: BTreeMap<Uuid, (usize, Uuid)> =
        syncs.iter().enumerate().map(|(place, (id, of))| (*id, (place, *of))).collect();
    let mut late = 0;
    for tenant in tenants {
        let mut newest: BTreeMap<Uuid, usize> = BTreeMap::new();
        for request in tenant.requests() {
            let agent = request.user_agent.unwrap_or_default();
            let id = agent.split(['(', ')']).nth(1).and_then(|id| id.parse().ok());
            // Connection tests have no sync.
            let Some((place, of)) = id.and_then(|id: Uuid| place.get(&id)) else { continue };
            let newest = newest.entry(*of).or_insert(*place);
            if place < newest {
                late += 1;
                let covers = |pause: &&(Timestamp, Timestamp)| {
                    pause.0 <= request.at && request.at <= pause.1 + WAKING
                };
                let excuse = pauses.iter().find(covers);
                assert!(excuse.is_some(), "{agent} at {} without a pause", request.at);
            }
            *newest = (*place).max(*newest);
        }
    }
    late
}
