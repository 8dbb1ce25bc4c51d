//! The state of each tenant that sessions share: connections, rate limiter, and the backoff of its token endpoint.

use std::sync::{Arc, Mutex};

use domain::address::{Permission, TenantAddress};

use url::Url;

use crate::bounded::BoundedMap;
use crate::config::Limits;
use crate::deps::Deps;
use crate::lock;
use crate::rate_limit::{Sizes, TenantRateLimiter};
use crate::ssrf_guard::{Guard, SystemResolver};
use crate::token_backoff::BackoffGate;
use crate::transport::{ClientFactory, NewClient};

/// One scheme, host and port.
#[derive(Clone)]
pub(crate) struct Origin {
    pub http: Arc<reqwest::Client>,
    pub state: Arc<OriginState>,
}

pub(crate) struct OriginState {
    pub rate_limiter: Arc<TenantRateLimiter>,
    pub token_endpoint: BackoffGate,
}

/// The most recently used origins. What is known of one is small and kept for many; connections are large and kept for
/// few.
pub(crate) struct Origins {
    states: Mutex<BoundedMap<String, OriginState>>,
    clients: Mutex<BoundedMap<String, reqwest::Client>>,
    client_factory: ClientFactory,
}

impl Origins {
    pub fn new(client_factory: ClientFactory, limits: &Limits) -> Self {
        Self {
            states: Mutex::new(BoundedMap::new(limits.origins_max)),
            clients: Mutex::new(BoundedMap::new(limits.clients_max)),
            client_factory,
        }
    }

    /// The origin of an address that may be called.
    pub fn for_tenant(
        &self,
        address: &TenantAddress,
        permission: Permission,
        deps: &Deps,
    ) -> Result<Origin, reqwest::Error> {
        let url = address.at("/");
        let http = self.client(&url, permission, &deps.limits)?;
        Ok(Origin { http, state: self.state(&url, deps) })
    }

    fn client(
        &self,
        url: &Url,
        permission: Permission,
        limits: &Limits,
    ) -> Result<Arc<reqwest::Client>, reqwest::Error> {
        let mut clients = lock(&self.clients);
        let key = url.to_string();
        if let Some(client) = clients.get(&key) {
            return Ok(client);
        }
        // Shorter than the timeout of the whole connection, so that a DNS timeout has an error of its own.
        let guard = Guard {
            names: Arc::new(SystemResolver),
            permission,
            timeout: limits.connect_timeout.mul_f32(0.8),
        };
        let new = NewClient { guard, https_only: url.scheme() == "https" };
        let client = Arc::new(self.client_factory.client(&new, limits)?);
        clients.insert(key, Arc::clone(&client));
        Ok(client)
    }

    fn state(&self, url: &Url, deps: &Deps) -> Arc<OriginState> {
        let mut states = lock(&self.states);
        let key = url.to_string();
        if let Some(state) = states.get(&key) {
            return state;
        }
        let limits = &deps.limits;
        let sizes = Sizes {
            wave_max: limits.wave_max,
            wave_without_limits: limits.wave_without_limits,
            longest_wait: limits.longest_wait,
        };
        let rate_limiter = TenantRateLimiter::new(
            sizes,
            Arc::clone(&deps.clock),
            Arc::clone(&deps.sleeper),
            Arc::clone(&deps.jitter),
        );
        let state = Arc::new(OriginState {
            rate_limiter: Arc::new(rate_limiter),
            token_endpoint: BackoffGate::default(),
        });
        states.insert(key, Arc::clone(&state));
        state
    }
}
