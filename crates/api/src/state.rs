//! What handlers are given. One for each process; clones share everything.

use std::sync::Arc;

use axum::extract::FromRef;
use domain::{Clock, IdSource};
use engine::Engine;
use jiff::Timestamp;
use metrics_exporter_prometheus::PrometheusHandle;
use uuid::Uuid;

use crate::auth::{Verifier, api_credentials};
use crate::middleware::{Edge, Limits};

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
    pub(crate) edge: Edge,
    pub(crate) engine: Engine,
    pub(crate) form: Arc<OperatorInfo>,
    pub(crate) metrics: PrometheusHandle,
}

impl AppState {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        let machine = Arc::new(OfEngine(parts.engine.clone()));
        let tokens = api_credentials::from_store(parts.engine.store());
        let edge = Edge::new(machine.clone(), machine, parts.verifier, tokens, &parts.limits);
        crate::middleware::describe_metrics();
        Self { edge, engine: parts.engine, form: Arc::new(parts.form), metrics: parts.metrics }
    }

    /// The present instant.
    pub(crate) fn now(&self) -> Timestamp {
        self.edge.clock.now()
    }

    /// The database.
    pub(crate) fn store(&self) -> &store::Store {
        self.engine.store()
    }
}

impl FromRef<AppState> for Edge {
    fn from_ref(state: &AppState) -> Self {
        state.edge.clone()
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
