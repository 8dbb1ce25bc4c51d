//! Why a check or a reading is unknown: it has no conclusive result. `checks/unknown.rs` decides when a part that is
//! unknown makes a check unknown.

use crate::named_enum::named_enum;

named_enum! {
    /// Why a check or a reading has no conclusive result.
    pub enum UnknownReason {
        /// The token lacks the scope.
        MissingScope = "missing_scope",
        /// The tenant's plan does not include the feature.
        PlanUnavailable = "plan_unavailable",
        /// Auth0's rate limit lasted until the deadline.
        RateLimited = "rate_limited",
        /// No response in time.
        TimedOut = "timed_out",
        /// Refused for a reason other than scope or plan.
        Forbidden = "forbidden",
        /// Auth0 or the network failed.
        ApiError = "api_error",
        /// A response, field or value that is not understood.
        NotUnderstood = "not_understood",
        /// Auth0 does not have the resource (404).
        NotSupported = "not_supported",
        /// A list exceeded the maximum length.
        Truncated = "truncated",
    }
}

named_enum! {
    /// Why a check is not applicable.
    pub enum NotApplicableReason {
        /// A parent check fails.
        ParentFailed = "parent_failed",
        /// The feature is off.
        FeatureOff = "feature_off",
        /// Auth0 does not offer the feature to this tenant.
        FeatureNotOffered = "feature_not_offered",
        /// The organisation's policy disables the check.
        DisabledByPolicy = "disabled_by_policy",
    }
}

/// An inconclusive result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Inconclusive {
    /// A reading failed or a value is not understood.
    Unknown(UnknownReason),
    /// There is nothing to evaluate.
    NotApplicable(NotApplicableReason),
}
