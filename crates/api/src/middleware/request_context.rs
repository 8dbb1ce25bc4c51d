//! The state of one request, from the first layer to its log event.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::{Clock, OrganisationId};
use engine::Actor;
use http::Method;
use http::request::Parts;
use tokio::sync::OwnedSemaphorePermit;
use tower_http::request_id::RequestId;

use super::request_id::OwnRequestId;
use crate::auth::Identity;
use crate::limits::{
    ConcurrencyPermit, Connection, RateLimitStatus, RateLimits, Share, TrustedProxies,
};
use crate::operation::Operation;
use crate::problem::ApiError;

/// Clones share the state.
#[derive(Debug, Clone)]
pub struct RequestContext(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    request_id: String,
    own_request_id: Option<String>,
    method: Method,
    path: String,
    operation: Option<&'static Operation>,
    /// The template of the path; none where no route matches.
    route: Option<String>,
    organisation: OnceLock<OrganisationId>,
    /// The permit of the request. Detached work keeps the context and so the permit: disconnecting does not evade the
    /// limit.
    permit: Mutex<Option<ConcurrencyPermit>>,
    /// The share of concurrent connection tests.
    share: OnceLock<Share<OrganisationId>>,
    /// The permit of the encoder that compresses the response.
    encoder: OnceLock<OwnedSemaphorePermit>,
    connection: OnceLock<Connection>,
    source: OnceLock<SocketAddr>,
    actor: OnceLock<Actor>,
    rate_limits: Mutex<Vec<RateLimitStatus>>,
}

impl RequestContext {
    /// For a request that has its id.
    pub fn new<B>(request: &http::Request<B>) -> Self {
        let id = request.extensions().get::<RequestId>();
        let id = id.and_then(|id| id.header_value().to_str().ok()).unwrap_or_default();
        let route = request.extensions().get::<MatchedPath>();
        Self(Arc::new(Inner {
            request_id: id.to_owned(),
            own_request_id: request.extensions().get::<OwnRequestId>().map(|id| id.0.clone()),
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            operation: Operation::matched(request.extensions()),
            route: route.map(|route| route.as_str().to_owned()),
            organisation: OnceLock::new(),
            permit: Mutex::default(),
            share: OnceLock::new(),
            encoder: OnceLock::new(),
            connection: OnceLock::new(),
            source: OnceLock::new(),
            actor: OnceLock::new(),
            rate_limits: Mutex::default(),
        }))
    }

    /// The request id, as in the log.
    pub fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// An id of this service's own, if the client has set the request id: it could have set the same one twice.
    pub fn own_request_id(&self) -> Option<&str> {
        self.0.own_request_id.as_deref()
    }

    pub fn method(&self) -> &Method {
        &self.0.method
    }

    /// What the route table declares about the request; none for unknown paths and for pages.
    pub fn operation(&self) -> Option<&'static Operation> {
        self.0.operation
    }

    /// The template of the path; none where no route matches.
    pub fn route(&self) -> Option<&str> {
        self.0.route.as_deref()
    }

    /// The path, without the query.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// Holds this permit instead of the previous one.
    pub fn hold_permit(&self, permit: ConcurrencyPermit) {
        *self.0.permit.lock().unwrap_or_else(PoisonError::into_inner) = Some(permit);
    }

    /// Releases the permit of an unauthenticated request when its response is ready: slow readers must not hold
    /// permits.
    pub fn release_unauthenticated_permit(&self) {
        let mut permit = self.0.permit.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*permit, Some(ConcurrencyPermit::Unauthenticated(_))) {
            *permit = None;
        }
    }

    pub fn set_connection(&self, connection: Connection) {
        // Set once: a request has one connection.
        let _ = self.0.connection.set(connection);
    }

    /// None without a socket.
    pub fn connection(&self) -> Option<&Connection> {
        self.0.connection.get()
    }

    /// Holds the share until the request and its response are dropped.
    pub fn hold_quota_permit(&self, share: Share<OrganisationId>) {
        // Set once: a request has one connection test.
        let _ = self.0.share.set(share);
    }

    /// Holds the permit until the request and its response are dropped.
    pub fn hold_encoder_permit(&self, permit: OwnedSemaphorePermit) {
        // Set once: a request has one response.
        let _ = self.0.encoder.set(permit);
    }

    pub fn set_client_address(&self, source: SocketAddr) {
        // Set once: a request has one connection.
        let _ = self.0.source.set(source);
    }

    /// The client address, without trusted proxies.
    pub fn client_address(&self) -> Option<SocketAddr> {
        self.0.source.get().copied()
    }

    /// Records a rate limit for the response headers. An error if the request exceeds it.
    pub fn record_rate_limit(&self, status: RateLimitStatus) -> Result<(), ApiError> {
        self.0.rate_limits.lock().unwrap_or_else(PoisonError::into_inner).push(status);
        let retry_after_s = status.retry_after_s();
        retry_after_s.map_or(Ok(()), |retry_after_s| Err(ApiError::RateLimited { retry_after_s }))
    }

    /// The rate limits that applied to the request.
    pub fn rate_limit_statuses(&self) -> Vec<RateLimitStatus> {
        self.0.rate_limits.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// This identity as the actor of this request.
    pub fn actor_for(&self, identity: Identity) -> Actor {
        let Identity { organisation_id, subject, email } = identity;
        Actor {
            organisation_id,
            subject,
            email,
            source_address: self.client_address(),
            request_id: self.request_id().to_owned(),
            own_request_id: self.own_request_id().map(str::to_owned),
        }
    }

    /// Records the identity of a verified token, also if it does not suffice, for the audit.
    pub fn set_actor(&self, actor: Actor) {
        self.set_organisation(actor.organisation_id.clone());
        let _ = self.0.actor.set(actor);
    }

    /// None until the token is verified.
    pub fn actor(&self) -> Option<&Actor> {
        self.0.actor.get()
    }

    /// Sets the organisation of a verified token.
    pub fn set_organisation(&self, id: OrganisationId) {
        // Set once: a request has one token.
        let _ = self.0.organisation.set(id);
    }

    /// None until the token is verified.
    pub fn organisation(&self) -> Option<&OrganisationId> {
        self.0.organisation.get()
    }
}

/// What tells the client address of a request.
pub struct ClientAddresses {
    pub proxies: TrustedProxies,
    pub rates: Arc<RateLimits>,
    pub clock: Arc<dyn Clock>,
}

/// Creates the context of a request.
pub async fn create(
    State(addresses): State<Arc<ClientAddresses>>,
    mut request: Request,
    next: Next,
) -> Response {
    let context = RequestContext::new(&request);
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        let ClientAddresses { proxies, rates, clock } = &*addresses;
        rates.unnamed_proxies.observe(proxies, peer.ip(), request.headers(), clock.now());
        context.set_client_address(proxies.source(*peer, request.headers()));
    }
    if let Some(connection) = request.extensions().get::<Connection>() {
        context.set_connection(connection.clone());
    }
    request.extensions_mut().insert(context);
    next.run(request).await
}

impl<S: Sync> FromRequestParts<S> for RequestContext {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let found = parts.extensions.get::<Self>().cloned();
        found.ok_or_else(|| ApiError::internal("the request has no context"))
    }
}
