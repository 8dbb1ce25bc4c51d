//! Reminders that a client secret is about to expire: at which distances, and which one is due. Pure, so
//! that the API and the worker agree whoever looks first. Not here: telling them.

use jiff::{SignedDuration, Timestamp};

/// How many days ahead there is a reminder; the last is the expiry itself.
pub const STAGES: [u8; 5] = [30, 14, 7, 1, 0];

/// How near the expiry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reminder {
    /// The nearest stage that is reached: so many days or fewer are left; 0 when it has expired.
    pub days: u8,
    /// When it was reached.
    pub since: Timestamp,
}

/// The nearest stage that is reached; none while the expiry is further away than any.
pub fn reached(expires_at: Timestamp, now: Timestamp) -> Option<Reminder> {
    let stages = STAGES.into_iter().map(|days| Reminder { days, since: begins(expires_at, days) });
    stages.rev().find(|reminder| reminder.since <= now)
}

/// What is to be told now, after `told` was told of this expiry. Stages that were missed are not told
/// any more: the nearest says it all.
pub fn due(expires_at: Timestamp, told: Option<u8>, now: Timestamp) -> Option<Reminder> {
    reached(expires_at, now).filter(|reminder| told.is_none_or(|told| reminder.days < told))
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
            let found = reached(expires_at, at(now));
            assert_eq!(found.map(|reminder| reminder.days), days, "{now}");
        }
        let reminder = reached(expires_at, at("2027-01-20T00:00:00Z")).unwrap();
        assert_eq!(reminder.since, at("2027-01-17T00:00:00Z"));
    }

    #[test]
    fn the_ends_of_time_are_in_range() {
        assert_eq!(reached(Timestamp::MIN, Timestamp::MIN).map(|r| r.days), Some(0));
        assert_eq!(reached(Timestamp::MAX, Timestamp::MAX).map(|r| r.days), Some(0));
        assert_eq!(reached(Timestamp::MAX, Timestamp::MIN), None);
        assert_eq!(horizons(Timestamp::MAX).map(|(_, until)| until), [Timestamp::MAX; 5]);
    }

    proptest! {
        /// However seldom and often somebody looks.
        #[test]
        fn each_stage_is_told_once_and_the_nearest_in_the_end(
            mut hours in prop::collection::vec(0i64..24 * 60, 1..40),
        ) {
            let start = at("2026-12-15T00:00:00Z");
            let expires_at = start + SignedDuration::from_hours(24 * 45);
            hours.sort_unstable();
            let (mut told, mut all) = (None, Vec::new());
            for hour in &hours {
                let now = start + SignedDuration::from_hours(*hour);
                // What the store asks the database is the same question.
                let by_horizon = horizons(now)
                    .into_iter()
                    .filter(|(_, until)| expires_at <= *until)
                    .map(|(days, _)| days)
                    .min();
                prop_assert_eq!(by_horizon, reached(expires_at, now).map(|r| r.days));
                if let Some(reminder) = due(expires_at, told, now) {
                    prop_assert!(reminder.since <= now && STAGES.contains(&reminder.days));
                    told = Some(reminder.days);
                    all.push(reminder.days);
                }
                prop_assert_eq!(due(expires_at, told, now), None);
            }
            prop_assert!(all.is_sorted_by(|a, b| a > b), "{:?}", all);
            let last = start + SignedDuration::from_hours(hours[hours.len() - 1]);
            prop_assert_eq!(told, reached(expires_at, last).map(|r| r.days));
        }
    }
}
