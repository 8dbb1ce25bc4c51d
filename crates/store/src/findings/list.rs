//! Lists findings: filtered, sorted, one page at a time. The position of an item is its sort value and id. A page
//! continues exactly where the previous one ended unless a sync moved existing findings in the order;
//! `FindingList::order` shows that.

use domain::OrganisationId;
use jiff::Timestamp;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::filter::FindingFilter;
use super::row::{FindingView, ViewRow, finding_columns, join_asset, join_view, view_columns};
use super::search::search;
use super::sort::{FindingPosition, FindingSort, SortKey};
use crate::convert::uuids;
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

/// Appends the query of one page of the findings `f` of an organisation.
fn push_page(
    sql: &mut QueryBuilder<Postgres>,
    organisation: &OrganisationId,
    (filter, sort): (&FindingFilter, FindingSort),
    slice: PageQuery<FindingPosition>,
    now: Timestamp,
) {
    sql.push("select * from (");
    for (number, range) in sort.ranges(filter, slice.after).iter().enumerate() {
        if number > 0 {
            sql.push(" union all ");
        }
        sort.push_range(sql, organisation, (filter, range, slice.limit_plus_one()), now);
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
    sql.push(concat!(") f", join_view!())).push(sort.order_by());
}

/// Appends the list of these findings. Each is looked up by itself: the planner takes all organisations for as large as
/// the average, and may read all of a small one instead.
fn push_found(
    sql: &mut QueryBuilder<Postgres>,
    organisation: &OrganisationId,
    sort: FindingSort,
    ids: Vec<Uuid>,
) {
    sql.push(concat!("/* store.list_findings: found */ select ", view_columns!()));
    sql.push(
        " from (select f.*, case when f.seen_in_latest then a.evaluated_at else f.last_seen_at end as seen_at from unnest(",
    );
    sql.push_bind(ids)
        .push(") found (id), lateral (select * from findings f where f.organisation_id = ");
    sql.push_bind(organisation.as_str().to_owned());
    sql.push(concat!(" and f.id = found.id limit 1) f", join_asset!(), ") f", join_view!()));
    sql.push(sort.order_by());
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
            Self::Priority => Some(order_sql!("priority_revision")),
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
        // Most requests, and every organisation has the same plan for them.
        let has_one_plan = *filter == FindingFilter::default() && sort.key != SortKey::LastSeenAt;
        let mut tx = if has_one_plan {
            self.begin_snapshot_for(organisation).await?
        } else {
            self.begin_read_for(organisation).await?
        };
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
}
