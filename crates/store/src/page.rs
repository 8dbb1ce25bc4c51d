//! Keyset pagination: stable while rows are added and removed.

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
