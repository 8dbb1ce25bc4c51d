//! Classifies an exchange with the token endpoint: a token, or a problem and whether to retry.

use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest::header::LOCATION;

use crate::connect_error::Problem;
use crate::rate_limit::RateLimitHeaders;
use crate::token::oauth_error::ResponseContext;
use crate::token::response::{self, TokenResponseError};
use crate::token::{Token, oauth_error, rate_limited, transport_error};
use crate::token_backoff::BackoffWindow;
use crate::transport::{Answer, BodyFault, TransportError};

#[derive(Debug)]
pub(crate) struct Failure {
    pub problem: Problem,
    pub retry: Retry,
}

/// Whether to retry.
#[derive(Debug)]
pub(crate) enum Retry {
    Never,
    /// 429. `backoff`: set if the endpoint states its end.
    RateLimited {
        headers: RateLimitHeaders,
        backoff: Option<BackoffWindow>,
    },
    /// A transient fault. `stated`: when the endpoint allows a retry.
    Transient {
        stated: Option<Timestamp>,
    },
}

pub(crate) fn classify(
    result: Result<Answer, TransportError>,
    context: ResponseContext<'_>,
) -> Result<Token, Box<Failure>> {
    let answer = result.map_err(|fault| no_answer(fault, context))?;
    let status = answer.status;
    if status == StatusCode::TOO_MANY_REQUESTS {
        return Err(too_many_requests(&answer, context));
    }
    if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT {
        let stated = RateLimitHeaders::read(&answer.headers, context.now).retry_after;
        let problem = transport_error::unavailable(context.domain, status);
        return Err(Box::new(Failure { problem, retry: Retry::Transient { stated } }));
    }
    let body = answer.body.as_deref().map_err(|fault| no_answer((*fault).into(), context))?;
    if status != StatusCode::OK {
        let location = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        return Err(refused(oauth_error::classify(status, location, body, context)));
    }
    response::read(body, context.now).map_err(|fault| match fault {
        // Without a length, a cut looks like the end.
        TokenResponseError::Incomplete if answer.ends_with_connection => {
            no_answer(BodyFault::Cut.into(), context)
        }
        TokenResponseError::Incomplete | TokenResponseError::NotJson => {
            refused(oauth_error::not_auth0(context, "does not answer in JSON"))
        }
        TokenResponseError::NotUnderstood => refused(oauth_error::no_token(context)),
    })
}

fn no_answer(fault: TransportError, context: ResponseContext<'_>) -> Box<Failure> {
    let problem = transport_error::problem(fault, context.domain, context.permission);
    let retry = if fault.is_transient() { Retry::Transient { stated: None } } else { Retry::Never };
    Box::new(Failure { problem, retry })
}

fn too_many_requests(answer: &Answer, context: ResponseContext<'_>) -> Box<Failure> {
    let body = answer.body.as_deref().unwrap_or_default();
    let scope = rate_limited::classify(&answer.headers, body);
    let headers = RateLimitHeaders::read(&answer.headers, context.now);
    let stated = headers.stated_retry_at(context.now, context.longest_wait);
    let problem = rate_limited::problem(context.domain, scope, stated, context.now);
    let backoff = stated.map(|until| BackoffWindow { scope, until });
    Box::new(Failure { problem, retry: Retry::RateLimited { headers, backoff } })
}

fn refused(problem: Problem) -> Box<Failure> {
    Box::new(Failure { problem, retry: Retry::Never })
}
