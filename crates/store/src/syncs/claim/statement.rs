//! The statement that chooses syncs and claims them.

use domain::history::HistoryStatus;
use domain::sync::Stage;
use jiff::Timestamp;
use sqlx::Arguments;
use sqlx::postgres::PgArguments;
use uuid::Uuid;

use super::super::row::sync_columns;
use super::ClaimRules;
use crate::Error;
use crate::convert::to_sql_time;

/// Shown in the history while the sync runs.
const RUNNING: &str = "The sync is running.";
/// Queued syncs that a claim considers first: the longest waiting.
const WINDOW: i64 = 256;
/// Organisations that each claim visits in turn.
const VISITED: i32 = 32;
/// Organisations that a claim considers if too few syncs may run.
const ORGANISATIONS_MAX: i32 = 10_000;

/// Chooses among the longest waiting syncs, those of a few organisations in turn (so that a backlog of one does not
/// hide the others), and expired leases. Considers every organisation only if too few of these may run.
pub(super) const CLAIM: &str = concat!(
    "/* store.claim_syncs */
    with recursive running as materialized (
        select r.organisation_id, r.tenant_domain from syncs r
        where r.state = 'running' and r.lease_until > $1
    ), busy as materialized (
        select organisation_id, count(*) as syncs from running group by organisation_id
    ), busy_tenant as materialized (
        select tenant_domain, count(*) as syncs from running group by tenant_domain
    ), full_tenant as materialized (
        select tenant_domain from busy_tenant where syncs >= $8
    ), longest_waiting as materialized (
        select c.organisation_id, c.id, c.not_before, c.tenant_domain from syncs c
        where c.state = 'queued' and c.not_before <= $1
        order by c.not_before, c.id limit $9
    ), allowed as materialized (
        select organisation_id, id, not_before, tenant_domain from (
            select w.*, coalesce(busy_tenant.syncs, 0)
                + row_number() over (partition by w.tenant_domain order by w.not_before, w.id) as in_tenant
            from (
                select w.*, coalesce(busy.syncs, 0)
                    + row_number() over (partition by w.organisation_id order by w.not_before, w.id) as in_organisation
                from longest_waiting w left join busy using (organisation_id)
                where w.tenant_domain not in (select * from full_tenant)
            ) w left join busy_tenant using (tenant_domain)
            where in_organisation <= $7
        ) w
        where in_tenant <= $8
    ), visited (organisation_id, number) as (
        (
            select c.organisation_id, 1 from syncs c
            where c.state = 'queued' and c.organisation_id > $10
            order by c.organisation_id limit 1
        )
        union all
        select (
            select c.organisation_id from syncs c
            where c.state = 'queued' and c.organisation_id > v.organisation_id
            order by c.organisation_id limit 1
        ), v.number + 1
        from visited v where v.organisation_id is not null and v.number < $11
    ), every (organisation_id, number) as (
        (
            select c.organisation_id, 1 from syncs c
            where c.state = 'queued'
                and (select count(*) from longest_waiting) = $9
                and (select count(*) from allowed) < cardinality($2::uuid[])
            order by c.organisation_id limit 1
        )
        union all
        select (
            select c.organisation_id from syncs c
            where c.state = 'queued' and c.organisation_id > e.organisation_id
            order by c.organisation_id limit 1
        ), e.number + 1
        from every e where e.organisation_id is not null and e.number < $12
    ), candidate as (
        select * from allowed
        union
        select head.* from (select organisation_id from visited union select organisation_id from every) o
        left join busy using (organisation_id), lateral (
            select c.organisation_id, c.id, c.not_before, c.tenant_domain from syncs c
            where c.state = 'queued' and c.organisation_id = o.organisation_id and c.not_before <= $1
                and c.tenant_domain not in (select * from full_tenant)
            order by c.not_before, c.id
            limit least(cardinality($2::uuid[]), $7 - coalesce(busy.syncs, 0))
        ) head
        where coalesce(busy.syncs, 0) < $7
        union
        (
            select c.organisation_id, c.id, c.not_before, c.tenant_domain from syncs c
            left join busy using (organisation_id)
            where c.state = 'running' and c.lease_until <= $1
                and c.attempts < $13 and c.started_at > $14
                and coalesce(busy.syncs, 0) < $7
                and c.tenant_domain not in (select * from full_tenant)
            order by c.lease_until, c.id limit $9
        )
    ), placed as (
        select c.*, coalesce(busy_tenant.syncs, 0)
            + row_number() over (partition by c.tenant_domain order by c.not_before, c.id) as in_tenant
        from (
            select c.*, coalesce(busy.syncs, 0)
                + row_number() over (partition by c.organisation_id order by c.not_before, c.id) as in_organisation
            from candidate c left join busy using (organisation_id)
        ) c left join busy_tenant using (tenant_domain)
        where in_organisation <= $7
    ), chosen as (
        select organisation_id, id, row_number() over (order by in_organisation, not_before, id) as number
        from placed where in_tenant <= $8
        order by number limit cardinality($2::uuid[])
    ), locked as (
        select chosen.* from chosen join syncs c using (organisation_id, id)
        where c.state = 'queued'
            or c.state = 'running' and c.lease_until <= $1 and c.attempts < $13 and c.started_at > $14
        for update of c skip locked
    ), claimed as (
        update syncs s set
            state = 'running', attempts = s.attempts + 1, started_at = coalesce(s.started_at, $1),
            lease_token = ($2::uuid[])[locked.number], lease_until = $3
        from locked
        where s.organisation_id = locked.organisation_id and s.id = locked.id
        returning s.*, locked.number
    ), shown as (
        update history_entries h set status = $4, stage = $5, message = $6
        from claimed
        where h.organisation_id = claimed.organisation_id and h.sync_id = claimed.id
    )
    select s.lease_token, s.request_id, coalesce(
        (select v.organisation_id from visited v where v.number = $11), '') as visited_to,
        (
            select count(*) from (
                select organisation_id, id from longest_waiting
                union
                select organisation_id, id from candidate
            ) waiting
        ) > (select count(*) from claimed) as has_more, ",
    sync_columns!(),
    " from claimed s order by s.number"
);

/// In the order of the placeholders.
pub(super) fn arguments(
    now: Timestamp,
    rules: &ClaimRules,
    lease_tokens: &[Uuid],
    lease_until: Timestamp,
    visited_to: &str,
) -> Result<PgArguments, Error> {
    let mut arguments = PgArguments::default();
    let mut add = || {
        arguments.add(to_sql_time(now))?;
        arguments.add(lease_tokens)?;
        arguments.add(to_sql_time(lease_until))?;
        arguments.add(HistoryStatus::InProgress.name())?;
        arguments.add(Stage::InProgress.name())?;
        arguments.add(RUNNING)?;
        arguments.add(i64::from(rules.per_organisation))?;
        arguments.add(i64::from(rules.per_tenant))?;
        arguments.add(WINDOW)?;
        arguments.add(visited_to)?;
        arguments.add(VISITED)?;
        arguments.add(ORGANISATIONS_MAX)?;
        arguments.add(i64::from(rules.attempts))?;
        arguments.add(to_sql_time(rules.started_after))
    };
    add().map_err(sqlx::Error::Encode)?;
    Ok(arguments)
}
