//! The client of the whole process: opens sessions at tenants, sharing connections, pace and tokens.

use std::sync::Arc;

use domain::Clock;
use domain::address::{AllowedOrigins, Permission};
use domain::connection::Connection;
use jiff::Timestamp;
use reqwest::header::HeaderValue;

use crate::config::{Config, ConfigError, Limits};
use crate::connect_error::{CallStats, ConnectError, Problem};
use crate::guard::is_global_unicast;
use crate::origin::{Origin, Origins, TenantDeps};
use crate::session::{Opened, Session};
use crate::sleep::{Jitter, RandomJitter, Sleeper};
use crate::token::{
    Attempts, CacheEntry, Token, TokenFetch, TokenOutcome, Tokens, transport_error,
};
use crate::transport::ClientFactory;
use crate::user_agent::{is_product, user_agent};

/// Whether a token in memory will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// As [`Freshness::Cached`], but while the backoff of an earlier 429 lasts nobody asks: for work that no
    /// person waits for.
    CachedRespectingBackoff,
    /// One with more than a minute left, not older than ten, with every required scope; else a new one.
    Cached,
    /// A new one is asked for, and kept.
    Fresh,
}

/// Which token will do.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TokenRequirement<'a> {
    /// One that nobody has yet.
    New,
    /// Any that can be used.
    Usable,
    /// Any but this one.
    Other(&'a Arc<Token>),
}

/// The Management API client. Cheap to clone; one for each process.
#[derive(Clone)]
pub struct Auth0 {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub allowed: AllowedOrigins,
    pub limits: Limits,
    pub product: String,
    pub clock: Arc<dyn Clock>,
    pub pause: Arc<dyn Sleeper>,
    pub chance: Arc<dyn Jitter>,
    pub origins: Origins,
    pub tokens: Tokens,
}

/// Where one connection leads, once it is known that it may be called.
pub(crate) struct TenantTarget {
    pub connection: Connection,
    pub permission: Permission,
    pub origin: Arc<Origin>,
    pub slot: Arc<CacheEntry>,
    pub user_agent: HeaderValue,
}

impl Auth0 {
    /// Reads the machine's trusted roots; opens no connection.
    pub fn new(
        config: Config,
        clock: Arc<dyn Clock>,
        pause: Arc<dyn Sleeper>,
    ) -> Result<Self, ConfigError> {
        Self::with_chance(config, clock, pause, Arc::new(RandomJitter))
    }

    /// The same with jitter from elsewhere, for tests that expect exact waits.
    pub fn with_chance(
        config: Config,
        clock: Arc<dyn Clock>,
        pause: Arc<dyn Sleeper>,
        chance: Arc<dyn Jitter>,
    ) -> Result<Self, ConfigError> {
        if !is_product(&config.user_agent) {
            return Err(ConfigError::UserAgent);
        }
        let dialer = ClientFactory::new(config.extra_ca_pem.as_deref())?;
        let tokens = Tokens::new(config.limits.tokens_max)
            .ok_or_else(|| ConfigError::Tls("this machine gives no random numbers".into()))?;
        let shared = Shared {
            origins: Origins::new(dialer, config.limits.origins_max),
            tokens,
            allowed: config.allowed,
            limits: config.limits,
            product: config.user_agent,
            clock,
            pause,
            chance,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Gets a token at this tenant. `who`, a sync's id or `connection-test`, goes into the
    /// `User-Agent`. A host that is not allowed is not contacted, not even its name resolved. Faults that pass
    /// are retried until `deadline`, and so is an endpoint that limits our rate.
    pub async fn open(
        &self,
        connection: &Connection,
        freshness: Freshness,
        who: &str,
        deadline: Timestamp,
    ) -> Result<Session, ConnectError> {
        let shared = &self.shared;
        let route = shared
            .route(connection, who)
            .map_err(|problem| problem.into_error(CallStats::default()))?;
        let want = match freshness {
            Freshness::Fresh => TokenRequirement::New,
            Freshness::Cached | Freshness::CachedRespectingBackoff => TokenRequirement::Usable,
        };
        if freshness != Freshness::Fresh
            && let Some(token) = route.slot.valid_token(shared.clock.now())
        {
            let opened = Opened { token, was_cached: true, effort: CallStats::default() };
            return Ok(Session::new(self.clone(), route, opened));
        }
        let respects_backoff = freshness == Freshness::CachedRespectingBackoff;
        let TokenOutcome { outcome, effort } =
            shared.token(&route, want, respects_backoff, deadline).await;
        match outcome {
            Ok(token) => {
                let opened = Opened { token, was_cached: false, effort };
                Ok(Session::new(self.clone(), route, opened))
            }
            Err(problem) => {
                let error = problem.into_error(effort);
                tracing::info!(
                    tenant = connection.api_identifier.domain(),
                    code = error.code.name(),
                    calls = error.calls,
                    "could not open the tenant"
                );
                Err(error)
            }
        }
    }

    /// Drops the tokens of these credentials, for when they were changed or deleted.
    pub fn forget(&self, connection: &Connection) {
        self.shared.tokens.forget(connection);
    }
}

impl Shared {
    fn route(&self, connection: &Connection, who: &str) -> Result<TenantTarget, Problem> {
        let address = &connection.api_identifier;
        let refusal = || transport_error::host_not_allowed(&address.domain());
        let permission = self.allowed.permission(address).ok_or_else(refusal)?;
        // Connectors dial a literal address without asking the guard.
        let is_private = address.literal_ip().is_some_and(|ip| !is_global_unicast(ip));
        if permission == Permission::Auth0 && is_private {
            return Err(refusal());
        }
        let around = TenantDeps {
            limits: &self.limits,
            clock: &self.clock,
            pause: &self.pause,
            chance: &self.chance,
        };
        let origin = self.origins.of(address, permission, &around).map_err(|fault| {
            tracing::error!(%fault, "an HTTP client cannot be built");
            transport_error::no_client(&address.domain())
        })?;
        Ok(TenantTarget {
            permission,
            origin,
            slot: self.tokens.slot(connection),
            user_agent: user_agent(&self.product, who),
            connection: connection.clone(),
        })
    }

    /// A token that will do, or one that was asked for since, by this caller or by one it waited for. Callers that
    /// respect the backoff wait for its end before they take the request lock of the credentials, so that they
    /// hold up nobody who does not.
    pub async fn token(
        &self,
        route: &TenantTarget,
        want: TokenRequirement<'_>,
        respects_backoff: bool,
        deadline: Timestamp,
    ) -> TokenOutcome {
        let (fetch, slot) = (self.token_fetch(route), &route.slot);
        let mut attempts = Attempts::default();
        let mut flights = slot.generation();
        loop {
            let known = match want {
                TokenRequirement::New => None,
                TokenRequirement::Usable => slot.valid_token(self.clock.now()),
                TokenRequirement::Other(used) => {
                    slot.latest().filter(|latest| !Arc::ptr_eq(latest, used))
                }
            };
            if let Some(token) = known {
                return attempts.end(Ok(token));
            }
            if respects_backoff {
                if let Err(closed) = fetch.wait_for_backoff(deadline).await {
                    return attempts.end(Err(closed));
                }
                // What others met while the endpoint was closed says nothing of now.
                flights = slot.generation();
            }
            let _flight = slot.request_lock.lock().await;
            if let Some(outcome) = slot.result_since(flights) {
                return attempts.end(outcome);
            }
            if respects_backoff && fetch.is_closed() {
                continue;
            }
            if let Some(outcome) = fetch.fetch(respects_backoff, deadline, &mut attempts).await {
                slot.complete(outcome.clone());
                return TokenOutcome { outcome, effort: attempts.effort };
            }
        }
    }

    fn token_fetch<'a>(&'a self, route: &'a TenantTarget) -> TokenFetch<'a> {
        TokenFetch {
            origin: &route.origin,
            connection: &route.connection,
            permission: route.permission,
            audience_is_known: self.allowed.permission(&route.connection.api_audience).is_some(),
            user_agent: &route.user_agent,
            limits: &self.limits,
            clock: self.clock.as_ref(),
            pause: self.pause.as_ref(),
            chance: self.chance.as_ref(),
        }
    }
}
