//! The client of the whole process: opens sessions at tenants, which share connections, rate limits and tokens.

use std::sync::Arc;

use domain::address::Permission;
use domain::connection::Connection;
use domain::{Clock, OrganisationId};
use jiff::Timestamp;

use crate::byte_budget::ByteBudget;
use crate::config::{Config, ConfigError};
use crate::connect_error::{CallStats, ConnectError, Problem};
use crate::deps::Deps;
use crate::origin::Origins;
use crate::session::{Opened, Session};
use crate::sleep::{Jitter, RandomJitter, Sleeper};
use crate::ssrf_guard::is_global_unicast;
use crate::token::{
    Fingerprint, TenantTarget, TokenOutcome, TokenRequest, TokenRequirement, Tokens,
    transport_error,
};
use crate::transport::ClientFactory;
use crate::user_agent::{is_product, user_agent};

/// Which token a session may start with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// As [`Freshness::Cached`], but during the backoff of an earlier 429 no request is made: for work that no user
    /// waits for.
    CachedRespectingBackoff,
    /// A cached token that is valid for more than a minute, at most ten minutes old and has every required scope;
    /// otherwise a new one.
    Cached,
    /// A new token, which is then cached.
    Fresh,
}

/// Who calls a tenant.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    /// Goes into the `User-Agent`: a sync's id or `connection-test`.
    pub name: &'a str,
    /// May call the extra origins that are for it. None: the operator, who may call all.
    pub organisation: Option<&'a OrganisationId>,
}

impl<'a> From<&'a str> for Caller<'a> {
    fn from(name: &'a str) -> Self {
        Self { name, organisation: None }
    }
}

/// The Management API client. Cheap to clone; one for each process.
#[derive(Clone)]
pub struct Auth0 {
    shared: Arc<Shared>,
}

struct Shared {
    deps: Arc<Deps>,
    origins: Origins,
    tokens: Tokens,
}

impl Auth0 {
    /// Reads the root certificates of the operating system. Opens no connection.
    pub fn new(
        config: Config,
        clock: Arc<dyn Clock>,
        sleeper: Arc<dyn Sleeper>,
    ) -> Result<Self, ConfigError> {
        Self::with_jitter(config, clock, sleeper, Arc::new(RandomJitter))
    }

    /// With a given source of jitter, for tests that expect exact waits.
    pub fn with_jitter(
        config: Config,
        clock: Arc<dyn Clock>,
        sleeper: Arc<dyn Sleeper>,
        jitter: Arc<dyn Jitter>,
    ) -> Result<Self, ConfigError> {
        if !is_product(&config.user_agent) {
            return Err(ConfigError::UserAgent);
        }
        let client_factory = ClientFactory::new(config.extra_ca_pem.as_deref())?;
        let tokens = Tokens::new(config.limits.tokens_max)
            .ok_or_else(|| ConfigError::Tls("this machine gives no random numbers".into()))?;
        let origins = Origins::new(client_factory, &config.limits);
        let deps = Deps {
            allowed: config.allowed,
            bytes: ByteBudget::new(config.limits.process_bytes),
            limits: config.limits,
            product: config.user_agent,
            clock,
            sleeper,
            jitter,
        };
        Ok(Self { shared: Arc::new(Shared { deps: Arc::new(deps), origins, tokens }) })
    }

    /// Gets a token of this tenant. The name of a host that is not allowed is not resolved. Transient faults and 429s are retried until `deadline`.
    pub async fn open(
        &self,
        connection: &Connection,
        freshness: Freshness,
        caller: impl Into<Caller<'_>>,
        deadline: Timestamp,
    ) -> Result<Session, ConnectError> {
        let deps = &self.shared.deps;
        let target = self
            .shared
            .target(connection, caller.into())
            .map_err(|problem| problem.into_error(CallStats::default()))?;
        let cached = match freshness {
            Freshness::Fresh => None,
            Freshness::Cached | Freshness::CachedRespectingBackoff => {
                target.cache_entry.valid_token(deps.clock.now())
            }
        };
        if let Some(token) = cached {
            let opened = Opened { token, was_cached: true, stats: CallStats::default() };
            return Ok(Session::new(Arc::clone(deps), target, opened));
        }
        let requirement = match freshness {
            Freshness::Fresh => TokenRequirement::New,
            Freshness::Cached | Freshness::CachedRespectingBackoff => TokenRequirement::Usable,
        };
        let respects_backoff = freshness == Freshness::CachedRespectingBackoff;
        let request = TokenRequest::new(deps, &target, respects_backoff, deadline);
        let TokenOutcome { result, stats } = request.run(requirement).await;
        match result {
            Ok(token) => {
                let opened = Opened { token, was_cached: false, stats };
                Ok(Session::new(Arc::clone(deps), target, opened))
            }
            Err(problem) => {
                let error = problem.into_error(stats);
                tracing::info!(
                    tenant = connection.api_identifier.domain(),
                    code = error.code.name(),
                    calls = error.calls,
                    "token request failed"
                );
                Err(error)
            }
        }
    }

    /// Identifies these credentials within this process; shows nothing of the secret.
    pub fn fingerprint(&self, connection: &Connection) -> Fingerprint {
        self.shared.tokens.fingerprint(connection)
    }

    /// Drops the token of these credentials, which were changed or deleted.
    pub fn forget(&self, connection: &Connection) {
        self.shared.tokens.forget(connection);
    }
}

impl Shared {
    fn target(&self, connection: &Connection, caller: Caller<'_>) -> Result<TenantTarget, Problem> {
        let address = &connection.api_identifier;
        let refusal = || transport_error::host_not_allowed(&address.domain());
        let permission = match caller.organisation {
            Some(organisation) => self.deps.allowed.allowed_for(organisation).permission(address),
            None => self.deps.allowed.permission(address),
        };
        let permission = permission.ok_or_else(refusal)?;
        // Connectors do not resolve literal addresses, so the guard never sees them.
        let is_private = address.literal_ip().is_some_and(|ip| !is_global_unicast(ip));
        if permission == Permission::Auth0 && is_private {
            return Err(refusal());
        }
        let origin = self.origins.for_tenant(address, permission, &self.deps).map_err(|fault| {
            tracing::error!(%fault, "building the HTTP client of a tenant failed");
            transport_error::no_client(&address.domain())
        })?;
        Ok(TenantTarget {
            permission,
            origin,
            fingerprint: self.tokens.fingerprint(connection),
            cache_entry: self.tokens.entry(connection),
            user_agent: user_agent(&self.deps.product, caller.name),
            connection: connection.clone(),
        })
    }
}
