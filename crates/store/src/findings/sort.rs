//! The orders of lists of findings, and how a page is read from them: range by range, each by an index.

use std::collections::BTreeSet;

use domain::checks::Severity;
use domain::finding::FindingStatus;
use domain::{FindingId, OrganisationId};
use jiff::Timestamp;
use sqlx::{Postgres, QueryBuilder};

use super::filter::FindingFilter;
use super::row::rank;
use crate::convert::{SqlTimestamp, to_sql_time};

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
    /// Descending only.
    Priority,
    LastSeenAt,
    FirstSeenAt,
}

/// Position of a finding in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FindingPosition {
    /// 0 (info) to 4 (critical), the priority, or microseconds since the Unix epoch.
    pub value: i64,
    pub id: FindingId,
}

impl FindingSort {
    pub fn position_of(self, finding: &domain::finding::Finding) -> FindingPosition {
        let value = match self.key {
            SortKey::SeverityRank => i64::from(rank(finding.severity)),
            SortKey::Priority => i64::from(finding.ranking.priority),
            SortKey::LastSeenAt => finding.last_seen_at.as_microsecond(),
            SortKey::FirstSeenAt => finding.first_seen_at.as_microsecond(),
        };
        FindingPosition { value, id: finding.id }
    }
}

impl FindingSort {
    /// Of the rows of [`FindingSort::push_range`].
    const fn column(self) -> &'static str {
        match self.key {
            SortKey::SeverityRank => "f.severity_rank",
            SortKey::Priority => "f.priority",
            SortKey::LastSeenAt => "f.seen_at",
            SortKey::FirstSeenAt => "f.first_seen_at",
        }
    }

    /// As in a [`FindingPosition`].
    pub(super) fn value(self) -> String {
        match self.key {
            SortKey::SeverityRank | SortKey::Priority => format!("{}::int8", self.column()),
            SortKey::LastSeenAt | SortKey::FirstSeenAt => {
                format!("(extract(epoch from {}) * 1000000)::int8", self.column())
            }
        }
    }

    pub(super) fn order_by(self) -> String {
        self.order_by_column(self.column())
    }

    fn order_by_column(self, column: &str) -> String {
        let direction = if self.descending { "desc" } else { "asc" };
        format!(" order by {column} {direction}, f.id")
    }

    /// Appends a query for the first findings of a range: their columns, and `seen_at`, which is `last_seen_at`.
    pub(super) fn push_range(
        self,
        sql: &mut QueryBuilder<Postgres>,
        organisation: &OrganisationId,
        (filter, range, limit): (&FindingFilter, &Range, i64),
        now: Timestamp,
    ) {
        let own = if self.key == SortKey::LastSeenAt { "f.last_seen_at" } else { self.column() };
        sql.push("(select f.*, f.last_seen_at as seen_at from findings f");
        filter.push_where(sql, organisation, now);
        if self.key == SortKey::LastSeenAt {
            sql.push(" and not f.seen_in_latest");
        }
        self.push_bounds(sql, own, range);
        sql.push(self.order_by_column(own)).push(" limit ").push_bind(limit).push(")");
        let may_be_open =
            filter.states.as_ref().is_none_or(|states| states != &[FindingStatus::Resolved]);
        if self.key == SortKey::LastSeenAt && may_be_open {
            sql.push(" union all (select f.*, a.evaluated_at as seen_at from assets a cross join lateral (");
            sql.push("select f.* from findings f");
            filter.push_where(sql, organisation, now);
            sql.push(" and f.asset_id = a.id and f.seen_in_latest");
            if let Some(id) = range.after {
                sql.push(" and f.id > ").push_bind(id.0);
            }
            // A check has few findings of each asset: all of them are read by its index.
            if filter.check_ids.is_none() {
                sql.push(" order by f.id limit ").push_bind(limit);
            }
            sql.push(") f where a.organisation_id = ").push_bind(organisation.as_str().to_owned());
            filter.push_assets(sql);
            self.push_bounds(sql, "a.evaluated_at", &Range { after: None, ..*range });
            sql.push(self.order_by_column("a.evaluated_at")).push(" limit ").push_bind(limit);
            sql.push(")");
        }
    }

    fn push_bounds(self, sql: &mut QueryBuilder<Postgres>, column: &str, range: &Range) {
        if let Some((comparison, value)) = range.value {
            sql.push(format!(" and {column} {comparison} "));
            match self.key {
                SortKey::SeverityRank | SortKey::Priority => sql.push_bind(small(value)),
                SortKey::LastSeenAt | SortKey::FirstSeenAt => sql.push_bind(instant(value)),
            };
        }
        if let Some(id) = range.after {
            sql.push(" and f.id > ").push_bind(id.0);
        }
    }
}

/// A range that an index reads in order: all rows, or those that compare so with a value.
#[derive(Clone, Copy)]
pub(super) struct Range {
    value: Option<(&'static str, i64)>,
    after: Option<FindingId>,
}

impl FindingSort {
    /// The ranges that a page is read from, in their order. After a position come the remaining rows with the same
    /// value, and then those with later values, at any depth. Each severity is a range, so that one index serves both
    /// directions. At least one range.
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
            if ranges.is_empty() {
                // No severity is left. No finding has this one.
                ranges.push(of(i64::MAX));
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

/// A cursor can contain any value. Out of range: beyond every rank and priority.
fn small(value: i64) -> i16 {
    i16::try_from(value).unwrap_or(i16::MAX)
}

/// Out of range: the maximum.
fn instant(microseconds: i64) -> SqlTimestamp {
    to_sql_time(Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::MAX))
}
