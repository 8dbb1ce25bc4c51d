//! Failures of syncs: the code, who must act, and whether a retry can help.

use auth0::{ConnectError, Session};
use domain::inconclusive::UnknownReason;
use domain::readings::ReadingKind;
use domain::sync::{Cause, Failure, ReadingOutcome, ReadingReport, WhoMustAct};

use crate::hints;

/// The tenant refused before any reading.
pub fn refused(error: &ConnectError) -> Failure {
    Failure {
        code: error.code.name().to_owned(),
        who_must_act: error.who_must_act,
        message: format!("{} {}", error.message, error.hint),
        retryable: error.retryable,
    }
}

/// No configured key decrypts the stored credentials.
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

/// A defect. The log has its cause, under the sync's id.
pub fn internal() -> Failure {
    Failure {
        code: "internal".to_owned(),
        who_must_act: WhoMustAct::Safe,
        message: "The sync stopped by a fault of this service.".to_owned(),
        retryable: true,
    }
}

/// The readings did not end by their own deadlines.
pub fn deadline_exceeded() -> Failure {
    Failure {
        code: "deadline_exceeded".to_owned(),
        who_must_act: WhoMustAct::Auth0,
        message: "The tenant could not be read in the time that a sync may take.".to_owned(),
        retryable: true,
    }
}

/// The failure of a sync that read none of the essential kinds. None: at least one was read.
pub fn nothing_essential_read(session: &Session, readings: &[ReadingReport]) -> Option<Failure> {
    let failure = of_essentials(readings)?;
    // Why there is no other token says more than the refusal of this one.
    Some(session.refusal().map_or(failure, |error| refused(&error)))
}

/// The most frequent failure of the essential readings.
fn of_essentials(readings: &[ReadingReport]) -> Option<Failure> {
    let mut kinds: Vec<(usize, UnknownReason, &ReadingReport)> = Vec::new();
    for report in readings.iter().filter(|report| is_essential(report)) {
        match (report.outcome, report.reason) {
            (ReadingOutcome::Read, _) => return None,
            (ReadingOutcome::Unreadable, Some(reason)) => {
                match kinds.iter_mut().find(|(_, _, first)| is_same_kind(first, report)) {
                    Some((count, ..)) => *count += 1,
                    None => kinds.push((1, reason, report)),
                }
            }
            (ReadingOutcome::Unreadable | ReadingOutcome::NotOffered, _) => {}
        }
    }
    let most = kinds.into_iter().max_by_key(|(count, reason, _)| (*count, *reason));
    Some(most.map_or_else(internal, |(_, reason, report)| unread(reason, report)))
}

fn is_essential(report: &ReadingReport) -> bool {
    ReadingKind::essential().any(|kind| kind == report.reading)
}

fn is_same_kind(one: &ReadingReport, other: &ReadingReport) -> bool {
    let cause = |report: &ReadingReport| report.cause.as_ref().map(std::mem::discriminant);
    one.reason == other.reason && cause(one) == cause(other)
}

fn unread(reason: UnknownReason, report: &ReadingReport) -> Failure {
    let (kind, cause) = (report.reading, report.cause.as_ref());
    let is_our_request = cause == Some(&Cause::RequestRefused);
    let (who_must_act, retryable) = match reason {
        UnknownReason::ApiError if is_our_request => (WhoMustAct::Safe, false),
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
        other => hints::code_of(kind, other, cause).name(),
    };
    let said = report.message.as_deref().unwrap_or_default();
    let mut message = format!("None of the tenant's essential settings could be read. {said}");
    let has_advice =
        matches!(reason, UnknownReason::Forbidden | UnknownReason::NotSupported) || is_our_request;
    if has_advice {
        let end = if message.ends_with(['.', '”']) { "" } else { "." };
        message = format!("{message}{end} {}", hints::hint(kind, reason, cause));
    }
    Failure { code: code.to_owned(), who_must_act, message, retryable }
}
