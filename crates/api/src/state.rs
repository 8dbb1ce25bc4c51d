//! The state of the handlers. One for each process; clones share everything.

use std::sync::Arc;

use axum::extract::FromRef;
use domain::{Clock, IdSource, OrganisationId};
use engine::Engine;
use jiff::Timestamp;
use metrics_exporter_prometheus::PrometheusHandle;
use uuid::Uuid;

use crate::auth::{Verifier, api_credentials};
use crate::export::{EXPORTS_AT_ONCE, EXPORTS_PER_ORGANISATION};
use crate::limits::{Concurrency, Limits, RateLimits, SharedPermits};
use crate::middleware::Authenticator;
use crate::readiness::ReadinessProbe;

/// Facts from the operator, for the configuration form.
#[derive(Debug, Clone, Default)]
pub struct OperatorInfo {
    /// The source addresses of this service's calls, for tenants with an allow-list.
    pub outgoing_addresses: Vec<String>,
}

/// What [`AppState`] is made of.
pub struct Parts {
    pub engine: Engine,
    pub verifier: Verifier,
    /// For the configuration form.
    pub form: OperatorInfo,
    /// The recorder that this process's metrics go to.
    pub metrics: PrometheusHandle,
    pub limits: Limits,
}

/// The state of the handlers.
#[derive(Clone)]
pub struct AppState {
    pub(crate) engine: Engine,
    pub(crate) authenticator: Authenticator,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) limits: Arc<Limits>,
    /// Permits of requests that wait for a sync or stream its events.
    pub(crate) waits: SharedPermits<OrganisationId>,
    /// Permits of exports.
    pub(crate) exports: SharedPermits<OrganisationId>,
    pub(crate) readiness: ReadinessProbe,
    pub(crate) form: Arc<OperatorInfo>,
    pub(crate) metrics: PrometheusHandle,
}

impl AppState {
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
            readiness: ReadinessProbe::default(),
            engine,
            form: Arc::new(form),
            metrics,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.engine.clock().now()
    }

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
