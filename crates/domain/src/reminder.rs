//! Reminders that a client secret is about to expire: at which distances, and which one is reached.
//! Pure, so that the API and the worker agree whoever looks first. Not here: which one is due after
//! those that were told, and telling it (`store`).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How many days ahead there is a reminder; the last is the expiry itself.
pub const STAGES: [u8; 5] = [30, 14, 7, 1, 0];

/// How near the expiry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// The nearest stage that is reached: so many days or fewer are left; 0 when it has expired.
    pub days: u8,
    /// When it was reached.
    pub since: Timestamp,
}

/// The nearest stage that is reached; none while the expiry is further away than any.
pub fn current_stage(expires_at: Timestamp, now: Timestamp) -> Option<Reminder> {
    let stages = STAGES.into_iter().map(|days| Reminder { days, since: begins(expires_at, days) });
    stages.rev().find(|reminder| reminder.since <= now)
}

impl Reminder {
    /// In words, with what to do; `has_next` tells whether a next secret waits to take over.
    pub fn message(self, expires_at: Timestamp, has_next: bool) -> String {
        let what = match self.days {
            0 => format!("The client secret expired at {expires_at}."),
            1 => format!("The client secret expires at {expires_at}: within a day."),
            days => format!("The client secret expires at {expires_at}: within {days} days."),
        };
        let what_now = if has_next {
            "The next secret takes its place when Auth0 refuses it."
        } else {
            "Put a next secret, which takes its place when Auth0 refuses it."
        };
        format!("{what} {what_now}")
    }
}

/// For each stage the latest expiry that has reached it at `now`.
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
    fn the_ends_of_time_are_in_range() {
        assert_eq!(current_stage(Timestamp::MIN, Timestamp::MIN).map(|r| r.days), Some(0));
        assert_eq!(current_stage(Timestamp::MAX, Timestamp::MAX).map(|r| r.days), Some(0));
        assert_eq!(current_stage(Timestamp::MAX, Timestamp::MIN), None);
        assert_eq!(horizons(Timestamp::MAX).map(|(_, until)| until), [Timestamp::MAX; 5]);
    }

    proptest! {
        /// What the store asks the database is the same question.
        #[test]
        fn the_horizons_reach_the_stage_that_is_reached(minutes in -60 * 24 * 60i64..60 * 24 * 60) {
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
