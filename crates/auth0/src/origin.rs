//! The state of each tenant that sessions share: connections, rate limiter, and the backoff of its token endpoint.

use std::sync::{Arc, Mutex};

use domain::address::{Permission, TenantAddress};

use crate::bounded::BoundedMap;
use crate::deps::Deps;
use crate::guard::{Guard, SystemResolver};
use crate::lock;
use crate::rate_limit::{Sizes, TenantRateLimiter};
use crate::token_backoff::BackoffGate;
use crate::transport::{ClientFactory, NewClient};

/// The state of one scheme, host and port.
pub(crate) struct Origin {
    pub http: reqwest::Client,
    pub rate_limiter: Arc<TenantRateLimiter>,
    pub token_endpoint: BackoffGate,
}

/// The most recently used origins.
pub(crate) struct Origins {
    known: Mutex<BoundedMap<String, Origin>>,
    client_factory: ClientFactory,
}

impl Origins {
    pub fn new(client_factory: ClientFactory, capacity: usize) -> Self {
        Self { known: Mutex::new(BoundedMap::new(capacity)), client_factory }
    }

    /// The origin of an address that may be called.
    pub fn for_tenant(
        &self,
        address: &TenantAddress,
        permission: Permission,
        deps: &Deps,
    ) -> Result<Arc<Origin>, reqwest::Error> {
        let url = address.at("/");
        let key = url.to_string();
        let mut known = lock(&self.known);
        if let Some(origin) = known.get(&key) {
            return Ok(origin);
        }
        let limits = &deps.limits;
        // Shorter than the timeout of the whole connection, so that a DNS timeout has an error of its own.
        let guard = Guard {
            names: Arc::new(SystemResolver),
            permission,
            timeout: limits.connect_timeout.mul_f32(0.8),
        };
        let new = NewClient { guard, https_only: url.scheme() == "https" };
        let http = self.client_factory.client(&new, limits)?;
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
        let origin = Arc::new(Origin {
            http,
            rate_limiter: Arc::new(rate_limiter),
            token_endpoint: BackoffGate::default(),
        });
        known.insert(key, Arc::clone(&origin));
        Ok(origin)
    }
}
