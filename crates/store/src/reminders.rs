//! Tells that client secrets are about to expire: each stage once, whatever replicas look and however
//! long nobody looked, as a row of the history by `system`. Which stages there are: `domain::reminder`.

use domain::clock::{IdSource, rfc3339};
use domain::history::{Action, HistoryStatus};
use domain::reminder::{self, STAGES};
use domain::sync::{SYSTEM, Stage};
use domain::{IntegrationId, OrganisationId};
use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::convert::{SqlTimestamp, from_sql_time, organisation, to_sql_time};
use crate::{CrossOrganisation, Error, Store};

/// What was told of one integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReminderCounts {
    /// Whose.
    pub organisation_id: OrganisationId,
    /// Which.
    pub integration_id: IntegrationId,
    /// When its secret expires.
    pub expires_at: Timestamp,
    /// How near that is.
    pub days: u8,
}

#[derive(sqlx::FromRow)]
struct ExpiringRow {
    organisation_id: String,
    id: Uuid,
    client_secret_expires_at: SqlTimestamp,
    has_next: bool,
}

impl Store {
    /// Tells what is due of up to `limit` integrations, soonest first, in all organisations: it is the
    /// machine that looks. Disabled and paused ones are told of too, deleted ones are not.
    pub async fn remind_in_all_organisations(
        &self,
        now: Timestamp,
        limit: u32,
        ids: &dyn IdSource,
    ) -> Result<Vec<ReminderCounts>, Error> {
        let mut tx = self.begin_cross_organisation(CrossOrganisation::Reminding).await?;
        let mut told = Vec::new();
        let mut rows = Rows::default();
        for row in lock_due(&mut tx, now, limit).await? {
            let expires_at = from_sql_time(row.client_secret_expires_at);
            let Some(reminder) = reminder::current_stage(expires_at, now) else { continue };
            let days = reminder.days;
            rows.entries.push(ids.next());
            rows.days.push(i16::from(days));
            rows.messages.push(reminder.message(expires_at, row.has_next));
            rows.details.push(json!({
                "by_machine": "secret_expires", "days": days, "expires_at": rfc3339(expires_at),
            }));
            rows.integrations.push(row.id);
            told.push(ReminderCounts {
                organisation_id: organisation(&row.organisation_id, "integrations")?,
                integration_id: IntegrationId(row.id),
                expires_at,
                days,
            });
            rows.organisations.push(row.organisation_id);
        }
        if told.is_empty() {
            return Ok(told);
        }
        insert_reminders(&mut tx, &rows, now).await?;
        tx.commit().await?;
        Ok(told)
    }

    /// For each stage how many undeleted integrations were last told of it, in all organisations.
    pub async fn count_reminded_in_all_organisations(&self) -> Result<Vec<(u8, u64)>, Error> {
        let sql = "/* store.count_reminded_in_all_organisations */
            select secret_reminded_days, count(*) from integrations
            where deleted_at is null and secret_reminded_days is not null
            group by secret_reminded_days";
        let mut tx = self.begin_cross_organisation(CrossOrganisation::Reminding).await?;
        let counted: Vec<(i16, i64)> = sqlx::query_as(sql).fetch_all(&mut *tx).await?;
        let of = |days: u8| {
            let found = counted.iter().find(|(stage, _)| *stage == i16::from(days));
            found.map_or(0, |(_, count)| count.unsigned_abs())
        };
        Ok(STAGES.into_iter().map(|days| (days, of(days))).collect())
    }
}

async fn lock_due(
    connection: &mut PgConnection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<ExpiringRow>, Error> {
    // A row is due when it has reached a nearer stage than the one it was told of. The first conditions
    // are those of the index.
    let sql = "/* store.remind_in_all_organisations: due */
        select i.organisation_id, i.id, i.client_secret_expires_at,
            i.next_client_secret_sealed is not null as has_next
        from integrations i
        where i.deleted_at is null and i.client_secret_expires_at is not null
            and i.secret_reminded_days is distinct from 0
            and i.client_secret_expires_at <= $1
            and exists (
                select from unnest($2::smallint[], $3::timestamptz[]) as stage (days, horizon)
                where i.client_secret_expires_at <= stage.horizon
                    and (i.secret_reminded_days is null or stage.days < i.secret_reminded_days)
            )
        order by i.client_secret_expires_at limit $4
        for no key update of i skip locked";
    let horizons = reminder::horizons(now);
    let furthest = horizons.iter().map(|(_, horizon)| *horizon).max().unwrap_or(now);
    let rows = sqlx::query_as(sql)
        .bind(to_sql_time(furthest))
        .bind(horizons.map(|(days, _)| i16::from(days)))
        .bind(horizons.map(|(_, horizon)| to_sql_time(horizon)))
        .bind(i64::from(limit))
        .fetch_all(connection)
        .await?;
    Ok(rows)
}

/// The columns of the rows to write.
#[derive(Default)]
struct Rows {
    organisations: Vec<String>,
    integrations: Vec<Uuid>,
    entries: Vec<Uuid>,
    days: Vec<i16>,
    messages: Vec<String>,
    details: Vec<Value>,
}

async fn insert_reminders(
    connection: &mut PgConnection,
    rows: &Rows,
    now: Timestamp,
) -> Result<(), Error> {
    let sql = "/* store.remind_in_all_organisations */
        with told as (
            select * from unnest($1::text[], $2::uuid[], $3::uuid[], $4::smallint[], $5::text[],
                    $6::jsonb[])
                as told (organisation_id, integration_id, entry_id, days, message, details)
        ), shown as (
            insert into history_entries (organisation_id, id, integration_id, action, started_at,
                started_by, status, stage, message, last_completed_at, details)
            select organisation_id, entry_id, integration_id, $7, $8, $9, $10, $11, message, $8,
                details
            from told
        )
        update integrations i set secret_reminded_days = told.days from told
        where i.organisation_id = told.organisation_id and i.id = told.integration_id";
    sqlx::query(sql)
        .bind(&rows.organisations)
        .bind(&rows.integrations)
        .bind(&rows.entries)
        .bind(&rows.days)
        .bind(&rows.messages)
        .bind(&rows.details)
        .bind(Action::Update.name())
        .bind(to_sql_time(now))
        .bind(SYSTEM)
        .bind(HistoryStatus::Success.name())
        .bind(Stage::Completed.name())
        .execute(connection)
        .await?;
    Ok(())
}
