//! Lists findings: filtered, sorted, one page at a time. The position of an item is its sort value and id. A page
//! continues exactly where the previous one ended unless a sync moved existing findings in the order;
//! `FindingList::order` shows that.

use std::collections::BTreeSet;

use domain::checks::Severity;
use domain::{FindingId, OrganisationId};
use jiff::Timestamp;
use serde_json::Value;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::filter::FindingFilter;
use super::row::{FindingView, ViewRow, finding_columns, join_integration, rank, view_columns};
use super::search::search;
use crate::convert::{SqlTimestamp, to_sql_time, uuids};
use crate::{Error, Page, PageQuery, Store};

#[derive(Debug, Clone, PartialEq)]
pub struct FindingList {
    pub page: Page<FindingView>,
    /// Differs from that of the previous page if a sync changed the order meanwhile, so that findings are missing or
    /// repeated. None: syncs never change this order.
    pub order: Option<i64>,
    /// Where a text search stopped before it was complete. The next page goes on after this position.
    pub stopped_at: Option<FindingPosition>,
}

/// Ties are sorted by ascending id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FindingSort {
    pub key: SortKey,
    /// Worst or latest first.
    pub descending: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    SeverityRank,
    LastSeenAt,
    FirstSeenAt,
}

/// Position of a finding in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FindingPosition {
    /// 0 (info) to 4 (critical), or microseconds since the Unix epoch.
    pub value: i64,
    pub id: FindingId,
}

impl FindingSort {
    pub fn position_of(self, finding: &domain::finding::Finding) -> FindingPosition {
        let value = match self.key {
            SortKey::SeverityRank => i64::from(rank(finding.severity)),
            SortKey::LastSeenAt => finding.last_seen_at.as_microsecond(),
            SortKey::FirstSeenAt => finding.first_seen_at.as_microsecond(),
        };
        FindingPosition { value, id: finding.id }
    }
}

impl FindingSort {
    const fn column(self) -> &'static str {
        match self.key {
            SortKey::SeverityRank => "f.severity_rank",
            SortKey::LastSeenAt => "f.last_seen_at",
            SortKey::FirstSeenAt => "f.first_seen_at",
        }
    }

    /// As in a [`FindingPosition`].
    pub(super) fn value(self) -> String {
        match self.key {
            SortKey::SeverityRank => "f.severity_rank::int8".to_owned(),
            SortKey::LastSeenAt | SortKey::FirstSeenAt => {
                format!("(extract(epoch from {}) * 1000000)::int8", self.column())
            }
        }
    }

    pub(super) fn order_by(self) -> String {
        let direction = if self.descending { "desc" } else { "asc" };
        format!(" order by {} {direction}, f.id", self.column())
    }

    pub(super) fn push_range(self, sql: &mut QueryBuilder<Postgres>, range: &Range) {
        if let Some((comparison, value)) = range.value {
            sql.push(format!(" and {} {comparison} ", self.column()));
            self.push_value(sql, value);
        }
        if let Some(id) = range.after {
            sql.push(" and f.id > ").push_bind(id.0);
        }
    }

    fn push_value(self, sql: &mut QueryBuilder<Postgres>, value: i64) {
        match self.key {
            SortKey::SeverityRank => sql.push_bind(severity_rank(value)),
            SortKey::LastSeenAt | SortKey::FirstSeenAt => sql.push_bind(instant(value)),
        };
    }
}

/// A range that an index reads in order: all rows, or those that compare so with a value.
pub(super) struct Range {
    value: Option<(&'static str, i64)>,
    after: Option<FindingId>,
}

impl FindingSort {
    /// The ranges that a page is read from, in their order. After a position come the remaining rows with the same
    /// value, and then those with later values, at any depth. Each severity is a range, so that one index serves both
    /// directions.
    pub(super) fn ranges(
        self,
        filter: &FindingFilter,
        after: Option<FindingPosition>,
    ) -> Vec<Range> {
        let later = if self.descending { "<" } else { ">" };
        if self.key == SortKey::SeverityRank {
            let severities = filter.severities.as_deref().unwrap_or(&Severity::ALL);
            let ranks: BTreeSet<_> = severities.iter().map(|each| i64::from(rank(*each))).collect();
            let is_left = |value: &i64| match after {
                None => true,
                Some(position) if self.descending => *value <= position.value,
                Some(position) => *value >= position.value,
            };
            let of = |value| Range {
                value: Some(("=", value)),
                after: after.filter(|position| position.value == value).map(|position| position.id),
            };
            let mut ranges: Vec<_> = ranks.into_iter().filter(is_left).map(of).collect();
            if self.descending {
                ranges.reverse();
            }
            return ranges;
        }
        match after {
            None => vec![Range { value: None, after: None }],
            Some(FindingPosition { value, id }) => vec![
                Range { value: Some(("=", value)), after: Some(id) },
                Range { value: Some((later, value)), after: None },
            ],
        }
    }
}

/// Appends the query of one page of the findings `f` of an organisation.
fn push_page(
    sql: &mut QueryBuilder<Postgres>,
    organisation: &OrganisationId,
    (filter, sort): (&FindingFilter, FindingSort),
    slice: PageQuery<FindingPosition>,
    now: Timestamp,
) {
    sql.push("select * from (select * from findings where false");
    for range in sort.ranges(filter, slice.after) {
        sql.push(" union all (select f.* from findings f");
        filter.push_where(sql, organisation, now);
        sort.push_range(sql, &range);
        sql.push(sort.order_by()).push(" limit ").push_bind(slice.limit_plus_one()).push(")");
    }
    sql.push(") f").push(sort.order_by()).push(" limit ").push_bind(slice.limit_plus_one());
}

/// Appends the whole query: first the page, so that the cost does not grow with the organisation; then the joins.
fn push_list(
    sql: &mut QueryBuilder<Postgres>,
    organisation: &OrganisationId,
    (filter, sort): (&FindingFilter, FindingSort),
    slice: PageQuery<FindingPosition>,
    now: Timestamp,
) {
    sql.push(concat!("/* store.list_findings */ select ", view_columns!(), " from ("));
    push_page(sql, organisation, (filter, sort), slice, now);
    sql.push(concat!(") f", join_integration!())).push(sort.order_by());
}

/// Appends the list of these findings.
fn push_found(
    sql: &mut QueryBuilder<Postgres>,
    organisation: &OrganisationId,
    sort: FindingSort,
    ids: Vec<Uuid>,
) {
    sql.push(concat!(
        "/* store.list_findings: found */ select ",
        view_columns!(),
        " from findings f"
    ));
    sql.push(join_integration!()).push(" where f.organisation_id = ");
    sql.push_bind(organisation.as_str().to_owned());
    sql.push(" and f.id = any(").push_bind(ids).push(")").push(sort.order_by());
}

/// How often syncs changed the order, over the assets that the filter matches. Assets without changes do not count,
/// so that a new asset changes nothing.
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
            Self::FirstSeenAt => None,
        }
    }
}

impl Store {
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
        let mut sql = QueryBuilder::new("");
        let mut stopped_at = None;
        if filter.q.is_some() {
            let matches = search(&mut tx, organisation, (filter, sort), slice, now).await?;
            stopped_at = matches.stopped_at;
            push_found(&mut sql, organisation, sort, matches.ids);
        } else {
            push_list(&mut sql, organisation, (filter, sort), slice, now);
        }
        let rows: Vec<ViewRow> = sql.build_query_as().fetch_all(&mut *tx).await?;
        let page = Page::from_rows(rows, slice.limit, FindingView::try_from)?;
        Ok(FindingList { page, order, stopped_at })
    }

    /// The executed plan as `EXPLAIN (ANALYZE, FORMAT JSON)` returns it. For tests.
    pub async fn explain_findings(
        &self,
        organisation: &OrganisationId,
        filter: &FindingFilter,
        sort: FindingSort,
        slice: PageQuery<FindingPosition>,
        now: Timestamp,
    ) -> Result<Value, Error> {
        let mut tx = self.begin_for(organisation).await?;
        let mut sql = QueryBuilder::new("explain (analyze, timing off, format json) ");
        push_list(&mut sql, organisation, (filter, sort), slice, now);
        Ok(sql.build_query_scalar().fetch_one(&mut *tx).await?)
    }
}

/// A cursor can contain any value. Out of range: beyond every rank.
fn severity_rank(value: i64) -> i16 {
    i16::try_from(value).unwrap_or(i16::MAX)
}

/// Out of range: the maximum.
fn instant(microseconds: i64) -> SqlTimestamp {
    to_sql_time(Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::MAX))
}
