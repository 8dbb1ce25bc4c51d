//! Puts an [`App`] together.

use std::net::Ipv4Addr;
use std::sync::Arc;

use api::auth::development::DevelopmentKey;
use api::auth::{ClaimRules, Verifier};
use domain::Clock;
use domain::address::{AllowedOrigins, ExtraOrigin};
use domain::clock::SystemIds;
use engine::Engine;
use jiff::Timestamp;
use metrics_exporter_prometheus::PrometheusBuilder;
use simulator::{Options, SimulatedTenant, TenantFile, Tls};
use sqlx::PgPool;
use store::{KeyRing, Store};

use crate::app::{AUDIENCE, ISSUER};
use crate::{App, at, simulator_clock};
use domain::clock::ManualClock;

const START: &str = "2026-06-15T12:00:00Z";

/// An [`App`] in the making.
pub struct AppBuilder {
    pool: PgPool,
    tenants: Vec<TenantFile>,
    tls: Tls,
    extra_ca: Option<String>,
    extra_origins: Vec<String>,
    limits: engine::Limits,
    client_limits: auth0::Limits,
    keys: KeyRing,
    start_at: Timestamp,
    api_limits: api::Limits,
}

impl AppBuilder {
    pub(crate) fn new(pool: PgPool) -> Self {
        Self {
            pool,
            tenants: Vec::new(),
            tls: Tls::Plain,
            extra_ca: None,
            extra_origins: Vec::new(),
            // Due is due, unless a test is about the spread.
            limits: engine::Limits {
                schedule_spread: std::time::Duration::ZERO,
                ..engine::Limits::default()
            },
            client_limits: auth0::Limits::default(),
            keys: KeyRing::generate("test").0,
            start_at: at(START),
            api_limits: api::Limits { rates: high_rates(), ..api::Limits::default() },
        }
    }

    /// One more bundled tenant.
    #[must_use]
    pub fn tenant(self, bundled: &str) -> Self {
        self.tenant_file(TenantFile::bundled(bundled).expect("a bundled tenant"))
    }

    /// One more tenant.
    #[must_use]
    pub fn tenant_file(mut self, file: TenantFile) -> Self {
        self.tenants.push(file);
        self
    }

    /// The tenants speak TLS; the service trusts `trusted`, when given.
    #[must_use]
    pub fn tls(mut self, tls: Tls, trusted: Option<String>) -> Self {
        (self.tls, self.extra_ca) = (tls, trusted);
        self
    }

    /// One more allowed origin.
    #[must_use]
    pub fn extra_origin(mut self, origin: &str) -> Self {
        self.extra_origins.push(origin.to_owned());
        self
    }

    /// The same database keys and caller's key as another [`App`] on the same database.
    #[must_use]
    pub fn keys_of(mut self, other: &App) -> Self {
        self.keys = other.engine.store().keys().clone();
        self.start_at = other.clock.now();
        self
    }

    /// Other caps of the engine.
    #[must_use]
    pub fn limits(mut self, limits: engine::Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Other caps of the API; unless told otherwise nobody is limited, because the clock stands still.
    #[must_use]
    pub fn api_limits(mut self, limits: api::Limits) -> Self {
        self.api_limits = limits;
        self
    }

    /// Other caps of the client.
    #[must_use]
    pub fn client_limits(mut self, limits: auth0::Limits) -> Self {
        self.client_limits = limits;
        self
    }

    /// Starts the tenants and the service.
    pub async fn start(self) -> App {
        let clock = ManualClock::new(self.start_at);
        let mut tenants = Vec::new();
        for file in self.tenants {
            let options = Options {
                listen: (Ipv4Addr::LOCALHOST, 0).into(),
                tls: self.tls.clone(),
                now: simulator_clock(&clock),
            };
            tenants.push(SimulatedTenant::start(file, options).await.expect("a free port"));
        }
        // With TLS they are named localhost.
        let own = tenants.iter().map(|tenant| format!("{};private", tenant.origin()));
        let origins = own.chain(self.extra_origins);
        let origins = origins.map(|origin| ExtraOrigin::parse(&origin).expect("an origin"));
        let allowed = AllowedOrigins::new(origins.collect::<Vec<_>>());
        let auth0 = auth0::Auth0::new(
            auth0::Config {
                allowed: allowed.clone(),
                extra_ca_pem: self.extra_ca.map(String::into_bytes),
                limits: self.client_limits,
                user_agent: "safe-auth0/test".into(),
            },
            Arc::new(clock.clone()),
            Arc::new(clock.clone()),
        )
        .expect("a sound configuration");
        let engine = Engine::new(engine::Parts {
            store: Store::new(self.pool, self.keys),
            auth0,
            allowed,
            clock: Arc::new(clock.clone()),
            ids: Arc::new(SystemIds),
            limits: self.limits,
        });
        let key = DevelopmentKey::generate().expect("a key");
        let router = api::router(state(&engine, &key, self.api_limits));
        App { clock, engine, router, key, tenants }
    }
}

/// Limits that no test meets.
pub fn high_rates() -> api::Rates {
    let rate = api::Rate { per_minute: 60_000_000, burst: 1_000_000 };
    api::Rates { caller: rate, unauthenticated: rate, tests: rate, tests_at_once: 1000 }
}

fn state(engine: &Engine, key: &DevelopmentKey, limits: api::Limits) -> api::AppState {
    api::AppState::new(api::Parts {
        engine: engine.clone(),
        verifier: Verifier::from_development_key(key, ClaimRules::new(ISSUER, AUDIENCE)),
        form: api::OperatorInfo { outgoing_addresses: vec!["192.0.2.7".into()] },
        metrics: PrometheusBuilder::new().build_recorder().handle(),
        limits,
    })
}
