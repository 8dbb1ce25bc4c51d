//! The endpoint table: one row for each kind of reading that is fetched.

use domain::readings::ReadingKind;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::config::Limits;

/// Days of statistics asked for, today included: a year and what checks compare it with.
const STATS_DAYS: i32 = 400;

/// How one kind is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Endpoint {
    query: Query,
    body: BodySize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Query {
    None,
    /// `from` and `to` as YYYYMMDD, inclusive.
    LastDays,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodySize {
    Settings,
    Statistics,
}

const SETTINGS: Endpoint = Endpoint { query: Query::None, body: BodySize::Settings };

impl Endpoint {
    /// The row of a kind; none for the facts of our own token, which are not fetched.
    pub fn of(kind: ReadingKind) -> Option<Self> {
        use ReadingKind as K;
        match kind {
            K::BreachedPasswordDetection
            | K::BruteForceProtection
            | K::SuspiciousIpThrottling
            | K::BotDetection
            | K::Captcha
            | K::CaptchaPolicies
            | K::PhoneProviderProtection
            | K::RiskAssessment
            | K::RiskAssessmentNewDevice
            | K::SupplementalSignals
            | K::MfaPolicies
            | K::ActiveUsers => Some(SETTINGS),
            K::DailyStats => Some(Self { query: Query::LastDays, body: BodySize::Statistics }),
            K::TokenFacts => None,
        }
    }

    /// The query, in the order of the wire.
    pub fn query(self, now: Timestamp) -> Vec<(&'static str, String)> {
        match self.query {
            Query::None => Vec::new(),
            Query::LastDays => {
                let today = now.to_zoned(TimeZone::UTC).date();
                let first = today.saturating_sub((STATS_DAYS - 1).days());
                vec![("from", compact(first)), ("to", compact(today))]
            }
        }
    }

    /// The longest body that is read.
    pub fn body_cap(self, limits: &Limits) -> usize {
        match self.body {
            BodySize::Settings => limits.settings_body_bytes,
            BodySize::Statistics => limits.stats_body_bytes,
        }
    }
}

/// The path of a kind on its tenant.
pub(crate) fn path(kind: ReadingKind) -> String {
    format!("/api/v2/{}", kind.resource())
}

fn compact(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fetched_kind_has_a_row() {
        for kind in ReadingKind::ALL {
            let is_fetched = ReadingKind::fetched().any(|fetched| fetched == *kind);
            assert_eq!(Endpoint::of(*kind).is_some(), is_fetched, "{}", kind.name());
        }
        assert_eq!(
            path(ReadingKind::CaptchaPolicies),
            "/api/v2/attack-protection/captcha/policies"
        );
    }

    #[test]
    fn statistics_cover_400_days_ending_today() {
        let now = "2026-11-03T23:59:59Z".parse().unwrap();
        let query = Endpoint::of(ReadingKind::DailyStats).unwrap().query(now);
        assert_eq!(query, [("from", "20250930".to_owned()), ("to", "20261103".to_owned())]);
        assert!(SETTINGS.query(now).is_empty());
    }
}
