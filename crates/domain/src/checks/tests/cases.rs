//! For each check the smallest change to a hardened tenant that trips it, and the other checks that
//! the same change trips because their conditions follow from it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::fixtures::Bodies;
use crate::readings::ReadingKind::{self, ActiveUsers, DailyStats, SuspiciousIpThrottling};

/// One change.
#[derive(Debug, Deserialize)]
pub struct Case {
    /// The check that it is for.
    pub trips: &'static str,
    /// The values: reading, pointer, value.
    pub set: Vec<(ReadingKind, &'static str, Value)>,
    /// What else follows.
    #[serde(default)]
    pub implies: Vec<&'static str>,
}

impl Case {
    /// The hardened tenant with the change.
    pub fn bodies(&self) -> Bodies {
        let mut bodies = Bodies::hardened();
        for (kind, pointer, value) in &self.set {
            bodies.set(*kind, pointer, value.clone());
        }
        bodies
    }
}

/// One for each check: those of `testing/cases.json`, and those whose values are computed.
pub fn cases() -> Vec<Case> {
    let written = include_str!("../testing/cases.json");
    let mut cases: Vec<Case> = serde_json::from_str(written).unwrap();
    cases.extend(computed());
    cases
}

fn computed() -> [Case; 5] {
    let case = |trips, set| Case { trips, set, implies: Vec::new() };
    let days = |rows: Vec<Value>| (DailyStats, "", json!(rows));
    let trickle = (1..=20).map(|age| Bodies::day(age, 0, 3, 0)).collect();
    let collapse = (8..=42).map(|age| Bodies::day(age, 20, 0, 0)).collect();
    let old = (5..=42).map(|age| Bodies::day(age, 20, 0, 0)).collect();
    let dormant = vec![Bodies::day(91, 20, 0, 0)];
    let full: Vec<_> = (0..80).map(|last| format!("8.8.8.{last}")).collect();
    [
        case("signups-without-logins", vec![days(trickle)]),
        case("dormant-tenant", vec![days(dormant), (ActiveUsers, "", json!(0))]),
        case("login-volume-anomaly", vec![days(collapse)]),
        case("statistics-stale", vec![days(old), (ActiveUsers, "", json!(1_000))]),
        Case {
            implies: vec!["suspicious-ip-allowlist-not-empty"],
            ..case(
                "suspicious-ip-allowlist-near-limit",
                vec![(SuspiciousIpThrottling, "/allowlist", json!(full))],
            )
        },
    ]
}
