//! Exports findings in the order of their ids: continuing after the last id misses and repeats none, whatever changes
//! meanwhile.

use domain::{FindingId, OrganisationId};
use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Postgres, QueryBuilder, Row as _, ValueRef as _};

use super::filter::FindingFilter;
use super::row::{FindingView, ViewRow, finding_columns, join_asset, join_view, view_columns};
use crate::{Error, Page, PageQuery, Store};

impl Store {
    /// One part of an export: rows of at most about `bytes_max` bytes. No transaction is open between calls.
    pub async fn export_findings(
        &self,
        organisation: &OrganisationId,
        filter: &FindingFilter,
        slice: PageQuery<FindingId>,
        bytes_max: usize,
        now: Timestamp,
    ) -> Result<Page<FindingView>, Error> {
        let mut sql = QueryBuilder::<Postgres>::new(concat!(
            "/* store.export_findings */ select ",
            view_columns!(),
            " from (select f.* from findings f"
        ));
        filter.push_where(&mut sql, organisation, now);
        sql.push(" and ");
        filter.push_match(&mut sql);
        if let Some(after) = slice.after {
            sql.push(" and f.id > ").push_bind(after.0);
        }
        sql.push(" order by f.id limit ").push_bind(slice.limit_plus_one());
        sql.push(concat!(") f", join_view!(), " order by f.id"));
        let mut tx = self.begin_read_for(organisation).await?;
        let mut rows = sql.build().fetch(&mut *tx);
        let (mut items, mut bytes) = (Vec::new(), 0);
        let limit = usize::try_from(slice.limit).unwrap_or(usize::MAX);
        while let Some(row) = rows.try_next().await? {
            if items.len() == limit || bytes >= bytes_max {
                return Ok(Page { items, has_more: true });
            }
            bytes += size(&row)?;
            items.push(ViewRow::from_row(&row)?.try_into()?);
        }
        Ok(Page { items, has_more: false })
    }
}

/// Bytes of the values that Postgres sent.
fn size(row: &PgRow) -> Result<usize, sqlx::Error> {
    let mut bytes = 0;
    for column in 0..row.len() {
        let value = row.try_get_raw(column)?;
        if !value.is_null() {
            bytes += value.as_bytes().map_err(sqlx::Error::Decode)?.len();
        }
    }
    Ok(bytes)
}
