//! What is known of a request from its first moment to its log line.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::OrganisationId;
use engine::Actor;
use http::Method;
use http::request::Parts;
use tokio::sync::OwnedSemaphorePermit;
use tower_http::request_id::RequestId;

use crate::limits::{ConcurrencyPermit, Connection, RateLimitStatus, Share, TrustedProxies};
use crate::operation::Operation;
use crate::problem::ApiError;

/// Clones share everything.
#[derive(Debug, Clone)]
pub struct RequestContext(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    request_id: String,
    method: Method,
    path: String,
    operation: Option<&'static Operation>,
    /// The template of the path; none where no route matches.
    route: Option<String>,
    organisation: OnceLock<OrganisationId>,
    /// Its permit to be answered. Work that goes on after the client went away keeps the context, and so
    /// the permit: going away is no way around the cap.
    permit: Mutex<Option<ConcurrencyPermit>>,
    /// Likewise its share of the connection tests under way.
    share: OnceLock<Share<OrganisationId>>,
    /// And, while its answer is compressed, its encoder.
    encoder: OnceLock<OwnedSemaphorePermit>,
    connection: OnceLock<Connection>,
    source: OnceLock<SocketAddr>,
    actor: OnceLock<Actor>,
    rate_limits: Mutex<Vec<RateLimitStatus>>,
}

impl RequestContext {
    /// Of a request that has its id.
    pub fn new<B>(request: &http::Request<B>) -> Self {
        let id = request.extensions().get::<RequestId>();
        let id = id.and_then(|id| id.header_value().to_str().ok()).unwrap_or_default();
        let route = request.extensions().get::<MatchedPath>();
        Self(Arc::new(Inner {
            request_id: id.to_owned(),
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

    /// The id under which the log knows the request.
    pub fn request_id(&self) -> &str {
        &self.0.request_id
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

    /// Holds the permit, instead of the one before, until nothing of the request is left.
    pub fn hold_permit(&self, permit: ConcurrencyPermit) {
        *self.0.permit.lock().unwrap_or_else(PoisonError::into_inner) = Some(permit);
    }

    /// Gives the permit of a request back whose caller is not known: its answer is ready, and how long the
    /// client takes to read it must be nobody else's affair.
    pub fn release_unauthenticated_permit(&self) {
        let mut permit = self.0.permit.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*permit, Some(ConcurrencyPermit::Unauthenticated(_))) {
            *permit = None;
        }
    }

    /// Noted at the very beginning.
    pub fn set_connection(&self, connection: Connection) {
        // A request has one connection.
        let _ = self.0.connection.set(connection);
    }

    /// The connection that the request came over; none where there is no socket.
    pub fn connection(&self) -> Option<&Connection> {
        self.0.connection.get()
    }

    /// Keeps the share until nothing of the request is left.
    pub fn hold_quota_permit(&self, share: Share<OrganisationId>) {
        // A request tests once.
        let _ = self.0.share.set(share);
    }

    /// Holds the permit of an encoder until nothing of the request is left.
    pub fn hold_encoder_permit(&self, permit: OwnedSemaphorePermit) {
        // A request has one answer.
        let _ = self.0.encoder.set(permit);
    }

    /// Noted at the very beginning.
    pub fn set_client_address(&self, source: SocketAddr) {
        // A request has one connection.
        let _ = self.0.source.set(source);
    }

    /// Where the request comes from, proxies that are trusted left out.
    pub fn client_address(&self) -> Option<SocketAddr> {
        self.0.source.get().copied()
    }

    /// Records how a limit stands, for the headers of the answer, and refuses a request that is over it.
    pub fn record_rate_limit(&self, status: RateLimitStatus) -> Result<(), ApiError> {
        self.0.rate_limits.lock().unwrap_or_else(PoisonError::into_inner).push(status);
        let retry_after_s = status.retry_after_s();
        retry_after_s.map_or(Ok(()), |retry_after_s| Err(ApiError::RateLimited { retry_after_s }))
    }

    /// The limits that the request met.
    pub fn rate_limit_statuses(&self) -> Vec<RateLimitStatus> {
        self.0.rate_limits.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Who a verified token speaks for, also where it does not suffice; for the audit.
    pub fn set_actor(&self, organisation_id: &OrganisationId, subject: &str, email: &str) {
        self.set_organisation(organisation_id.clone());
        let _ = self.0.actor.set(Actor {
            organisation_id: organisation_id.clone(),
            subject: subject.to_owned(),
            email: email.to_owned(),
            source_address: self.client_address(),
            request_id: self.request_id().to_owned(),
        });
    }

    /// Who asks, once the token was verified.
    pub fn actor(&self) -> Option<&Actor> {
        self.0.actor.get()
    }

    /// Noted by whoever verifies the token.
    pub fn set_organisation(&self, id: OrganisationId) {
        // A request has one token, so a second note says the same.
        let _ = self.0.organisation.set(id);
    }

    /// Whose request it is, once the token was verified.
    pub fn organisation(&self) -> Option<&OrganisationId> {
        self.0.organisation.get()
    }
}

/// Makes the context of a request, for everything inside.
pub async fn create(
    State(proxies): State<Arc<TrustedProxies>>,
    mut request: Request,
    next: Next,
) -> Response {
    let context = RequestContext::new(&request);
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
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
        found.ok_or_else(|| ApiError::internal("a route stands outside the middleware"))
    }
}
