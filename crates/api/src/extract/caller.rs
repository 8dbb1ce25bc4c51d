//! The caller: 401 without a valid token, 403 without the role that the operation declares. First argument of a
//! handler, so that nothing else is read before.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use domain::OrganisationId;
use engine::Actor;
use http::header::AUTHORIZATION;
use http::request::Parts;
use jiff::Timestamp;
use store::TokenHash;

use super::matched_operation;
use crate::auth::{Identity, Role, TokenError};
use crate::middleware::{Authenticator, RequestContext};
use crate::problem::ApiError;

/// `Retry-After` when the signing keys are unavailable.
const KEYS_RETRY_AFTER_S: u32 = 30;

/// The authenticated caller, whose role allows the operation.
#[derive(Debug, Clone)]
pub struct Caller {
    pub actor: Actor,
    /// The expiry of the API credential; none for JWTs of the identity provider.
    pub ends_at: Option<Timestamp>,
}

impl Caller {
    pub fn organisation(&self) -> &OrganisationId {
        &self.actor.organisation_id
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller
where
    Authenticator: FromRef<S>,
{
    type Rejection = ApiError;

    /// Also checks the role, and the rate limit of connection tests where the operation declares it.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let authenticator = Authenticator::from_ref(state);
        let operation = matched_operation(&parts.extensions)?;
        let context = RequestContext::from_request_parts(parts, state).await?;
        let (caller, role) = authenticate(parts, &authenticator, &context).await?;
        if !operation.declared.access.allows(role) {
            return Err(ApiError::Forbidden("this needs the role admin"));
        }
        if operation.declared.tests_connection {
            authenticator.admit_connection_test(&context, caller.organisation())?;
        }
        Ok(caller)
    }
}

/// Rate limits apply once the caller is known, before the body is read.
async fn authenticate(
    parts: &Parts,
    authenticator: &Authenticator,
    context: &RequestContext,
) -> Result<(Caller, Role), ApiError> {
    let refuse = |error| authenticator.refuse(context, error);
    let token = bearer(parts).map_err(refuse)?;
    let (identity, role, ends_at) = match resolve_identity(token, authenticator, context).await {
        Ok(resolved) => resolved,
        Err(error @ (ApiError::Unauthenticated(_) | ApiError::Forbidden(_))) => {
            return Err(refuse(error));
        }
        Err(fault) => return Err(fault),
    };
    let actor = context.actor_for(identity);
    context.set_actor(actor.clone());
    authenticator.admit_caller(context, &actor.organisation_id, &actor.subject)?;
    Ok((Caller { actor, ends_at }, role))
}

/// The identity and role behind the token, and its expiry if it is an API credential.
async fn resolve_identity(
    token: &str,
    authenticator: &Authenticator,
    context: &RequestContext,
) -> Result<(Identity, Role, Option<Timestamp>), ApiError> {
    let now = authenticator.clock.now();
    if !TokenHash::is_claimed_by(token) {
        return match authenticator.verifier.verify(token, now).await {
            Ok((identity, role)) => Ok((identity, role, None)),
            Err(error) => Err(token_problem(error, context)),
        };
    }
    let refused = || ApiError::Unauthenticated(Some("the token is unknown, expired or revoked"));
    let hash = TokenHash::read(token).ok_or_else(refused)?;
    // A lookup costs a query, so an address over its limit is refused first, unless the token was valid not long ago.
    // A JWT needs no query and is never refused.
    authenticator.check_address(context, hash)?;
    let known = &authenticator.rates.known;
    let Some(credential) = (authenticator.credentials)(hash, now).await? else {
        known.forget(hash);
        return Err(refused());
    };
    known.remember(hash, &credential.organisation_id, now);
    Ok((Identity::from(&credential), credential.role, Some(credential.expires_at)))
}

/// RFC 6750 section 2.1. Another scheme than Bearer counts as no token.
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

/// Also notes the identity, if the token names one, for the audit of the refusal.
fn token_problem(error: TokenError, context: &RequestContext) -> ApiError {
    match error {
        TokenError::Token(why) => ApiError::Unauthenticated(Some(why)),
        TokenError::Incomplete(why, identity) => {
            context.set_actor(context.actor_for(*identity));
            ApiError::Unauthenticated(Some(why))
        }
        TokenError::Role(identity) => {
            context.set_actor(context.actor_for(*identity));
            ApiError::Forbidden("the role must be admin or viewer")
        }
        TokenError::NoKeys(cause) => ApiError::Unavailable {
            retry_after_s: KEYS_RETRY_AFTER_S,
            detail: "The keys that verify access tokens are unavailable. Retry later.",
            cause: Some(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from(cause))),
        },
    }
}
