//! What handlers are given. One for each process; clones share everything.

use std::sync::Arc;

use axum::extract::FromRef;
use domain::{Clock, IdSource, OrganisationId};
use engine::Engine;
use jiff::Timestamp;
use metrics_exporter_prometheus::PrometheusHandle;
use uuid::Uuid;

use crate::auth::{Verifier, api_credentials};
use crate::export::{EXPORTS_AT_ONCE, EXPORTS_PER_ORGANISATION};
use crate::extract::Authenticator;
use crate::limits::{Concurrency, Limits, RateLimits, SharedPermits};

/// Facts that only the operator knows, for the configuration form.
#[derive(Debug, Clone, Default)]
pub struct OperatorInfo {
    /// Where this service's calls come from, for tenants with an allow-list.
    pub outgoing_addresses: Vec<String>,
}

/// What a [`State`] is made of.
pub struct Parts {
    /// The service's work.
    pub engine: Engine,
    /// Who may call.
    pub verifier: Verifier,
    /// For the configuration form.
    pub form: OperatorInfo,
    /// The recorder that this process's metrics go to.
    pub metrics: PrometheusHandle,
    /// Caps.
    pub limits: Limits,
}

/// What handlers are given.
#[derive(Clone)]
pub struct AppState {
    pub(crate) engine: Engine,
    pub(crate) authenticator: Authenticator,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) limits: Arc<Limits>,
    /// Places among the requests that wait for a sync or stream.
    pub(crate) waits: SharedPermits<OrganisationId>,
    /// Places among the exports that are made.
    pub(crate) exports: SharedPermits<OrganisationId>,
    pub(crate) form: Arc<OperatorInfo>,
    pub(crate) metrics: PrometheusHandle,
}

impl AppState {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        let Parts { engine, verifier, form, metrics, limits } = parts;
        crate::middleware::describe_metrics();
        let machine = Arc::new(OfEngine(engine.clone()));
        let authenticator = Authenticator {
            clock: machine.clone(),
            verifier,
            credentials: api_credentials::from_store(engine.store()),
            rates: Arc::new(RateLimits::new(&limits.rates)),
            concurrency: Arc::new(Concurrency::new(&limits)),
        };
        Self {
            authenticator,
            ids: machine,
            waits: SharedPermits::new(limits.waiting_requests, limits.waiting_per_organisation),
            exports: SharedPermits::new(EXPORTS_AT_ONCE, EXPORTS_PER_ORGANISATION),
            limits: Arc::new(limits),
            engine,
            form: Arc::new(form),
            metrics,
        }
    }

    /// The present instant.
    pub(crate) fn now(&self) -> Timestamp {
        self.engine.clock().now()
    }

    /// The database.
    pub(crate) fn store(&self) -> &store::Store {
        self.engine.store()
    }
}

impl FromRef<AppState> for Authenticator {
    fn from_ref(state: &AppState) -> Self {
        state.authenticator.clone()
    }
}

/// The engine's time and ids, so that the whole process has one of each.
struct OfEngine(Engine);

impl Clock for OfEngine {
    fn now(&self) -> Timestamp {
        self.0.clock().now()
    }
}

impl IdSource for OfEngine {
    fn next(&self) -> Uuid {
        self.0.ids().next()
    }
}
