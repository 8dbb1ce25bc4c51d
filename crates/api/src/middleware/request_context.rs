//! What is known of a request from its first moment to its log line.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::extract::FromRequestParts;
use domain::{IdSource, OrganisationId};
use engine::Actor;
use http::request::Parts;
use http::{HeaderMap, HeaderName};

use crate::limits::RateLimitStatus;
use crate::limits::{ConcurrencyPermit, Connection, Share};
use crate::problem::ApiError;

/// The header of the request's id, both ways.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id of a client that is echoed.
const REQUEST_ID_MAX: usize = 128;

/// Clones share everything.
#[derive(Debug, Clone)]
pub struct RequestContext(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    request_id: String,
    path: String,
    organisation: OnceLock<OrganisationId>,
    /// Its permit to be answered. Work that goes on after the client went away keeps the context, and so
    /// the permit: going away is no way around the cap.
    permit: Mutex<Option<ConcurrencyPermit>>,
    /// Likewise its share of the connection tests under way.
    share: OnceLock<Share<OrganisationId>>,
    connection: OnceLock<Connection>,
    source: OnceLock<SocketAddr>,
    actor: OnceLock<Actor>,
    told: Mutex<Vec<RateLimitStatus>>,
}

impl RequestContext {
    /// Of a request with these headers. A client's own id is kept when it is sane.
    pub fn new(headers: &HeaderMap, path: &str, ids: &dyn IdSource) -> Self {
        let request_id = sane_request_id(headers).unwrap_or_else(|| ids.next().to_string());
        Self(Arc::new(Inner {
            request_id,
            path: path.to_owned(),
            organisation: OnceLock::new(),
            permit: Mutex::default(),
            share: OnceLock::new(),
            connection: OnceLock::new(),
            source: OnceLock::new(),
            actor: OnceLock::new(),
            told: Mutex::default(),
        }))
    }

    /// The id under which the log knows the request.
    pub fn request_id(&self) -> &str {
        &self.0.request_id
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

    /// Noted at the very beginning.
    pub fn set_client_address(&self, source: SocketAddr) {
        // A request has one connection.
        let _ = self.0.source.set(source);
    }

    /// Where the request comes from, proxies that are trusted left out.
    pub fn client_address(&self) -> Option<SocketAddr> {
        self.0.source.get().copied()
    }

    /// Notes how a limit stands, for the headers of the answer.
    pub fn record_rate_limit(&self, told: RateLimitStatus) {
        self.0.told.lock().unwrap_or_else(PoisonError::into_inner).push(told);
    }

    /// The limits that the request met.
    pub fn rate_limit_statuses(&self) -> Vec<RateLimitStatus> {
        self.0.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
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

impl<S: Sync> FromRequestParts<S> for RequestContext {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let found = parts.extensions.get::<Self>().cloned();
        found.ok_or_else(|| ApiError::internal("a route stands outside the frame"))
    }
}

/// Exactly one, of 1 to 128 visible ASCII characters.
fn sane_request_id(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(REQUEST_ID).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let text = value.to_str().ok()?;
    let is_sane = (1..=REQUEST_ID_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic());
    is_sane.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::clock::SystemIds;

    fn id_for(values: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(REQUEST_ID, value.parse().unwrap());
        }
        RequestContext::new(&headers, "/", &SystemIds).request_id().to_owned()
    }

    #[test]
    fn a_sane_id_is_kept_and_any_other_replaced() {
        assert_eq!(id_for(&["req-42/a"]), "req-42/a");
        assert_eq!(id_for(&[&"x".repeat(128)]).len(), 128);
        for bad in [vec![], vec![""], vec!["two words"], vec!["a", "b"]] {
            assert_eq!(uuid::Uuid::parse_str(&id_for(&bad)).unwrap().get_version_num(), 7);
        }
        assert_eq!(id_for(&[&"x".repeat(129)]).len(), 36);
    }
}
