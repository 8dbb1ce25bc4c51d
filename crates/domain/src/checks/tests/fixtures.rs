//! Whole tenants as JSON, so that a test can change one field and read them anew: a hardened one,
//! with nothing to find, and an untouched one, as Auth0 ships it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::checks::testing::{readings, samples};
use crate::readings::ReadingKind;
use crate::tenant::Tenant;

/// A body for each reading.
#[derive(Debug, Clone, PartialEq)]
pub struct Bodies(pub BTreeMap<ReadingKind, Value>);

impl Bodies {
    /// Every reading, and nothing to find.
    pub fn hardened() -> Self {
        let mut bodies = Self(samples::hardened());
        bodies.0.insert(ReadingKind::DailyStats, Self::quiet_days());
        bodies.set(ReadingKind::TokenFacts, "/scope", json!(Self::every_scope()));
        bodies
    }

    /// As Auth0 ships a tenant whose plan has everything, by the required scopes. The optional
    /// resources are as they should be, and are not judged.
    pub fn untouched() -> Self {
        Self(samples::hardened().into_iter().chain(samples::untouched()).collect())
    }

    /// The required scopes and every optional one.
    pub fn every_scope() -> String {
        crate::checks::scopes::useful().into_iter().collect::<Vec<_>>().join(" ")
    }

    /// Six weeks, up to yesterday, of 20 logins a day, and one day of a hundred days ago.
    pub fn quiet_days() -> Value {
        let ages = (1..=42).chain([100]).rev();
        ages.map(|age| Self::day(age, 20, 0, 0)).collect()
    }

    /// The row of the day so many days before the tenant is seen.
    pub fn day(age: i64, logins: u64, signups: u64, leaked_passwords: u64) -> Value {
        let date: jiff::civil::Date = "2026-06-15".parse().unwrap();
        let date = date.checked_sub(jiff::Span::new().days(age)).unwrap();
        json!({"date": format!("{date}T00:00:00.000Z"), "updated_at": format!("{date}T23:22:00.000Z"),
            "logins": logins, "signups": signups, "leaked_passwords": leaked_passwords})
    }

    /// Sets the value at a pointer into a body, which must be there.
    pub fn set(&mut self, kind: ReadingKind, pointer: &str, value: Value) {
        let body = self.0.get_mut(&kind).unwrap();
        *body.pointer_mut(pointer).unwrap_or_else(|| panic!("{} {pointer}", kind.name())) = value;
    }

    /// Reads them.
    pub fn tenant(&self) -> Tenant {
        let bodies: Vec<_> = self.0.iter().map(|(kind, body)| (*kind, body.clone())).collect();
        readings(&bodies)
    }
}
