//! Why there is no session: the failed step, its code, and what to do.

use std::time::Duration;

use domain::connection_test::{StepCode, StepName};
use domain::sync::WhoMustAct;

use crate::time::millis;

/// A failure before the first reading. Contains no secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConnectError {
    /// `Configuration`, `Reachability`, `Token` or `Audience`; earlier steps passed.
    pub step: StepName,
    pub code: StepCode,
    /// Human-readable message.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// Whether a later attempt can succeed without any change.
    pub retryable: bool,
    pub who_must_act: WhoMustAct,
    /// Requests sent.
    pub calls: u32,
    /// Number of 429 responses.
    pub rate_limited: u32,
    pub timings: OpenTimings,
}

/// How long it took to get a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenTimings {
    /// DNS, TCP and TLS. None: a connection was reused, or nothing was sent.
    pub reachability_ms: Option<u64>,
    /// The token request without the above. None: the token was cached.
    pub token_ms: Option<u64>,
}

/// A failure without the number of calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub step: StepName,
    pub code: StepCode,
    pub message: String,
    pub hint: String,
    pub who_must_act: WhoMustAct,
    pub retryable: bool,
}

impl Problem {
    /// A permanent failure that the tenant's administrator can fix.
    pub fn caused_by_customer(
        step: StepName,
        code: StepCode,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let who_must_act = WhoMustAct::Customer;
        let (message, hint) = (message.into(), hint.into());
        Self { step, code, message, hint, who_must_act, retryable: false }
    }

    /// The same, for somebody else to fix.
    #[must_use]
    pub fn acted_on_by(self, who_must_act: WhoMustAct) -> Self {
        Self { who_must_act, ..self }
    }

    /// The same, but transient.
    #[must_use]
    pub fn retryable(self) -> Self {
        Self { retryable: true, ..self }
    }

    pub fn into_error(self, stats: CallStats) -> ConnectError {
        ConnectError {
            step: self.step,
            code: self.code,
            message: self.message,
            hint: self.hint,
            retryable: self.retryable,
            who_must_act: self.who_must_act,
            calls: stats.calls,
            rate_limited: stats.rate_limited,
            timings: stats.timings(),
        }
    }
}

/// Cost of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct CallStats {
    pub calls: u32,
    pub rate_limited: u32,
    pub connecting: Option<Duration>,
    pub answering: Option<Duration>,
}

impl CallStats {
    pub fn timings(&self) -> OpenTimings {
        OpenTimings {
            reachability_ms: self.connecting.map(millis),
            token_ms: self.answering.map(millis),
        }
    }
}
