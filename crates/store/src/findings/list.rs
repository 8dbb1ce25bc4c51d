//! The list of findings: filtered, sorted, one page at a time. The position of an item is its sort
//! value and its id, so a page goes on where the last one ended, as long as no sync moves findings that
//! were there to other places: the list says whether one did.

use domain::acceptance::FindingStatus;
use domain::checks::Severity;
use domain::{AssetId, FindingId, IntegrationId, OrganisationId};
use jiff::Timestamp;
use sqlx::Postgres;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::QueryAs;

use super::row::{FindingView, ViewRow, finding_columns, rank, view_columns};
use crate::convert::{SqlTimestamp, readable_since, text, to_sql_time, uuids};
use crate::{Error, Page, PageQuery, Store};

/// Which findings; an absent filter takes all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingFilter {
    /// Of any of these integrations.
    pub integration_ids: Option<Vec<IntegrationId>>,
    /// Of any of these assets.
    pub asset_ids: Option<Vec<AssetId>>,
    /// In any of these states, at the time of asking.
    pub states: Option<Vec<FindingStatus>>,
    /// Of any of these severities.
    pub severities: Option<Vec<Severity>>,
    /// Of any of these checks.
    pub check_ids: Option<Vec<String>>,
    /// A substring of title, check id or resource, whatever its case; `%` and `_` are themselves.
    pub q: Option<String>,
    /// Those of deleted integrations too. They are there anyway where integrations or assets are named.
    pub include_deleted: bool,
}

impl FindingFilter {
    /// After this instant an integration may have been deleted; none: not at all.
    fn deleted_since(&self, now: Timestamp) -> Option<SqlTimestamp> {
        let is_named = self.integration_ids.is_some() || self.asset_ids.is_some();
        (is_named || self.include_deleted).then(|| readable_since(now))
    }
}

/// A page of findings, and the order that it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingList {
    /// The page.
    pub page: Page<FindingView>,
    /// Another one than that of the page before: a sync changed the order meanwhile, so findings are
    /// missing or repeated. None where no sync changes it.
    pub order: Option<i64>,
}

/// In which order; ties always go by id upwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FindingSort {
    /// By what.
    pub key: SortKey,
    /// Downwards: the worst, or the latest, first.
    pub descending: bool,
}

/// What findings are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum SortKey {
    SeverityRank,
    LastSeenAt,
    FirstSeenAt,
}

/// Where a finding stands in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FindingPosition {
    /// 0 (info) to 4 (critical), or microseconds since the Unix epoch.
    pub value: i64,
    /// Breaks ties.
    pub id: FindingId,
}

impl FindingSort {
    /// Where this finding stands.
    pub fn position_of(self, finding: &domain::finding::Finding) -> FindingPosition {
        let value = match self.key {
            SortKey::SeverityRank => i64::from(rank(finding.severity)),
            SortKey::LastSeenAt => finding.last_seen_at.as_microsecond(),
            SortKey::FirstSeenAt => finding.first_seen_at.as_microsecond(),
        };
        FindingPosition { value, id: finding.id }
    }
}

/// What a filter leaves, with the parameters $1 to $8 and $11 of [`filtered`].
macro_rules! filter_sql {
    () => {
        " where f.organisation_id = $1 and (i.deleted_at is null or i.deleted_at > $2)
            and ($3::uuid[] is null or f.integration_id = any($3))
            and ($4::uuid[] is null or f.asset_id = any($4))
            and ($5::text[] is null or case
                when f.state = 'open' and f.accepted_at is not null
                    and coalesce(f.acceptance_expires_at > $11, true) then 'accepted'
                else f.state end = any($5))
            and ($6::smallint[] is null or f.severity_rank = any($6))
            and ($7::text[] is null or f.check_id = any($7))
            and ($8::text is null or strpos(lower(f.title), lower($8)) > 0
                or strpos(lower(f.check_id), lower($8)) > 0
                or strpos(lower(f.resource), lower($8)) > 0)"
    };
}
pub(super) use filter_sql;

/// The list in one order, and what stands beyond the position ($12, $9) in it. Comparing whole
/// rows lets the index begin there; where value and id go in opposite directions, it begins at the
/// position's value.
macro_rules! list_sql {
    ($order:literal, $beyond:literal) => {
        concat!(
            "/* store.list_findings */ select ",
            view_columns!(),
            filter_sql!(),
            " and ($9::uuid is null or (",
            $beyond,
            ")) order by ",
            $order,
            ", f.id limit $10"
        )
    };
}

impl FindingSort {
    fn sql(self) -> &'static str {
        match (self.key, self.descending) {
            (SortKey::SeverityRank, true) => {
                list_sql!("4 - f.severity_rank", "(4 - f.severity_rank, f.id) > (4 - $12::int, $9)")
            }
            (SortKey::SeverityRank, false) => {
                list_sql!("f.severity_rank", "(f.severity_rank, f.id) > ($12::int, $9)")
            }
            (SortKey::LastSeenAt, true) => list_sql!(
                "f.last_seen_at desc",
                "f.last_seen_at <= $12 and (f.last_seen_at < $12 or f.id > $9)"
            ),
            (SortKey::LastSeenAt, false) => {
                list_sql!("f.last_seen_at", "(f.last_seen_at, f.id) > ($12, $9)")
            }
            (SortKey::FirstSeenAt, true) => list_sql!(
                "f.first_seen_at desc",
                "f.first_seen_at <= $12 and (f.first_seen_at < $12 or f.id > $9)"
            ),
            (SortKey::FirstSeenAt, false) => {
                list_sql!("f.first_seen_at", "(f.first_seen_at, f.id) > ($12, $9)")
            }
        }
    }
}

/// How often syncs changed the order, over the assets that the filter leaves. An asset without changes
/// does not count, so that one that comes changes nothing.
macro_rules! order_sql {
    ($revision:literal) => {
        concat!(
            "/* store.list_findings: order */
            select hashtextextended(coalesce(
                string_agg(a.id || ' ' || a.",
            $revision,
            ", ',' order by a.id), ''), 0)
            from assets a
            where a.organisation_id = $1 and a.",
            $revision,
            " > 0
                and ($2::uuid[] is null or a.integration_id = any($2))
                and ($3::uuid[] is null or a.id = any($3))"
        )
    };
}

impl SortKey {
    fn order_sql(self) -> Option<&'static str> {
        match self {
            Self::SeverityRank => Some(order_sql!("severity_revision")),
            Self::LastSeenAt => Some(order_sql!("seen_revision")),
            // Never changes.
            Self::FirstSeenAt => None,
        }
    }
}

impl Store {
    /// The findings of an organisation.
    pub async fn list_findings(
        &self,
        organisation: &OrganisationId,
        filter: &FindingFilter,
        sort: FindingSort,
        slice: PageQuery<FindingPosition>,
        now: Timestamp,
    ) -> Result<FindingList, Error> {
        let mut tx = self.begin_snapshot_for(organisation).await?;
        let order = match sort.key.order_sql() {
            None => None,
            Some(sql) => {
                let order: i64 = sqlx::query_scalar(sql)
                    .bind(organisation.as_str())
                    .bind(uuids(filter.integration_ids.as_deref(), |id| id.0))
                    .bind(uuids(filter.asset_ids.as_deref(), |id| id.0))
                    .fetch_one(&mut *tx)
                    .await?;
                Some(order)
            }
        };
        let value = slice.after.map(|position| position.value);
        let after = slice.after.map(|position| position.id);
        let query = filtered::<ViewRow>(
            sort.sql(),
            organisation,
            filter,
            now,
            after,
            slice.limit_plus_one(),
        );
        let query = match sort.key {
            SortKey::SeverityRank => query.bind(value.map(severity_rank)),
            SortKey::LastSeenAt | SortKey::FirstSeenAt => query.bind(value.map(instant)),
        };
        let rows = query.fetch_all(&mut *tx).await?;
        let page = Page::of(rows, slice.limit, FindingView::try_from)?;
        Ok(FindingList { page, order })
    }
}

/// A list with its first eleven parameters: [`filter_sql`], the id to go on after, how many.
pub(super) fn filtered<'q, R>(
    sql: &'static str,
    organisation: &'q OrganisationId,
    filter: &'q FindingFilter,
    now: Timestamp,
    after: Option<FindingId>,
    fetched: i64,
) -> QueryAs<'q, Postgres, R, PgArguments>
where
    R: for<'r> sqlx::FromRow<'r, PgRow>,
{
    let states = filter.states.as_ref();
    let severities = filter.severities.as_ref();
    sqlx::query_as(sql)
        .bind(organisation.as_str())
        .bind(filter.deleted_since(now))
        .bind(uuids(filter.integration_ids.as_deref(), |id| id.0))
        .bind(uuids(filter.asset_ids.as_deref(), |id| id.0))
        .bind(states.map(|all| all.iter().map(|state| state.name()).collect::<Vec<_>>()))
        .bind(severities.map(|all| all.iter().map(|each| rank(*each)).collect::<Vec<_>>()))
        .bind(filter.check_ids.as_ref())
        .bind(filter.q.as_deref().map(text))
        .bind(after.map(|id| id.0))
        .bind(fetched)
        .bind(to_sql_time(now))
}

/// A position comes from a cursor, which anybody can write: out of range is beyond every rank.
fn severity_rank(value: i64) -> i32 {
    i32::from(i16::try_from(value).unwrap_or(i16::MAX))
}

/// Out of range is the end of time.
fn instant(microseconds: i64) -> SqlTimestamp {
    to_sql_time(Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::MAX))
}
