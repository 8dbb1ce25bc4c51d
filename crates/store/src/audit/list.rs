//! Lists audit events, newest first.

use domain::OrganisationId;
use jiff::Timestamp;
use uuid::Uuid;

use super::row::{AuditEvent, AuditPosition, AuditRow, audit_columns};
use crate::convert::to_sql_time_opt;
use crate::{Error, Page, PageQuery, Store};

/// An absent filter matches all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Inclusive.
    pub from: Option<Timestamp>,
    /// Exclusive.
    pub to: Option<Timestamp>,
    /// Subject or e-mail address; exact match.
    pub actor: Option<String>,
    pub actions: Option<Vec<String>>,
    pub outcomes: Option<Vec<String>>,
    /// Ids of the objects acted on.
    pub targets: Option<Vec<Uuid>>,
}

impl Store {
    /// One page; the position of an event is its `position`.
    pub async fn list_audit(
        &self,
        organisation: &OrganisationId,
        filter: &AuditFilter,
        slice: PageQuery<AuditPosition>,
    ) -> Result<Page<AuditEvent>, Error> {
        let sql = concat!(
            "/* store.list_audit */ select ",
            audit_columns!(),
            " from audit_events
              where organisation_id = $1
                and ($2::timestamptz is null or at >= $2)
                and ($3::timestamptz is null or at < $3)
                and ($4::text is null or actor_subject = $4 or actor_email = $4)
                and ($5::text[] is null or action = any($5))
                and ($6::text[] is null or outcome = any($6))
                and ($7::uuid[] is null or target_id = any($7))
                and ($8::bigint is null or sequence < (
                    select sequence from audit_events where organisation_id = $1 and seq = $8))
                and ($9::bigint is null or sequence < $9)
              order by sequence desc limit $10"
        );
        let (seq, number) = match slice.after {
            Some(AuditPosition::Chained { seq }) => (Some(seq), None),
            Some(AuditPosition::Numbered(number)) => (None, Some(number)),
            None => (None, None),
        };
        let mut tx = self.begin_for(organisation).await?;
        let rows: Vec<AuditRow> = sqlx::query_as(sql)
            .bind(organisation.as_str())
            .bind(to_sql_time_opt(filter.from))
            .bind(to_sql_time_opt(filter.to))
            .bind(&filter.actor)
            .bind(&filter.actions)
            .bind(&filter.outcomes)
            .bind(&filter.targets)
            .bind(seq)
            .bind(number)
            .bind(slice.limit_plus_one())
            .fetch_all(&mut *tx)
            .await?;
        Page::from_rows(rows, slice.limit, |row| Ok(AuditEvent::from(row)))
    }
}
