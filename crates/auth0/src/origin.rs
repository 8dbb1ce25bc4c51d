//! What is remembered of one tenant between sessions: its connections, its pace and until
//! when it gives no tokens.

use std::sync::{Arc, Mutex};

use domain::Clock;
use domain::address::{Permission, TenantAddress};

use crate::bounded::BoundedMap;
use crate::config::Limits;
use crate::guard::{Guard, SystemResolver};
use crate::lock;
use crate::rate_limit::{Sizes, TenantRateLimiter};
use crate::sleep::{Jitter, Sleeper};
use crate::token::BackoffGate;
use crate::transport::{ClientFactory, NewClient};

/// One scheme, host and port.
pub(crate) struct Origin {
    pub http: reqwest::Client,
    pub pacer: Arc<TenantRateLimiter>,
    pub token_endpoint: BackoffGate,
}

/// All that are remembered.
pub(crate) struct Origins {
    known: Mutex<BoundedMap<String, Origin>>,
    dialer: ClientFactory,
}

/// What an origin's pacer is made with.
pub(crate) struct TenantDeps<'a> {
    pub limits: &'a Limits,
    pub clock: &'a Arc<dyn Clock>,
    pub pause: &'a Arc<dyn Sleeper>,
    pub chance: &'a Arc<dyn Jitter>,
}

impl Origins {
    pub fn new(dialer: ClientFactory, capacity: usize) -> Self {
        Self { known: Mutex::new(BoundedMap::new(capacity)), dialer }
    }

    /// The origin of an address that may be called.
    pub fn of(
        &self,
        address: &TenantAddress,
        permission: Permission,
        around: &TenantDeps<'_>,
    ) -> Result<Arc<Origin>, reqwest::Error> {
        let url = address.at("/");
        let key = url.to_string();
        let mut known = lock(&self.known);
        if let Some(origin) = known.get(&key) {
            return Ok(origin);
        }
        let limits = around.limits;
        // Shorter than the whole connection may take, so that silent name servers are told apart.
        let guard = Guard {
            names: Arc::new(SystemResolver),
            permission,
            timeout: limits.connect_timeout.mul_f32(0.8),
        };
        let new = NewClient { guard, https_only: url.scheme() == "https" };
        let http = self.dialer.client(&new, limits)?;
        let sizes = Sizes {
            wave_max: limits.wave_max,
            wave_without_limits: limits.wave_without_limits,
            longest_wait: limits.longest_wait,
        };
        let pacer = TenantRateLimiter::new(
            sizes,
            Arc::clone(around.clock),
            Arc::clone(around.pause),
            Arc::clone(around.chance),
        );
        let origin = Arc::new(Origin {
            http,
            pacer: Arc::new(pacer),
            token_endpoint: BackoffGate::default(),
        });
        known.insert(key, Arc::clone(&origin));
        Ok(origin)
    }
}
