//! Reminders that a client secret is about to expire: the stages, and which one is reached. Pure, so that the API and
//! the worker agree. Which stages were recorded already is in `store`, the text in `engine`.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Days before the expiry at which there is a reminder; 0 is the expiry.
pub const STAGES: [u8; 5] = [30, 14, 7, 1, 0];

/// A reminder stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// The stage reached: this many days or fewer remain; 0: expired.
    pub days: u8,
    pub since: Timestamp,
}

/// The stage reached at `now`; none if the expiry is further away than any stage.
pub fn current_stage(expires_at: Timestamp, now: Timestamp) -> Option<Reminder> {
    let stages = STAGES.into_iter().map(|days| Reminder { days, since: begins(expires_at, days) });
    stages.rev().find(|reminder| reminder.since <= now)
}

/// For each stage, the latest expiry that has reached it at `now`.
pub fn horizons(now: Timestamp) -> [(u8, Timestamp); STAGES.len()] {
    STAGES.map(|days| (days, now.checked_add(span(days)).unwrap_or(Timestamp::MAX)))
}

fn begins(expires_at: Timestamp, days: u8) -> Timestamp {
    expires_at.checked_sub(span(days)).unwrap_or(Timestamp::MIN)
}

fn span(days: u8) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(days))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn each_stage_begins_at_its_very_instant() {
        let expires_at = at("2027-01-31T00:00:00Z");
        for (now, days) in [
            ("2026-06-15T12:00:00Z", None),
            ("2026-12-31T23:59:59.999999Z", None),
            ("2027-01-01T00:00:00Z", Some(30)),
            ("2027-01-16T23:59:59.999999Z", Some(30)),
            ("2027-01-17T00:00:00Z", Some(14)),
            ("2027-01-24T00:00:00Z", Some(7)),
            ("2027-01-29T23:59:59.999999Z", Some(7)),
            ("2027-01-30T00:00:00Z", Some(1)),
            ("2027-01-30T23:59:59.999999Z", Some(1)),
            ("2027-01-31T00:00:00Z", Some(0)),
            ("2036-01-31T00:00:00Z", Some(0)),
        ] {
            let found = current_stage(expires_at, at(now));
            assert_eq!(found.map(|reminder| reminder.days), days, "{now}");
        }
        let reminder = current_stage(expires_at, at("2027-01-20T00:00:00Z")).unwrap();
        assert_eq!(reminder.since, at("2027-01-17T00:00:00Z"));
    }

    #[test]
    fn extreme_expiries_do_not_overflow() {
        assert_eq!(current_stage(Timestamp::MIN, Timestamp::MIN).map(|r| r.days), Some(0));
        assert_eq!(current_stage(Timestamp::MAX, Timestamp::MAX).map(|r| r.days), Some(0));
        assert_eq!(current_stage(Timestamp::MAX, Timestamp::MIN), None);
        assert_eq!(horizons(Timestamp::MAX).map(|(_, until)| until), [Timestamp::MAX; 5]);
    }

    proptest! {
        /// The database query of `store` uses the same rule.
        #[test]
        fn the_query_horizons_agree_with_the_current_stage(minutes in -60 * 24 * 60i64..60 * 24 * 60) {
            let expires_at = at("2027-01-31T00:00:00Z");
            let now = expires_at - SignedDuration::from_mins(minutes);
            let by_horizon = horizons(now)
                .into_iter()
                .filter(|(_, until)| expires_at <= *until)
                .map(|(days, _)| days)
                .min();
            prop_assert_eq!(by_horizon, current_stage(expires_at, now).map(|r| r.days));
        }
    }
}
