//! Why a tenant could not be opened: the step that failed, its code, and what to do now.

use std::time::Duration;

use domain::connection_test::{StepCode, StepName};
use domain::sync::WhoMustAct;

use crate::time::millis;

/// A refusal or a fault on the way to a token. Nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConnectError {
    /// `Configuration`, `Reachability`, `Token` or `Audience`; the steps before it passed.
    pub step: StepName,
    /// What was found.
    pub code: StepCode,
    /// In words.
    pub message: String,
    /// What to do now.
    pub hint: String,
    /// Whether trying again later can help by itself.
    pub retryable: bool,
    /// Who can fix it.
    pub who_must_act: WhoMustAct,
    /// Requests sent.
    pub calls: u32,
    /// Answers 429 among them.
    pub rate_limited: u32,
    /// How long it took.
    pub timings: OpenTimings,
}

/// How long opening took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenTimings {
    /// DNS, TCP and TLS; none when a connection was reused or nothing was sent.
    pub reachability_ms: Option<u64>,
    /// The token request without the above; none when the token was cached.
    pub token_ms: Option<u64>,
}

/// What is wrong, before it is known how many calls it took.
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
    /// One that the tenant's administrator fixes and that stays until then.
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

    /// The same, fixed by someone else.
    #[must_use]
    pub fn acted_on_by(self, who_must_act: WhoMustAct) -> Self {
        Self { who_must_act, ..self }
    }

    /// The same, which may pass by itself.
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

/// What asking for a token cost.
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
