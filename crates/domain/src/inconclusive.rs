//! Why a check or a reading has no conclusive result.

use serde::{Deserialize, Serialize};

/// Why a check or a reading has no conclusive result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownReason {
    /// The token lacks the scope.
    MissingScope,
    /// The tenant's plan does not include the feature.
    PlanUnavailable,
    /// Auth0's rate limit lasted until the deadline.
    RateLimited,
    /// No response in time.
    TimedOut,
    /// Refused for a reason other than scope or plan.
    Forbidden,
    /// Auth0 or the network failed.
    ApiError,
    /// A response, field or value that is not understood.
    NotUnderstood,
    /// Auth0 does not have the resource (404).
    NotSupported,
    /// A list exceeded the maximum length.
    Truncated,
}

impl UnknownReason {
    /// Name in the API; never changes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MissingScope => "missing_scope",
            Self::PlanUnavailable => "plan_unavailable",
            Self::RateLimited => "rate_limited",
            Self::TimedOut => "timed_out",
            Self::Forbidden => "forbidden",
            Self::ApiError => "api_error",
            Self::NotUnderstood => "not_understood",
            Self::NotSupported => "not_supported",
            Self::Truncated => "truncated",
        }
    }
}

/// Why a check is not applicable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotApplicableReason {
    /// A parent check fails.
    ParentFailed,
    /// The feature is off.
    FeatureOff,
    /// Auth0 does not offer the feature to this tenant.
    FeatureNotOffered,
}

/// An inconclusive result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Inconclusive {
    /// A reading failed or a value is not understood.
    Unknown(UnknownReason),
    /// There is nothing to evaluate.
    NotApplicable(NotApplicableReason),
}
