//! Text search in the order of a list. No index serves a substring under row-level security, so a page examines a
//! limited number of findings and says where it stopped.

use domain::{FindingId, OrganisationId};
use jiff::Timestamp;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::filter::FindingFilter;
use super::sort::{FindingPosition, FindingSort};
use crate::{Error, PageQuery};

/// Findings that one page examines: about 25 ms.
const EXAMINED_MAX: i64 = 5_000;

/// What one page of a search found.
#[derive(Debug, Default)]
pub(super) struct Matches {
    /// One more than requested if there are more.
    pub ids: Vec<Uuid>,
    /// The last finding examined, if the search is not complete.
    pub stopped_at: Option<FindingPosition>,
}

#[derive(sqlx::FromRow)]
struct ExaminedRow {
    id: Uuid,
    value: i64,
    is_match: bool,
    number: i64,
    examined: i64,
}

pub(super) async fn search(
    connection: &mut PgConnection,
    organisation: &OrganisationId,
    (filter, sort): (&FindingFilter, FindingSort),
    slice: PageQuery<FindingPosition>,
    now: Timestamp,
) -> Result<Matches, Error> {
    let mut matches = Matches::default();
    let mut left = EXAMINED_MAX;
    for range in sort.ranges(filter, slice.after) {
        let found = i64::try_from(matches.ids.len()).unwrap_or(i64::MAX);
        let wanted = slice.limit_plus_one().saturating_sub(found);
        let mut sql = QueryBuilder::<Postgres>::new(
            "/* store.list_findings: search */
            select id, value, is_match, number, examined from (
                select e.*, count(*) over () as examined from (select f.id, ",
        );
        sql.push(sort.value()).push(" as value, ");
        filter.push_match(&mut sql);
        sql.push(" as is_match, row_number() over (").push(sort.order_by()).push(") as number");
        sql.push(" from (");
        sort.push_range(&mut sql, organisation, (filter, &range, left), now);
        sql.push(") f").push(sort.order_by()).push(" limit ").push_bind(left).push(") e) e");
        sql.push(" where is_match or number = examined order by number limit ").push_bind(wanted);
        let rows: Vec<ExaminedRow> = sql.build_query_as().fetch_all(&mut *connection).await?;
        matches.ids.extend(rows.iter().filter(|row| row.is_match).map(|row| row.id));
        if matches.ids.len() > usize::try_from(slice.limit).unwrap_or(usize::MAX) {
            return Ok(matches);
        }
        if let Some(last) = rows.last() {
            left -= last.examined;
            if left == 0 && last.number == last.examined {
                let id = FindingId(last.id);
                matches.stopped_at = Some(FindingPosition { value: last.value, id });
                return Ok(matches);
            }
        }
    }
    Ok(matches)
}
