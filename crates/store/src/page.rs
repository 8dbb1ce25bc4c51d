//! A list, one page at a time, by position and never by offset: stable while rows come and go.

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageQuery<K> {
    /// Items at the most.
    pub limit: u32,
    /// The position of the last item of the page before; none for the first page.
    pub after: Option<K>,
}

impl<K> PageQuery<K> {
    /// One more than asked for, to learn whether there is more.
    pub(crate) fn limit_plus_one(&self) -> i64 {
        i64::from(self.limit) + 1
    }
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// In the order of the list.
    pub items: Vec<T>,
    /// Whether items follow.
    pub has_more: bool,
}

impl<T> Page<T> {
    /// Of rows that were fetched with [`PageQuery::fetched`].
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
