//! Outcomes of readings without a response: missing scope, no token, rate limit, deadline.

use domain::connection_test::StepCode;
use domain::inconclusive::UnknownReason;
use domain::readings::ReadingKind;
use domain::sync::Cause;
use domain::tenant::Outcome;

use crate::connect_error::ConnectError;
use crate::rate_limit::AcquireError;
use crate::time::ceil_to_second;

/// The token lacks the scope of this kind.
pub(crate) fn lacks_scope(kind: ReadingKind) -> Outcome {
    let scope = kind.scope().unwrap_or_default();
    Outcome::Unreadable {
        reason: UnknownReason::MissingScope,
        message: format!("Our token lacks the scope {scope}, so this was not asked for."),
    }
}

/// The tenant refused the token and issued no other.
pub(crate) fn not_renewed(refusal: &ConnectError) -> Outcome {
    let reason = match refusal.code {
        StepCode::RateLimited => UnknownReason::RateLimited,
        StepCode::Timeout => UnknownReason::TimedOut,
        _ if refusal.retryable => UnknownReason::ApiError,
        _ => UnknownReason::Forbidden,
    };
    let message = format!("Auth0 refused our token and gave no other. {}", refusal.message);
    Outcome::Unreadable { reason, message }
}

/// No permit before the deadline. `was_limited`: this request met a 429 before.
pub(crate) fn no_permit(no_permit: AcquireError, was_limited: bool) -> Outcome {
    match no_permit {
        AcquireError::Limited(Some(then)) => {
            let then = ceil_to_second(then);
            limited(&format!("Auth0 limits our rate until {then}, which is past the time we have."))
        }
        AcquireError::Limited(None) => {
            limited("Auth0 limits our rate so that our time was over before.")
        }
        AcquireError::TooLate if was_limited => {
            limited("Auth0 limited our rate until our time was over.")
        }
        AcquireError::TooLate => Outcome::Unreadable {
            reason: UnknownReason::TimedOut,
            message: "Our time was over before it was this reading's turn.".into(),
        },
    }
}

/// The end of the rate limit, if known.
pub(crate) fn cause_of(no_permit: AcquireError) -> Option<Cause> {
    match no_permit {
        AcquireError::Limited(then) => then.map(|then| Cause::LimitedUntil(ceil_to_second(then))),
        AcquireError::TooLate => None,
    }
}

/// Rate limited until the deadline, or too often.
pub(crate) fn limited(message: &str) -> Outcome {
    Outcome::Unreadable { reason: UnknownReason::RateLimited, message: message.to_owned() }
}
