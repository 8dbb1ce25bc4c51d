//! Messages and hints for the probes and scopes of a connection test.

use domain::connection_test::{Step, StepCode, StepName, StepStatus};
use domain::coverage::Forecast;
use domain::inconclusive::UnknownReason;
use domain::readings::{Need, Part, ReadingKind};
use domain::scope::Scopes;
use domain::sync::{Cause, ReadingReport};
use domain::tenant::Outcome;

const TOO_LONG: &str = "This tenant has more than this service reads. The checks that need it stay \
    unknown; everything else works.";

const TOKEN_REFUSED: &str = "Auth0 gave this token and its Management API does not take it. Look at the \
    API Audience first: it must be the Identifier under Applications > APIs > Auth0 Management API > \
    Settings, letter by letter, with its last slash, and not that of another API. A token that a custom \
    domain gave is good on that domain only, so the API Identifier must not be a host that hands calls on \
    to the tenant's own.";

const NOT_HERE: &str = "Auth0 has no such resource at this address. A release of Auth0 that is older than the \
    resource, as in a private cloud, may answer so, and so may an API Identifier that is not the tenant's own \
    address. The checks that need it stay unknown; everything else works.";

const ACCOUNT_NOT_ALLOWED: &str = "Auth0 asks something of the tenant's account first, which its message \
    names, such as a verified credit card or a word with Auth0's support. The checks that need it stay \
    unknown; everything else works.";

const RETIRED: &str = "Auth0 has retired this feature here. Nothing is to be done: the checks that need it do \
    not apply.";

const ONLY_SOME_TENANTS: &str = "Auth0 offers this to some tenants only. Nothing is to be done: the checks that \
    need it do not apply.";

/// The code of a failed reading.
pub fn code_of(kind: ReadingKind, reason: UnknownReason, cause: Option<&Cause>) -> StepCode {
    match reason {
        UnknownReason::ApiError if cause == Some(&Cause::RequestRefused) => StepCode::NotUnderstood,
        UnknownReason::MissingScope => StepCode::MissingScope,
        UnknownReason::RateLimited => StepCode::RateLimited,
        UnknownReason::TimedOut => StepCode::Timeout,
        UnknownReason::Forbidden => StepCode::ClientNotAuthorized,
        UnknownReason::ApiError => StepCode::Auth0Unavailable,
        // Every tenant has the essential resources, so the host is not a tenant.
        UnknownReason::NotSupported if kind.need() == Need::Essential => StepCode::NotAuth0,
        // A 404 says nothing about the plan.
        UnknownReason::NotSupported | UnknownReason::NotUnderstood | UnknownReason::Truncated => {
            StepCode::NotUnderstood
        }
        UnknownReason::PlanUnavailable => StepCode::PlanUnavailable,
    }
}

/// The step of one probe.
pub fn probe(outcome: &Outcome, report: &ReadingReport) -> Step {
    let kind = report.reading;
    let (status, code, message, hint) = match outcome {
        Outcome::Read(_) => {
            (StepStatus::Passed, StepCode::Ok, format!("{} was read.", kind.resource()), None)
        }
        Outcome::Unreadable { reason, message } => {
            let code = code_of(kind, *reason, report.cause.as_ref());
            let hint = hint(kind, *reason, report.cause.as_ref());
            (StepStatus::Failed, code, message.clone(), Some(hint))
        }
        Outcome::NotOffered { message, .. } => {
            let hint = match report.cause {
                Some(Cause::FeatureRetired) => RETIRED,
                _ => ONLY_SOME_TENANTS,
            };
            (StepStatus::Failed, StepCode::PlanUnavailable, message.clone(), Some(hint.to_owned()))
        }
    };
    Step {
        name: StepName::Probe,
        reading: Some(kind),
        status,
        code,
        message,
        hint,
        duration_ms: report.duration_ms,
    }
}

/// What to do about a failed reading.
pub fn hint(kind: ReadingKind, reason: UnknownReason, cause: Option<&Cause>) -> String {
    match cause {
        Some(Cause::TokenRefused | Cause::NoManagementToken) => TOKEN_REFUSED.to_owned(),
        Some(Cause::NoOtherToken { hint }) => hint.clone(),
        Some(Cause::RequestRefused) => request_refused(kind),
        Some(Cause::LimitedUntil(then)) => format!(
            "The tenant's Management API rate limit is used up, by this or by another client. Try \
             again after {then}."
        ),
        Some(Cause::OtherScopes(scopes)) => grant_hint(&scopes.join(" or ")),
        Some(Cause::AccountNotAllowed) => ACCOUNT_NOT_ALLOWED.to_owned(),
        Some(Cause::FeatureRetired) => RETIRED.to_owned(),
        None if reason == UnknownReason::Truncated => TOO_LONG.to_owned(),
        None if reason == UnknownReason::NotSupported && kind.need() != Need::Essential => {
            NOT_HERE.to_owned()
        }
        None => hint_of(kind, code_of(kind, reason, None)),
    }
}

fn request_refused(kind: ReadingKind) -> String {
    let effect = match kind.need() {
        Need::Essential => "nothing can be saved without it",
        _ => "the checks that need it stay unknown",
    };
    format!(
        "Auth0 refuses what this service asks for, so trying again does not help, and {effect}. Please \
         report it to SAFE, with this message."
    )
}

fn hint_of(kind: ReadingKind, code: StepCode) -> String {
    let is_essential = kind.need() == Need::Essential;
    match code {
        StepCode::PlanUnavailable if is_essential => {
            "Every Auth0 plan has this, and nothing can be \
            saved without it. Look whether the API Identifier is the tenant's own, then ask Auth0."
                .to_owned()
        }
        StepCode::NotUnderstood if is_essential => {
            "Auth0 answered something that this service does \
            not know, and nothing can be saved without it. Look whether a proxy answers in Auth0's \
            place; else please report it to SAFE."
                .to_owned()
        }
        StepCode::MissingScope => grant_hint(kind.scope().unwrap_or_default()),
        StepCode::PlanUnavailable => "The tenant's Auth0 plan does not include this feature. The \
            checks that need it stay unknown; everything else works."
            .to_owned(),
        StepCode::RateLimited => {
            "The tenant's Management API rate limit is used up, by this or by \
            another client. Try again in a minute."
                .to_owned()
        }
        StepCode::Timeout => "Auth0 did not answer in time. Try again; if it goes on, look at \
            Auth0's status page."
            .to_owned(),
        StepCode::ClientNotAuthorized => {
            "Auth0 refuses this application. Look for a Tenant Access \
            Control List or a policy that blocks this service's addresses, and at the grant under \
            Applications > APIs > Auth0 Management API > Machine to Machine Applications."
                .to_owned()
        }
        StepCode::NotAuth0 => {
            "This host does not answer like an Auth0 Management API. Copy the API \
            Identifier from Applications > APIs > Auth0 Management API > Settings."
                .to_owned()
        }
        StepCode::NotUnderstood => "Auth0 answered something that this service does not know. The \
            checks that need it stay unknown. Please report it to SAFE."
            .to_owned(),
        _ => "Auth0, or the way to it, failed. Try again in a few minutes.".to_owned(),
    }
}

/// Adds a hint to a reading from which Auth0 left members out because a scope is missing: the checks that need them.
pub fn hint_at_parts(step: &mut Step, granted: &Scopes, forecast: &Forecast) {
    let Some(reading) = step.reading.filter(|_| step.status == StepStatus::Passed) else { return };
    let hints =
        Part::for_kind(reading).filter(|part| !part.is_given_to(granted)).filter_map(|part| {
            let waits = |scopes: &[String]| scopes.iter().any(|scope| scope == part.scope());
            let waiting: Vec<_> =
                forecast.not_runnable.iter().filter(|check| waits(&check.scopes)).collect();
            let names: Vec<_> = waiting.iter().map(|check| check.check_id.as_str()).collect();
            (!names.is_empty()).then(|| {
                format!(
                    "Auth0 gives {} with the scope {} only, which these checks wait for: {}. {}",
                    part.member,
                    part.scope(),
                    names.join(", "),
                    grant_hint(part.scope())
                )
            })
        });
    let hints: Vec<_> = hints.collect();
    if !hints.is_empty() {
        step.hint = Some(hints.join(" "));
    }
}

/// The message of a passed step.
pub fn passed_message(name: StepName) -> &'static str {
    match name {
        StepName::Reachability => "The tenant's host answers.",
        StepName::Token => "The client ID and secret are accepted.",
        _ => "The audience is the tenant's Management API, and the application may use it.",
    }
}

fn grant_hint(scopes: &str) -> String {
    format!(
        "In Auth0, open Applications > APIs > Auth0 Management API > Machine to Machine \
         Applications, expand this application, select {scopes} and press Update. Then test again."
    )
}

/// The step of the audience if the Management API rejects the token as not its own.
pub fn wrong_audience(message: &str) -> Step {
    Step {
        name: StepName::Audience,
        reading: None,
        status: StepStatus::Failed,
        code: StepCode::UnknownAudience,
        message: message.to_owned(),
        hint: Some(TOKEN_REFUSED.to_owned()),
        duration_ms: None,
    }
}

/// The step of the granted scopes.
pub fn scopes(granted: Option<&Scopes>) -> Step {
    let step = |status, code, message: String, hint| Step {
        name: StepName::Scopes,
        reading: None,
        status,
        code,
        message,
        hint,
        duration_ms: None,
    };
    let Some(granted) = granted else {
        return step(
            StepStatus::Failed,
            StepCode::NotUnderstood,
            "The token answer does not say which scopes were granted.".to_owned(),
            Some(
                "Check that the API Audience is the identifier of the Auth0 Management API, \
                  with its last slash."
                    .to_owned(),
            ),
        );
    };
    let missing = granted.missing_required();
    if !missing.is_empty() {
        let message = format!("Required scopes are not granted: {}.", missing.join(", "));
        let hint = Some(grant_hint(&missing.join(", ")));
        return step(StepStatus::Failed, StepCode::MissingScope, message, hint);
    }
    let unneeded = domain::checks::scopes::unneeded(granted);
    let hint = (!unneeded.is_empty()).then(|| {
        let can_write = unneeded.iter().any(|scope| !scope.starts_with("read:"));
        let write = if can_write { " Some of them can change the tenant." } else { "" };
        format!("Not needed here, take them away: {}.{write}", unneeded.join(", "))
    });
    let message = "The required scopes are granted.".to_owned();
    step(StepStatus::Passed, StepCode::Ok, message, hint)
}

#[cfg(test)]
mod tests;
