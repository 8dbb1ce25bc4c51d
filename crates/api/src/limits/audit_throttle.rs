//! Limits how many denials, and how many refused changes, of one caller the audit records. The next recorded one has the
//! number of suppressed ones.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::OrganisationId;
use jiff::Timestamp;

use super::token_bucket::{KeyedTokenBuckets, Rate};

const RATE: Rate = Rate { per_minute: 60, burst: 60 };
/// Callers with a count of suppressed denials at most. Denials of further callers only count in the metric.
const CALLERS_MAX: usize = 10_000;
pub const SUPPRESSED_TOTAL: &str = "safe_auth0_audit_denials_left_out_total";

type ThrottleKey = (OrganisationId, String);

/// The denials of each caller.
pub struct AuditThrottle {
    buckets: KeyedTokenBuckets<ThrottleKey>,
    left_out: Mutex<HashMap<ThrottleKey, u64>>,
}

impl Default for AuditThrottle {
    fn default() -> Self {
        Self { buckets: KeyedTokenBuckets::new(RATE), left_out: Mutex::default() }
    }
}

impl AuditThrottle {
    /// The number of denials suppressed before this one. None when this one must not be recorded.
    pub fn admit(
        &self,
        organisation: &OrganisationId,
        subject: &str,
        now: Timestamp,
    ) -> Option<u64> {
        let who = (organisation.clone(), subject.to_owned());
        let is_admitted = self.buckets.consume(who.clone(), now).is_admitted;
        let mut all = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        if is_admitted {
            return Some(all.remove(&who).unwrap_or(0));
        }
        metrics::counter!(SUPPRESSED_TOTAL).increment(1);
        if let Some(count) = all.get_mut(&who) {
            *count += 1;
        } else {
            // Logged once for each series; the access log has each request.
            tracing::warn!(
                organisation = organisation.as_str(),
                "a caller is denied or refused so often that rows are left out of the audit"
            );
            // Otherwise callers that never return would fill the map.
            if all.len() >= CALLERS_MAX {
                all.clear();
            }
            all.insert(who, 1);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn sixty_denials_a_minute_are_audited_and_the_next_event_counts_the_rest() {
        let denials = AuditThrottle::default();
        let org = OrganisationId::parse("acme").unwrap();
        let now: Timestamp = "2026-06-15T12:00:00Z".parse().unwrap();
        for _ in 0..60 {
            assert_eq!(denials.admit(&org, "eve", now), Some(0));
        }
        for _ in 0..5 {
            assert_eq!(denials.admit(&org, "eve", now), None);
        }
        assert_eq!(denials.admit(&org, "ada", now), Some(0));
        let later = now + SignedDuration::from_secs(2);
        assert_eq!(denials.admit(&org, "eve", later), Some(5));
        assert_eq!(denials.admit(&org, "eve", later), Some(0));
        assert_eq!(denials.admit(&org, "eve", later), None);
    }
}
