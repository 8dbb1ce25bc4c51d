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
use crate::auth::{Identity, TokenError};
use crate::middleware::{Authenticator, RequestContext};
use crate::problem::ApiError;

/// `Retry-After` when the signing keys are unavailable.
const KEYS_RETRY_AFTER_S: u32 = 30;

/// The authenticated caller and the origin of the request.
#[derive(Debug, Clone)]
pub struct Caller {
    identity: Identity,
    ends_at: Option<Timestamp>,
    context: RequestContext,
}

impl Caller {
    pub fn organisation(&self) -> &OrganisationId {
        &self.identity.organisation_id
    }

    pub fn subject(&self) -> &str {
        &self.identity.subject
    }

    /// The expiry of the API credential; none for JWTs of the identity provider.
    pub fn ends_at(&self) -> Option<Timestamp> {
        self.ends_at
    }

    /// The caller as the audit and the history record it.
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

impl<S: Send + Sync> FromRequestParts<S> for Caller
where
    Authenticator: FromRef<S>,
{
    type Rejection = ApiError;

    /// Also checks the role, and the rate limit of connection tests where the operation declares it.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let authenticator = Authenticator::from_ref(state);
        let operation = matched_operation(&parts.extensions)?;
        let caller = authenticate(parts, &authenticator).await?;
        if !operation.declared.access.allows(caller.identity.role) {
            return Err(ApiError::Forbidden("this needs the role admin"));
        }
        if operation.declared.tests_connection {
            authenticator.admit_connection_test(&caller.context, caller.organisation())?;
        }
        Ok(caller)
    }
}

/// Rate limits apply once the caller is known, before the body is read.
async fn authenticate(parts: &Parts, authenticator: &Authenticator) -> Result<Caller, ApiError> {
    let context = parts.extensions.get::<RequestContext>().cloned();
    let context = context.ok_or_else(|| ApiError::internal("the request has no context"))?;
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

/// The identity behind the token, and its expiry if it is an API credential.
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
    // A lookup costs a query, so an address over its limit is refused first, even with a valid token. A JWT needs
    // no query and is never refused.
    authenticator.check_address(context)?;
    let credential = (authenticator.credentials)(hash, now).await?.ok_or_else(refused)?;
    Ok((Identity::from(&credential), Some(credential.expires_at)))
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
