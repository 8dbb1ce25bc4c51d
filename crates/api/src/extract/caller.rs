//! The caller: 401 without an acceptable token, 403 when the role does not suffice. Named first in
//! a handler's arguments, so that nothing else is looked at before.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, MatchedPath};
use domain::OrganisationId;
use engine::Actor;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::auth::{Identity, Refusal, Role};
use crate::edge::{Context, Edge};
use crate::problem::ApiError;
use crate::routes::tests_a_connection;

/// How soon to try again when the keys cannot be had, in seconds.
const KEYS_RETRY_AFTER_S: u32 = 30;

/// Who asks, and from where.
#[derive(Debug, Clone)]
pub struct Caller {
    identity: Identity,
    context: Context,
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

    /// For the audit and for Started By.
    pub fn actor(&self) -> Actor {
        Actor {
            organisation_id: self.identity.organisation_id.clone(),
            subject: self.identity.subject.clone(),
            email: self.identity.email.clone(),
            source_address: self.context.source(),
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
    Edge: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        identify(parts, &Edge::from_ref(state)).await.map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Admin
where
    Edge: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let edge = Edge::from_ref(state);
        let caller = identify(parts, &edge).await?;
        if caller.identity.role == Role::Viewer {
            return Err(ApiError::Forbidden("this needs the role admin"));
        }
        let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        if tests_a_connection(&parts.method, route) {
            edge.admission.test(&caller.context, caller.organisation(), edge.clock.now())?;
        }
        Ok(Self(caller))
    }
}

/// Limits are asked once it is known who asks, and before anything of the body is read.
async fn identify(parts: &Parts, edge: &Edge) -> Result<Caller, ApiError> {
    let context = parts.extensions.get::<Context>().cloned();
    let context = context.ok_or_else(|| ApiError::internal("a route stands outside the frame"))?;
    let now = edge.clock.now();
    let stranger = |refusal: ApiError| match edge.admission.stranger(&context, now) {
        Ok(()) => refusal,
        Err(limited) => limited,
    };
    let token = bearer(parts).map_err(stranger)?;
    let identity = match edge.verifier.verify(token, now).await {
        Ok(identity) => identity,
        Err(Refusal::NoKeys(cause)) => return Err(no_keys(cause)),
        Err(refusal) => {
            if let Refusal::Incomplete(_, known) | Refusal::Role(known) = &refusal {
                context.set_actor(&known.organisation_id, &known.subject, &known.email);
            }
            return Err(stranger(refuse(refusal)));
        }
    };
    context.set_actor(&identity.organisation_id, &identity.subject, &identity.email);
    edge.admission.caller(&context, &identity.organisation_id, &identity.subject, now)?;
    Ok(Caller { identity, context })
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

fn refuse(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::Token(why) | Refusal::Incomplete(why, _) => ApiError::Unauthenticated(Some(why)),
        Refusal::Role(_) => ApiError::Forbidden("the role must be admin or viewer"),
        Refusal::NoKeys(cause) => no_keys(cause),
    }
}

fn no_keys(cause: String) -> ApiError {
    ApiError::Unavailable {
        retry_after_s: KEYS_RETRY_AFTER_S,
        detail: "The keys that verify access tokens cannot be fetched at the moment.",
        cause: Some(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from(cause))),
    }
}
