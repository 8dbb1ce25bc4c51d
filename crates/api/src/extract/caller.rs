//! The caller: 401 without an acceptable token, 403 when the role does not suffice. Named first in
//! a handler's arguments, so that nothing else is looked at before.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, MatchedPath};
use domain::OrganisationId;
use engine::Actor;
use http::header::AUTHORIZATION;
use http::request::Parts;
use jiff::Timestamp;
use store::TokenHash;

use super::Authenticator;
use crate::auth::{Identity, Role, TokenError};
use crate::middleware::RequestContext;
use crate::problem::ApiError;
use crate::routes::tests_a_connection;

/// How soon to try again when the keys cannot be had, in seconds.
const KEYS_RETRY_AFTER_S: u32 = 30;

/// Who asks, and from where.
#[derive(Debug, Clone)]
pub struct Caller {
    identity: Identity,
    ends_at: Option<Timestamp>,
    context: RequestContext,
}

impl Caller {
    /// Everything the caller may see belongs to it.
    pub fn organisation(&self) -> &OrganisationId {
        &self.identity.organisation_id
    }

    /// Who, for programs.
    pub fn subject(&self) -> &str {
        &self.identity.subject
    }

    /// When the caller itself ends, if it is an API credential.
    pub fn ends_at(&self) -> Option<Timestamp> {
        self.ends_at
    }

    /// For the audit and for Started By.
    pub fn actor(&self) -> Actor {
        Actor {
            organisation_id: self.identity.organisation_id.clone(),
            subject: self.identity.subject.clone(),
            email: self.identity.email.clone(),
            source_address: self.context.client_address(),
            request_id: self.context.request_id().to_owned(),
        }
    }
}

/// Any caller whose token is good.
pub struct Viewer(pub Caller);

/// A caller who may change things.
pub struct Admin(pub Caller);

impl<S: Send + Sync> FromRequestParts<S> for Viewer
where
    Authenticator: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let authenticator = Authenticator::from_ref(state);
        let caller = authenticate(parts, &authenticator).await?;
        check_connection_test_limit(parts, &authenticator, &caller)?;
        Ok(Self(caller))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Admin
where
    Authenticator: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let authenticator = Authenticator::from_ref(state);
        let caller = authenticate(parts, &authenticator).await?;
        if caller.identity.role == Role::Viewer {
            return Err(ApiError::Forbidden("this needs the role admin"));
        }
        check_connection_test_limit(parts, &authenticator, &caller)?;
        Ok(Self(caller))
    }
}

fn check_connection_test_limit(
    parts: &Parts,
    authenticator: &Authenticator,
    caller: &Caller,
) -> Result<(), ApiError> {
    let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    if !tests_a_connection(&parts.method, route) {
        return Ok(());
    }
    authenticator.admit_connection_test(&caller.context, caller.organisation())
}

/// Limits are asked once it is known who asks, and before anything of the body is read.
async fn authenticate(parts: &Parts, authenticator: &Authenticator) -> Result<Caller, ApiError> {
    let context = parts.extensions.get::<RequestContext>().cloned();
    let context =
        context.ok_or_else(|| ApiError::internal("a route stands outside the middleware"))?;
    let stranger = |refusal| authenticator.refuse(&context, refusal);
    let token = bearer(parts).map_err(stranger)?;
    let (identity, ends_at) = match resolve_identity(token, authenticator, &context).await {
        Ok(known) => known,
        Err(refusal @ (ApiError::Unauthenticated(_) | ApiError::Forbidden(_))) => {
            return Err(stranger(refusal));
        }
        Err(fault) => return Err(fault),
    };
    context.set_actor(&identity.organisation_id, &identity.subject, &identity.email);
    authenticator.admit_caller(&context, &identity.organisation_id, &identity.subject)?;
    Ok(Caller { identity, ends_at, context })
}

/// Whom the token speaks for, and when they end.
async fn resolve_identity(
    token: &str,
    authenticator: &Authenticator,
    context: &RequestContext,
) -> Result<(Identity, Option<Timestamp>), ApiError> {
    let now = authenticator.clock.now();
    if !TokenHash::is_claimed_by(token) {
        let verified = authenticator.verifier.verify(token, now).await;
        let identity = verified.map_err(|refusal| {
            if let TokenError::Incomplete(_, known) | TokenError::Role(known) = &refusal {
                context.set_actor(&known.organisation_id, &known.subject, &known.email);
            }
            refuse(refusal)
        })?;
        return Ok((identity, None));
    }
    let refused = || ApiError::Unauthenticated(Some("the token is unknown, expired or revoked"));
    let hash = TokenHash::read(token).ok_or_else(refused)?;
    // Looking one up costs a query, so an address from which too much failed waits first, also with a
    // good one. A JWT costs no query and is never held up.
    authenticator.check_address(context)?;
    let credential = (authenticator.credentials)(hash, now).await?.ok_or_else(refused)?;
    Ok((Identity::from(&credential), Some(credential.expires_at)))
}

/// RFC 6750 section 2.1. A scheme other than Bearer names no token at all.
fn bearer(parts: &Parts) -> Result<&str, ApiError> {
    let mut values = parts.headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Err(ApiError::Unauthenticated(None)) };
    if values.next().is_some() {
        return Err(ApiError::Unauthenticated(Some("there are several Authorization headers")));
    }
    let text = value.to_str().map_err(|_| ApiError::Unauthenticated(None))?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
        return Err(ApiError::Unauthenticated(None));
    }
    Ok(token)
}

fn refuse(refusal: TokenError) -> ApiError {
    match refusal {
        TokenError::Token(why) | TokenError::Incomplete(why, _) => {
            ApiError::Unauthenticated(Some(why))
        }
        TokenError::Role(_) => ApiError::Forbidden("the role must be admin or viewer"),
        TokenError::NoKeys(cause) => ApiError::Unavailable {
            retry_after_s: KEYS_RETRY_AFTER_S,
            detail: "The keys that verify access tokens cannot be fetched at the moment.",
            cause: Some(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from(cause))),
        },
    }
}
