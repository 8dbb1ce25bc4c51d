//! The error table of the token endpoint: a code for each refusal, and the setting to change. Matches Auth0's texts,
//! current and former.

use std::time::Duration;

use domain::address::Permission;
use domain::connection_test::{StepCode, StepName};
use domain::sync::WhoMustAct;
use jiff::Timestamp;
use reqwest::StatusCode;
use serde_json::Value;

use crate::connect_error::Problem;
use crate::redact::redacted_excerpt;

/// The request, as far as the classification and its messages need it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ResponseContext<'a> {
    /// The host.
    pub domain: &'a str,
    pub permission: Permission,
    pub audience: &'a str,
    /// False for an audience outside Auth0's own and the configured hosts.
    pub audience_is_known: bool,
    /// Redacted in quoted text.
    pub secret: &'a str,
    /// The maximum backoff.
    pub longest_wait: Duration,
    pub now: Timestamp,
}

/// The OAuth error response.
struct Envelope {
    error: String,
    description: String,
}

/// Classifies a response with a status of 300 or more, except 429, 408 and 5xx.
pub(crate) fn classify(
    status: StatusCode,
    location: Option<&str>,
    body: &[u8],
    context: ResponseContext<'_>,
) -> Problem {
    if status.is_redirection() {
        return redirected(location, context);
    }
    match envelope(body) {
        Some(refusal) if status != StatusCode::NOT_FOUND => refused(status, &refusal, context),
        _ => not_auth0(context, &format!("answered {status} without an OAuth error")),
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

fn refused(status: StatusCode, refusal: &Envelope, context: ResponseContext<'_>) -> Problem {
    let says = |words: &str| {
        refusal.description.to_ascii_lowercase().starts_with(&words.to_ascii_lowercase())
    };
    match refusal.error.as_str() {
        "unauthorized_client" | "unsupported_grant_type" => grant_not_allowed(),
        _ if status == StatusCode::UNAUTHORIZED => invalid_client(context),
        "invalid_client" => invalid_client(context),
        "access_denied"
            if says("Service not found") || says("Service not enabled within domain") =>
        {
            unknown_audience(context)
        }
        "access_denied" if says("Non-global clients are not allowed") => unknown_audience(context),
        "access_denied" if says("Client is not authorized to access") => not_authorized(context),
        "access_denied" | "invalid_scope" => denied_otherwise(refusal, context),
        _ => not_understood(status, refusal, context),
    }
}

fn invalid_client(context: ResponseContext<'_>) -> Problem {
    Problem::caused_by_customer(
        StepName::Token,
        StepCode::InvalidClient,
        format!("{} does not accept this Client ID with this Client Secret.", context.domain),
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

fn unknown_audience(context: ResponseContext<'_>) -> Problem {
    if !context.audience_is_known {
        return Problem::caused_by_customer(
            StepName::Audience,
            StepCode::CustomDomainAudience,
            format!(
                "{} is not the tenant's own domain: a custom domain cannot stand in the API Audience.",
                redacted_excerpt(context.audience, &[])
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
            context.domain,
            redacted_excerpt(context.audience, &[])
        ),
        "Copy the Identifier from the Auth0 dashboard under Applications > APIs > Auth0 Management API > \
         Settings, with its region and its last slash, such as https://acme.eu.auth0.com/api/v2/.",
    )
}

fn not_authorized(context: ResponseContext<'_>) -> Problem {
    Problem::caused_by_customer(
        StepName::Audience,
        StepCode::ClientNotAuthorized,
        format!(
            "This application is not authorised for the API {}.",
            redacted_excerpt(context.audience, &[])
        ),
        "In the Auth0 dashboard open Applications > APIs > Auth0 Management API > Machine to Machine \
         Applications, switch your application on and select read:attack_protection, read:mfa_policies \
         and read:stats.",
    )
}

fn denied_otherwise(refusal: &Envelope, context: ResponseContext<'_>) -> Problem {
    Problem::caused_by_customer(
        StepName::Audience,
        StepCode::ClientNotAuthorized,
        format!("The tenant denies access: {}", describe(refusal, context)),
        "Check in the Auth0 dashboard the application's access to the Auth0 Management API (Applications > \
         APIs) and any Action of the Machine to Machine flow that denies access (Actions > Triggers).",
    )
}

fn not_understood(status: StatusCode, refusal: &Envelope, context: ResponseContext<'_>) -> Problem {
    Problem::caused_by_customer(
        StepName::Token,
        StepCode::NotUnderstood,
        format!("{} refused the token request ({status}) in a way that is not known: {}",
            context.domain, describe(refusal, context)),
        "Check Monitoring > Logs in the Auth0 dashboard for the failed exchange. If it says nothing that \
         helps, report this message to the operator of this service.",
    )
    .acted_on_by(WhoMustAct::Safe)
}

fn redirected(location: Option<&str>, context: ResponseContext<'_>) -> Problem {
    let target = location.and_then(|text| url::Url::parse(text).ok());
    let to = target.as_ref().and_then(url::Url::host_str).unwrap_or("another address");
    not_auth0(
        context,
        &format!(
            "redirects to {}, and redirects are not followed",
            redacted_excerpt(to, &[context.secret])
        ),
    )
}

/// The host is not a tenant. `what`: what it does instead.
pub(crate) fn not_auth0(context: ResponseContext<'_>, what: &str) -> Problem {
    Problem::caused_by_customer(
        StepName::Token,
        StepCode::NotAuth0,
        format!("{} is not an Auth0 tenant: its token endpoint {what}.", context.domain),
        "The API Identifier must be the address of the tenant, as the Auth0 dashboard shows it under \
         Applications > APIs > Auth0 Management API > Settings > Identifier.",
    )
}

/// A 200 with JSON but without a token.
pub(crate) fn no_token(context: ResponseContext<'_>) -> Problem {
    Problem::caused_by_customer(
        StepName::Token,
        StepCode::NotUnderstood,
        format!("{} accepted the credentials and gave no usable access token.", context.domain),
        "Check that the API Identifier is the address of the tenant. If it is, report this message to the \
         operator of this service.",
    )
    .acted_on_by(WhoMustAct::Safe)
}

fn describe(refusal: &Envelope, context: ResponseContext<'_>) -> String {
    let text = if refusal.description.is_empty() { &refusal.error } else { &refusal.description };
    redacted_excerpt(text, &[context.secret])
}

#[cfg(test)]
mod tests;
