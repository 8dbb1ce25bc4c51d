//! Lists audit events, newest first.

use domain::OrganisationId;
use jiff::Timestamp;
use sqlx::{Postgres, QueryBuilder};
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
        let mut sql = QueryBuilder::<Postgres>::new(concat!(
            "/* store.list_audit */ select ",
            audit_columns!(),
            " from audit_events where organisation_id = "
        ));
        let org = organisation.as_str().to_owned();
        sql.push_bind(org.clone());
        if let Some(from) = to_sql_time_opt(filter.from) {
            sql.push(" and at >= ").push_bind(from);
        }
        if let Some(to) = to_sql_time_opt(filter.to) {
            sql.push(" and at < ").push_bind(to);
        }
        if let Some(actor) = &filter.actor {
            sql.push(" and (actor_subject = ").push_bind(actor.clone());
            sql.push(" or actor_email = ").push_bind(actor.clone()).push(")");
        }
        if let Some(actions) = &filter.actions {
            sql.push(" and action = any(").push_bind(actions.clone()).push(")");
        }
        if let Some(outcomes) = &filter.outcomes {
            sql.push(" and outcome = any(").push_bind(outcomes.clone()).push(")");
        }
        if let Some(targets) = &filter.targets {
            sql.push(" and target_id = any(").push_bind(targets.clone()).push(")");
        }
        match slice.after {
            Some(AuditPosition::Chained { seq }) => {
                sql.push(
                    " and sequence < (select sequence from audit_events where organisation_id = ",
                );
                sql.push_bind(org).push(" and seq = ").push_bind(seq).push(")");
            }
            Some(AuditPosition::Numbered(number)) => {
                sql.push(" and sequence < ").push_bind(number);
            }
            None => {}
        }
        sql.push(" order by sequence desc limit ").push_bind(slice.limit_plus_one());
        let mut tx = self.begin_for(organisation).await?;
        let rows: Vec<AuditRow> = sql.build_query_as().fetch_all(&mut *tx).await?;
        Page::from_rows(rows, slice.limit, |row| Ok(AuditEvent::from(row)))
    }
}
