//! The health of an integration: when failing syncs warn its users and pause its schedule, and when it resumes.

use jiff::{SignedDuration, Timestamp};

use crate::frequency::Frequency;
use crate::history::MachineChange;

/// How long an integration only fails before its users are warned.
const WARN_AFTER: SignedDuration = SignedDuration::from_hours(4 * 24);
/// How long an integration only fails before its scheduled syncs are paused.
const PAUSE_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The health of an integration, with its schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Health {
    /// When the first sync failed since the last success.
    pub failing_since: Option<Timestamp>,
    pub warned_at: Option<Timestamp>,
    /// Null while scheduled syncs run.
    pub paused_at: Option<Timestamp>,
    pub next_sync_at: Option<Timestamp>,
}

/// A change of health that users are told about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthChange {
    Warned,
    Paused,
    Resumed,
}

impl From<HealthChange> for MachineChange {
    fn from(change: HealthChange) -> Self {
        match change {
            HealthChange::Warned => Self::Warned,
            HealthChange::Paused => Self::Paused,
            HealthChange::Resumed => Self::Resumed,
        }
    }
}

impl HealthChange {
    pub fn name(self) -> &'static str {
        MachineChange::from(self).name()
    }
}

impl Health {
    /// After a sync that succeeded. `frequency` is that of an enabled integration: it plans the next sync where a
    /// pause had removed it.
    pub fn after_success(
        self,
        frequency: Option<&Frequency>,
        now: Timestamp,
    ) -> (Self, Option<HealthChange>) {
        let planned = || frequency.and_then(|frequency| frequency.next_after(now));
        let next_sync_at = self.next_sync_at.or_else(planned);
        let change = self.paused_at.map(|_| HealthChange::Resumed);
        (Self { next_sync_at, ..Self::default() }, change)
    }

    /// After a sync that failed.
    pub fn after_failure(self, now: Timestamp) -> (Self, Option<HealthChange>) {
        let since = self.failing_since.unwrap_or(now);
        let failing = Self { failing_since: Some(since), ..self };
        let failing_for = now.duration_since(since);
        if self.paused_at.is_some() {
            (failing, None)
        } else if failing_for >= PAUSE_AFTER {
            let paused = Self { paused_at: Some(now), next_sync_at: None, ..failing };
            (paused, Some(HealthChange::Paused))
        } else if failing_for >= WARN_AFTER && self.warned_at.is_none() {
            (Self { warned_at: Some(now), ..failing }, Some(HealthChange::Warned))
        } else {
            (failing, None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(days: i64) -> Timestamp {
        let start: Timestamp = "2026-06-15T12:00:00Z".parse().unwrap();
        start + SignedDuration::from_hours(24 * days)
    }

    fn daily() -> Frequency {
        Frequency::default()
    }

    fn failing_since_the_start() -> Health {
        Health { failing_since: Some(day(0)), next_sync_at: Some(day(100)), ..Health::default() }
    }

    #[test]
    fn the_first_failure_begins_the_failing_and_is_not_told() {
        let (health, change) = Health::default().after_failure(day(0));
        assert_eq!((health.failing_since, change), (Some(day(0)), None));
    }

    #[test]
    fn failing_is_warned_of_once_after_four_days_and_paused_after_seven() {
        let almost = day(4) - SignedDuration::from_micros(1);
        assert_eq!(failing_since_the_start().after_failure(almost).1, None);
        let (warned, change) = failing_since_the_start().after_failure(day(4));
        assert_eq!((warned.warned_at, change), (Some(day(4)), Some(HealthChange::Warned)));
        assert_eq!(warned.next_sync_at, Some(day(100)), "the schedule goes on");
        assert_eq!(warned.after_failure(day(5)), (warned, None));
        let almost = day(7) - SignedDuration::from_micros(1);
        assert_eq!(warned.after_failure(almost), (warned, None));
        let (paused, change) = warned.after_failure(day(7));
        assert_eq!(change, Some(HealthChange::Paused));
        assert_eq!((paused.paused_at, paused.next_sync_at), (Some(day(7)), None));
        assert_eq!(paused.after_failure(day(20)), (paused, None), "paused once");
    }

    #[test]
    fn a_success_clears_everything_and_resumes_the_schedule_of_an_enabled_integration() {
        let daily = daily();
        let paused = Health {
            paused_at: Some(day(7)),
            warned_at: Some(day(4)),
            next_sync_at: None,
            ..failing_since_the_start()
        };
        let (resumed, change) = paused.after_success(Some(&daily), day(8));
        let next_sync_at = daily.next_after(day(8));
        assert!(next_sync_at.is_some());
        assert_eq!(resumed, Health { next_sync_at, ..Health::default() });
        assert_eq!(change, Some(HealthChange::Resumed));
        let (disabled, change) = paused.after_success(None, day(8));
        assert_eq!((disabled, change), (Health::default(), Some(HealthChange::Resumed)));
    }

    #[test]
    fn a_success_keeps_the_planned_sync_and_is_not_told() {
        let (health, change) = failing_since_the_start().after_success(Some(&daily()), day(1));
        assert_eq!(health, Health { next_sync_at: Some(day(100)), ..Health::default() });
        assert_eq!(change, None);
    }
}
