//! The error table of the token endpoint: each refusal told apart, with what to
//! click. The wordings are Auth0's own, old and new.

use domain::connection_test::{StepCode, StepName};
use domain::sync::WhoMustAct;
use reqwest::StatusCode;
use serde_json::Value;

use crate::connect_error::Problem;
use crate::redact::redacted_excerpt;

/// What the messages need to know of the connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ErrorContext<'a> {
    /// Where the request went.
    pub domain: &'a str,
    pub audience: &'a str,
    /// False for an audience outside Auth0's own and the configured hosts.
    pub audience_is_known: bool,
    /// Cut out of whatever is quoted.
    pub secret: &'a str,
}

/// The OAuth envelope.
struct Envelope {
    error: String,
    description: String,
}

/// Judges an answer with a status from 300 on that is no 429, 408 or 5xx.
pub(crate) fn judge(
    status: StatusCode,
    location: Option<&str>,
    body: &[u8],
    about: ErrorContext<'_>,
) -> Problem {
    if status.is_redirection() {
        return redirected(location, about);
    }
    match envelope(body) {
        Some(refusal) if status != StatusCode::NOT_FOUND => refused(status, &refusal, about),
        _ => not_auth0(about, &format!("answered {status} without an OAuth error")),
    }
}

fn envelope(body: &[u8]) -> Option<Envelope> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Envelope {
        error: text("error")?,
        description: text("error_description").unwrap_or_default(),
    })
}

fn refused(status: StatusCode, refusal: &Envelope, about: ErrorContext<'_>) -> Problem {
    let says = |words: &str| {
        refusal.description.to_ascii_lowercase().starts_with(&words.to_ascii_lowercase())
    };
    match refusal.error.as_str() {
        "unauthorized_client" | "unsupported_grant_type" => grant_not_allowed(),
        _ if status == StatusCode::UNAUTHORIZED => invalid_client(about),
        "invalid_client" => invalid_client(about),
        "access_denied"
            if says("Service not found") || says("Service not enabled within domain") =>
        {
            unknown_audience(about)
        }
        "access_denied" if says("Non-global clients are not allowed") => unknown_audience(about),
        "access_denied" if says("Client is not authorized to access") => not_authorized(about),
        "access_denied" | "invalid_scope" => denied_otherwise(refusal, about),
        _ => not_understood(status, refusal, about),
    }
}

fn invalid_client(about: ErrorContext<'_>) -> Problem {
    Problem::caused_by_customer(
        StepName::Token,
        StepCode::InvalidClient,
        format!("{} does not accept this Client ID with this Client Secret.", about.domain),
        "In the Auth0 dashboard open Applications > Applications > your Machine to Machine application > \
         Settings and copy Client ID and Client Secret again. Under Credentials the authentication \
         method must be Client Secret (Post). Check that the API Identifier is of the same tenant.",
    )
}

fn grant_not_allowed() -> Problem {
    Problem::caused_by_customer(
        StepName::Token,
        StepCode::GrantNotAllowed,
        "This application may not use the Client Credentials grant.",
        "In the Auth0 dashboard open Applications > Applications > your application > Settings > Advanced \
         Settings > Grant Types and switch Client Credentials on, or make a Machine to Machine application.",
    )
}

fn unknown_audience(about: ErrorContext<'_>) -> Problem {
    if !about.audience_is_known {
        return Problem::caused_by_customer(
            StepName::Audience,
            StepCode::CustomDomainAudience,
            format!(
                "{} is not the tenant's own domain: a custom domain cannot stand in the API Audience.",
                redacted_excerpt(about.audience, &[])
            ),
            "Use the Identifier shown in the Auth0 dashboard under Applications > APIs > Auth0 Management \
             API > Settings, such as https://acme.eu.auth0.com/api/v2/.",
        );
    }
    Problem::caused_by_customer(
        StepName::Audience,
        StepCode::UnknownAudience,
        format!(
            "{} has no API with the identifier {}.",
            about.domain,
            redacted_excerpt(about.audience, &[])
        ),
        "Copy the Identifier from the Auth0 dashboard under Applications > APIs > Auth0 Management API > \
         Settings, with its region and its last slash, such as https://acme.eu.auth0.com/api/v2/.",
    )
}

fn not_authorized(about: ErrorContext<'_>) -> Problem {
    Problem::caused_by_customer(
        StepName::Audience,
        StepCode::ClientNotAuthorized,
        format!(
            "This application is not authorised for the API {}.",
            redacted_excerpt(about.audience, &[])
        ),
        "In the Auth0 dashboard open Applications > APIs > Auth0 Management API > Machine to Machine \
         Applications, switch your application on and select read:attack_protection, read:mfa_policies \
         and read:stats.",
    )
}

fn denied_otherwise(refusal: &Envelope, about: ErrorContext<'_>) -> Problem {
    Problem::caused_by_customer(
        StepName::Audience,
        StepCode::ClientNotAuthorized,
        format!("The tenant denies access: {}", describe(refusal, about)),
        "Check in the Auth0 dashboard the application's access to the Auth0 Management API (Applications > \
         APIs) and any Action of the Machine to Machine flow that denies access (Actions > Triggers).",
    )
}

fn not_understood(status: StatusCode, refusal: &Envelope, about: ErrorContext<'_>) -> Problem {
    Problem::caused_by_customer(
        StepName::Token,
        StepCode::NotUnderstood,
        format!("{} refused the token request ({status}) in a way that is not known: {}",
            about.domain, describe(refusal, about)),
        "Check Monitoring > Logs in the Auth0 dashboard for the failed exchange. If it says nothing that \
         helps, report this message to the operator of this service.",
    )
    .acted_on_by(WhoMustAct::Safe)
}

fn redirected(location: Option<&str>, about: ErrorContext<'_>) -> Problem {
    let target = location.and_then(|text| url::Url::parse(text).ok());
    let to = target.as_ref().and_then(url::Url::host_str).unwrap_or("another address");
    not_auth0(
        about,
        &format!(
            "redirects to {}, and redirects are not followed",
            redacted_excerpt(to, &[about.secret])
        ),
    )
}

/// Something else than a tenant answers; `what` it does.
pub(crate) fn not_auth0(about: ErrorContext<'_>, what: &str) -> Problem {
    Problem::caused_by_customer(
        StepName::Token,
        StepCode::NotAuth0,
        format!("{} is not an Auth0 tenant: its token endpoint {what}.", about.domain),
        "The API Identifier must be the address of the tenant, as the Auth0 dashboard shows it under \
         Applications > APIs > Auth0 Management API > Settings > Identifier.",
    )
}

/// A 200 with JSON, and no token in it.
pub(crate) fn no_token(about: ErrorContext<'_>) -> Problem {
    Problem::caused_by_customer(
        StepName::Token,
        StepCode::NotUnderstood,
        format!("{} accepted the credentials and gave no usable access token.", about.domain),
        "Check that the API Identifier is the address of the tenant. If it is, report this message to the \
         operator of this service.",
    )
    .acted_on_by(WhoMustAct::Safe)
}

fn describe(refusal: &Envelope, about: ErrorContext<'_>) -> String {
    let text = if refusal.description.is_empty() { &refusal.error } else { &refusal.description };
    redacted_excerpt(text, &[about.secret])
}

#[cfg(test)]
mod tests;
