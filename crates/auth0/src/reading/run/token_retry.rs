//! Retries a reading whose token was refused; the report of a reading.

use std::sync::Arc;

use domain::readings::ReadingKind;
use domain::sync::{Cause, ReadingOutcome, ReadingReport};
use domain::tenant::Outcome;

use crate::reading::failed_reading;
use crate::reading::run::ReadingRun;
use crate::time::millis;
use crate::token::Token;

impl ReadingRun<'_> {
    /// Retries with another token, once for each reading and with one renewal for the session. `refused_for`: why the
    /// current token was refused. None: it only lacks a scope.
    pub(super) async fn with_other_token(
        &mut self,
        token: &Arc<Token>,
        refused_for: Option<Cause>,
        outcome: Outcome,
    ) -> Option<Outcome> {
        if self.has_other_token {
            return Some(self.refused(refused_for, outcome));
        }
        self.has_other_token = true;
        let is_refused = refused_for.is_some();
        let Some(other) = self.session.renewed(token, is_refused, self.deadline).await else {
            return Some(match self.session.refusal().filter(|_| is_refused) {
                None => self.refused(refused_for, outcome),
                // Why there is no other token says more than the refusal of this one.
                Some(refusal) => {
                    self.cause = Some(Cause::NoOtherToken { hint: refusal.hint.clone() });
                    failed_reading::not_renewed(&refusal)
                }
            });
        };
        if lacks_scope(&other.token, self.kind) {
            return Some(failed_reading::lacks_scope(self.kind));
        }
        self.cause = None;
        self.probe_guard = other.probe_guard;
        None
    }

    /// If other readings succeeded with the same token, the token is not the cause.
    fn refused(&mut self, refused_for: Option<Cause>, outcome: Outcome) -> Outcome {
        if refused_for.is_some() {
            self.cause = refused_for.filter(|_| self.session.is_refused());
        }
        outcome
    }

    pub(super) fn report(&mut self, outcome: &Outcome) -> ReadingReport {
        let (outcome, reason, message) = match outcome {
            Outcome::Read(_) => (ReadingOutcome::Read, None, None),
            Outcome::Unreadable { reason, message } => {
                (ReadingOutcome::Unreadable, Some(*reason), Some(message.clone()))
            }
            Outcome::NotOffered { reason, message } => {
                (ReadingOutcome::NotOffered, Some(*reason), Some(message.clone()))
            }
        };
        ReadingReport {
            reading: self.kind,
            outcome,
            reason,
            message,
            duration_ms: self.on_the_wire.map(millis),
            attempts: self.attempts,
            cause: self.cause.take(),
        }
    }
}

pub(super) fn lacks_scope(token: &Token, kind: ReadingKind) -> bool {
    match (kind.scope(), token.scopes()) {
        (Some(scope), Some(granted)) => !granted.contains(scope),
        // If the token's scopes are unknown, the tenant decides.
        _ => false,
    }
}
