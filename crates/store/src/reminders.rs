//! Records reminders that client secrets are about to expire, as history entries by `system`: each stage once,
//! whatever the number of replicas. `domain::reminder` has the stages, the engine the text.

use domain::clock::IdSource;
use domain::history::{Action, HistoryStatus};
use domain::reminder::{self, Reminder, STAGES};
use domain::sync::{SYSTEM, Stage};
use domain::{IntegrationId, OrganisationId};
use jiff::Timestamp;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::convert::{SqlTimestamp, from_sql_time, organisation, to_sql_time};
use crate::{CrossOrganisation, Error, Store};

/// A client secret that has reached a stage of the reminders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiringSecret {
    pub organisation_id: OrganisationId,
    pub integration_id: IntegrationId,
    pub expires_at: Timestamp,
    pub reminder: Reminder,
    /// Whether a next secret is saved.
    pub has_next: bool,
}

/// The texts of the history entry of one reminder.
#[derive(Debug)]
pub struct ReminderEntry {
    pub message: String,
    pub details: Value,
}

#[derive(sqlx::FromRow)]
struct ExpiringRow {
    organisation_id: String,
    id: Uuid,
    client_secret_expires_at: SqlTimestamp,
    has_next: bool,
}

impl Store {
    /// Records the reminders that are due, for up to `limit` integrations of all organisations, soonest expiry first.
    /// Includes disabled and paused integrations, but not deleted ones.
    pub async fn remind_in_all_organisations(
        &self,
        now: Timestamp,
        limit: u32,
        ids: &dyn IdSource,
        entry_of: fn(&ExpiringSecret) -> ReminderEntry,
    ) -> Result<Vec<ExpiringSecret>, Error> {
        let mut tx = self.begin_cross_organisation(CrossOrganisation::Reminding).await?;
        let mut secrets = Vec::new();
        let mut rows = Rows::default();
        for row in lock_due(&mut tx, now, limit).await? {
            let expires_at = from_sql_time(row.client_secret_expires_at);
            let Some(reminder) = reminder::current_stage(expires_at, now) else { continue };
            let secret = ExpiringSecret {
                organisation_id: organisation(&row.organisation_id, "integrations")?,
                integration_id: IntegrationId(row.id),
                expires_at,
                reminder,
                has_next: row.has_next,
            };
            let ReminderEntry { message, details } = entry_of(&secret);
            rows.organisations.push(row.organisation_id);
            rows.integrations.push(row.id);
            rows.entries.push(ids.next());
            rows.days.push(i16::from(reminder.days));
            rows.messages.push(message);
            rows.details.push(details);
            secrets.push(secret);
        }
        if secrets.is_empty() {
            return Ok(secrets);
        }
        insert_reminders(&mut tx, &rows, now).await?;
        tx.commit().await?;
        Ok(secrets)
    }

    /// For each stage, the number of undeleted integrations that reached it last, in all organisations.
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
    // Due: the row has reached a later stage than the recorded one. The first conditions match the index.
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

/// The columns to insert.
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
        with reminded as (
            select * from unnest($1::text[], $2::uuid[], $3::uuid[], $4::smallint[], $5::text[],
                    $6::jsonb[])
                as reminded (organisation_id, integration_id, entry_id, days, message, details)
        ), entries as (
            insert into history_entries (organisation_id, id, integration_id, action, started_at,
                started_by, status, stage, message, last_completed_at, details)
            select organisation_id, entry_id, integration_id, $7, $8, $9, $10, $11, message, $8,
                details
            from reminded
        )
        update integrations i set secret_reminded_days = reminded.days from reminded
        where i.organisation_id = reminded.organisation_id and i.id = reminded.integration_id";
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
