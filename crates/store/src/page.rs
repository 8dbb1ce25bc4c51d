//! Reads one row or one page of an organisation. Keyset pagination: stable while rows are added and removed.

use domain::OrganisationId;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::QueryAs;
use sqlx::{FromRow, Postgres};

use crate::{Error, Store};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageQuery<K> {
    /// Maximum number of items.
    pub limit: u32,
    /// Position of the last item of the previous page. None: the first page.
    pub after: Option<K>,
}

impl<K> PageQuery<K> {
    /// One row more than requested shows whether another page follows.
    pub(crate) fn limit_plus_one(&self) -> i64 {
        i64::from(self.limit) + 1
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Whether another page follows.
    pub has_more: bool,
}

impl<T> Page<T> {
    /// From rows fetched with [`PageQuery::limit_plus_one`].
    pub(crate) fn from_rows<R, E>(
        rows: Vec<R>,
        limit: u32,
        read: impl FnMut(R) -> Result<T, E>,
    ) -> Result<Self, E> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        let items = rows.into_iter().take(limit).map(read).collect::<Result<_, _>>()?;
        Ok(Self { items, has_more })
    }
}

impl Store {
    pub(crate) async fn find<R, T>(
        &self,
        organisation: &OrganisationId,
        query: QueryAs<'_, Postgres, R, PgArguments>,
    ) -> Result<Option<T>, Error>
    where
        R: for<'r> FromRow<'r, PgRow> + Send + Unpin,
        T: TryFrom<R, Error = Error>,
    {
        let mut tx = self.begin_for(organisation).await?;
        query.fetch_optional(&mut *tx).await?.map(T::try_from).transpose()
    }

    /// `query` fetches [`PageQuery::limit_plus_one`] rows.
    pub(crate) async fn find_page<R, T>(
        &self,
        organisation: &OrganisationId,
        query: QueryAs<'_, Postgres, R, PgArguments>,
        limit: u32,
    ) -> Result<Page<T>, Error>
    where
        R: for<'r> FromRow<'r, PgRow> + Send + Unpin,
        T: TryFrom<R, Error = Error>,
    {
        let mut tx = self.begin_read_for(organisation).await?;
        let rows = query.fetch_all(&mut *tx).await?;
        Page::from_rows(rows, limit, T::try_from)
    }
}
