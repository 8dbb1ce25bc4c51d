//! `stats/daily` and `stats/active-users`. Days without activity are omitted by Auth0: a missing
//! day is zero, not missing data.

use serde::{Deserialize, Serialize};

use super::field::{Count, Field};
use super::record::objects;

/// `stats/daily`: a bare array, ascending by date.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DailyStats(#[serde(deserialize_with = "objects")] pub Vec<DayOfActivity>);

/// One day with activity.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DayOfActivity {
    /// Midnight UTC of the day.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub date: Field<jiff::Timestamp>,
    /// When Auth0 last counted.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub updated_at: Field<jiff::Timestamp>,
    /// Logins.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub logins: Field<Count>,
    /// Signups.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub signups: Field<Count>,
    /// Breached passwords seen; zero without the subscription.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub leaked_passwords: Field<Count>,
}

/// `stats/active-users`: a bare number, users active in the last 30 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActiveUsers(pub Count);
