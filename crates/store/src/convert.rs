//! Conversions between domain values and SQL values.

use domain::OrganisationId;
use domain::frequency::Frequency;
use domain::integration::DELETED_READABLE_DAYS;
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::Error;

/// `timestamptz`.
pub(crate) type SqlTimestamp = jiff_sqlx::Timestamp;

pub(crate) fn to_sql_time(instant: Timestamp) -> SqlTimestamp {
    instant.to_sqlx()
}

pub(crate) fn to_sql_time_opt(instant: Option<Timestamp>) -> Option<SqlTimestamp> {
    instant.map(ToSqlx::to_sqlx)
}

pub(crate) fn from_sql_time(instant: SqlTimestamp) -> Timestamp {
    instant.to_jiff()
}

pub(crate) fn maybe_from_at(instant: Option<SqlTimestamp>) -> Option<Timestamp> {
    instant.map(SqlTimestamp::to_jiff)
}

/// Integrations deleted at this instant or before are hidden at `now`.
pub(crate) fn readable_since(now: Timestamp) -> SqlTimestamp {
    let span = SignedDuration::from_hours(DELETED_READABLE_DAYS * 24);
    to_sql_time(now.checked_sub(span).unwrap_or(Timestamp::MIN))
}

/// Replaces NUL, which Postgres does not store, by U+FFFD. Values from a tenant can contain it.
pub(crate) fn text(value: &str) -> String {
    value.replace('\0', "\u{fffd}")
}

/// `jsonb`, with NUL replaced as in [`text`].
pub(crate) fn json<T: Serialize>(value: &T) -> Result<Value, Error> {
    let mut value = serde_json::to_value(value).map_err(Error::other)?;
    without_nul(&mut value);
    Ok(value)
}

fn without_nul(value: &mut Value) {
    match value {
        Value::String(string) if string.contains('\0') => *string = text(string),
        Value::Array(items) => items.iter_mut().for_each(without_nul),
        Value::Object(members) => {
            if members.keys().any(|key| key.contains('\0')) {
                *members = std::mem::take(members)
                    .into_iter()
                    .map(|(key, value)| (text(&key), value))
                    .collect();
            }
            members.values_mut().for_each(without_nul);
        }
        _ => {}
    }
}

/// Saturates.
pub(crate) fn int(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Saturates.
pub(crate) fn bigint(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(crate) fn uuids<I: Copy>(ids: Option<&[I]>, bare: impl Fn(I) -> Uuid) -> Option<Vec<Uuid>> {
    ids.map(|ids| ids.iter().map(|id| bare(*id)).collect())
}

pub(crate) fn read_frequency(stored: &Value) -> Result<Frequency, Error> {
    Frequency::from_stored(stored)
        .ok_or_else(|| Error::corrupt("integrations", "auto_sync_frequency"))
}

pub(crate) fn organisation(text: &str, table: &'static str) -> Result<OrganisationId, Error> {
    OrganisationId::parse(text).ok_or_else(|| Error::corrupt(table, "organisation_id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_never_reaches_postgres() {
        let value = serde_json::json!({"a\0b": ["x\0", {"y": "\0"}], "n": 1});
        let expected = serde_json::json!({"a\u{fffd}b": ["x\u{fffd}", {"y": "\u{fffd}"}], "n": 1});
        assert_eq!(json(&value).unwrap(), expected);
        assert_eq!(text("a\0"), "a\u{fffd}");
    }

    #[test]
    fn deleted_integrations_stay_visible_for_ninety_days() {
        let now: Timestamp = "2027-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(from_sql_time(readable_since(now)).to_string(), "2026-10-03T00:00:00Z");
        assert_eq!(from_sql_time(readable_since(Timestamp::MIN)), Timestamp::MIN);
    }
}
