//! Why a sync failed, whose turn it is, and whether trying again can help.

use std::collections::BTreeMap;

use auth0::OpenError;
use domain::readings::ReadingKind;
use domain::sync::{Failure, WhoMustAct};
use domain::tenant::{Outcome, Tenant, UnknownReason};

use crate::advice;

/// The tenant refused before any reading.
pub fn refused(error: &OpenError) -> Failure {
    Failure {
        code: error.code.name().to_owned(),
        who_must_act: error.who_must_act,
        message: format!("{} {}", error.message, error.hint),
        retryable: error.retryable,
    }
}

/// The stored credentials cannot be opened with the configured keys.
pub fn credentials_unreadable() -> Failure {
    Failure {
        code: "credentials_unreadable".to_owned(),
        who_must_act: WhoMustAct::Safe,
        message: "The stored client secret cannot be opened with the configured encryption keys. \
                  Put the key back that sealed it, or enter the secret again."
            .to_owned(),
        retryable: false,
    }
}

/// The service's own fault. Its cause is in the log, under the sync's id.
pub fn internal() -> Failure {
    Failure {
        code: "internal".to_owned(),
        who_must_act: WhoMustAct::Safe,
        message: "The sync stopped by a fault of this service.".to_owned(),
        retryable: true,
    }
}

/// The readings did not end, whatever their own deadlines.
pub fn deadline_exceeded() -> Failure {
    Failure {
        code: "deadline_exceeded".to_owned(),
        who_must_act: WhoMustAct::Auth0,
        message: "The tenant could not be read in the time that a sync may take.".to_owned(),
        retryable: true,
    }
}

/// No answer of the tenant was of use. None when at least one reading was read.
pub fn nothing_read(tenant: &Tenant) -> Option<Failure> {
    let mut reasons: BTreeMap<UnknownReason, (u32, ReadingKind, String)> = BTreeMap::new();
    for kind in ReadingKind::fetched() {
        match tenant.outcome(kind) {
            Some(Outcome::Read(_)) => return None,
            Some(Outcome::Unreadable { reason, message }) => {
                reasons.entry(*reason).or_insert_with(|| (0, kind, message.clone())).0 += 1;
            }
            Some(Outcome::NotOffered { .. }) | None => {}
        }
    }
    let most = reasons.into_iter().max_by_key(|(_, (count, ..))| *count);
    let Some((reason, (_, kind, message))) = most else { return Some(internal()) };
    let (who_must_act, retryable) = match reason {
        UnknownReason::RateLimited | UnknownReason::TimedOut | UnknownReason::ApiError => {
            (WhoMustAct::Auth0, true)
        }
        UnknownReason::NotUnderstood | UnknownReason::Truncated => (WhoMustAct::Safe, false),
        UnknownReason::MissingScope
        | UnknownReason::PlanUnavailable
        | UnknownReason::Forbidden
        | UnknownReason::NotSupported => (WhoMustAct::Customer, false),
    };
    let code = match reason {
        UnknownReason::Forbidden => "forbidden",
        other => advice::code_of(kind, other).name(),
    };
    let message = format!("None of the tenant's settings could be read. {message}");
    Some(Failure { code: code.to_owned(), who_must_act, message, retryable })
}
