//! Builds the parts of the service from the configuration.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use api::OperatorInfo;
use api::auth::Verifier;
use api::auth::development::DevelopmentKey;
use auth0::{Auth0, TokioSleeper};
use domain::address::Origin;
use domain::clock::{SystemClock, SystemIds};
use engine::Engine;
use metrics_exporter_prometheus::PrometheusHandle;
use secrecy::{ExposeSecret, SecretString};
use store::{KeyRing, Store};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::{Config, VerificationKeySource};
use crate::data_dir::{self, DataDir};
use crate::embedded::{self, Embedded};
use crate::{generated_keys, jwks_fetch};

const DISCONNECT_MAX: Duration = Duration::from_secs(3);
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Locks the data directory, if the configuration uses one.
pub async fn lock_data_dir(config: &Config) -> Result<Option<DataDir>> {
    if config.database.url.is_some() {
        return Ok(None);
    }
    DataDir::open(&config.database.data_dir, data_dir::LOCK_TIMEOUT).await.map(Some)
}

/// What every other part needs: the data directory, keys, and the embedded database.
pub struct Bootstrap {
    data_dir: Option<DataDir>,
    embedded: Option<Embedded>,
    keys: KeyRing,
    url: SecretString,
    development_key: Option<DevelopmentKey>,
}

impl Bootstrap {
    /// Generates missing keys and starts the embedded database. With an external database it only uses the
    /// configuration.
    pub async fn start(
        config: &Config,
        data_dir: Option<DataDir>,
        forced: &CancellationToken,
    ) -> Result<Self> {
        let configured = config.tokens.encryption_keys.clone();
        let (Some(data_dir), None) = (data_dir, &config.database.url) else {
            let url = config
                .database
                .url
                .clone()
                .context("without a data directory a database URL is required")?;
            let keys = configured.context("an external database requires encryption keys")?;
            return Ok(Self { data_dir: None, embedded: None, keys, url, development_key: None });
        };
        let keys = match configured {
            Some(keys) => keys,
            None => generated_keys::key_ring(&data_dir)?,
        };
        let development_key = match config.tokens.trust {
            VerificationKeySource::DevelopmentKey => {
                Some(generated_keys::development_key(&data_dir)?)
            }
            VerificationKeySource::PublicKey(_) | VerificationKeySource::KeySet(_) => None,
        };
        let settings = embedded::Settings {
            path: config.machine.path.clone(),
            runtime_dir: config.machine.runtime_dir.clone(),
            log_max_bytes: config.database.embedded_log_max_bytes,
            pool_size: config.database.pool_size,
        };
        let embedded = Embedded::start(&data_dir, &settings, forced.clone()).await?;
        let url = embedded.url().clone();
        let embedded = Some(embedded);
        Ok(Self { data_dir: Some(data_dir), embedded, keys, url, development_key })
    }

    /// The key that signs development tokens; `None` if the configuration has another issuer.
    pub fn development_key(&self) -> Option<&DevelopmentKey> {
        self.development_key.as_ref()
    }

    /// Stops the embedded database, then unlocks the data directory.
    pub async fn stop(self) {
        if let Some(embedded) = self.embedded {
            embedded.stop().await;
        }
        drop(self.data_dir);
    }
}

pub async fn connect(config: &Config, bootstrap: &Bootstrap) -> Result<Store> {
    if config.database.is_insecure {
        tracing::warn!(
            "the link to the database is not verified (SAFE_AUTH0_DATABASE_INSECURE): whoever is on the way to it can \
             read and change everything"
        );
    }
    let options = store::Options {
        max_connections: config.database.pool_size,
        acquire_timeout: config.database.acquire_timeout,
        ..store::Options::default()
    };
    let url = bootstrap.url.expose_secret();
    let connected = Store::connect(url, bootstrap.keys.clone(), options).await;
    connected.context("cannot connect to the database")
}

/// Closes the connections before the embedded database stops, with a time limit.
pub async fn disconnect(store: &Store) {
    if tokio::time::timeout(DISCONNECT_MAX, store.pool().close()).await.is_err() {
        tracing::warn!("some database connections are still in use; not waiting for them");
    }
}

/// Migrates the schema, unless the configuration leaves that to `migrate`, and fails if the database is not fit for
/// serving.
pub async fn prepare(config: &Config, bootstrap: &Bootstrap, store: &Store) -> Result<()> {
    if config.database.url.is_none() || config.database.migrate_on_start {
        migrate(config, bootstrap).await?;
    }
    store.check_fitness().await.context("the database is not ready for the service")
}

pub async fn migrate(config: &Config, bootstrap: &Bootstrap) -> Result<()> {
    let url = config.database.migration_url.as_ref().unwrap_or(&bootstrap.url);
    let migrated = store::migrate(url.expose_secret()).await;
    migrated.context("cannot migrate the schema")
}

/// `extra`: allowed origins besides the configured ones.
pub fn engine(config: &Config, store: Store, extra: Vec<Origin>) -> Result<Engine> {
    let allowed = config.tenants.allowed(extra);
    let clock = Arc::new(SystemClock);
    let auth0 = Auth0::new(
        auth0::Config {
            allowed: allowed.clone(),
            extra_ca_pem: config.tenants.extra_ca_pem.clone(),
            limits: config.tenants.limits.clone(),
            user_agent: concat!("safe-auth0/", env!("CARGO_PKG_VERSION")).to_owned(),
        },
        clock.clone(),
        Arc::new(TokioSleeper),
    )
    .context("cannot create the HTTP client for tenants")?;
    Ok(Engine::new(engine::Parts {
        store,
        auth0,
        allowed,
        clock,
        ids: Arc::new(SystemIds),
        limits: config.engine.clone(),
    }))
}

/// The API's state.
pub fn state(
    config: &Config,
    bootstrap: &Bootstrap,
    engine: Engine,
    metrics: &Metrics,
) -> Result<api::AppState> {
    Ok(api::AppState::new(api::Parts {
        engine,
        verifier: verifier(config, bootstrap)?,
        form: OperatorInfo { outgoing_addresses: config.http.outgoing_addresses.clone() },
        metrics: metrics.0.clone(),
        limits: config.http.limits.clone(),
    }))
}

fn verifier(config: &Config, bootstrap: &Bootstrap) -> Result<Verifier> {
    let rules = config.tokens.rules.clone();
    Ok(match &config.tokens.trust {
        VerificationKeySource::PublicKey(pem) => {
            Verifier::from_pem(pem, rules).context("SAFE_AUTH0_JWT_PUBLIC_KEY_FILE")?
        }
        VerificationKeySource::KeySet(url) => {
            Verifier::from_jwks(jwks_fetch::source(url)?, rules, config.tokens.key_set_stale_max)
        }
        VerificationKeySource::DevelopmentKey => {
            let key = bootstrap.development_key().context("the development key is missing")?;
            Verifier::from_development_key(key, rules)
        }
    })
}

/// The process's metrics recorder.
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Installs the recorder for the whole process; fails the second time.
    pub fn install() -> Result<Self> {
        let handle = api::metrics_recorder().install_recorder();
        Ok(Self(handle.context("cannot install the metrics recorder")?))
    }

    /// Aggregates recorded samples regularly, because otherwise they accumulate until the next scrape.
    pub fn spawn_metrics_upkeep(&self) -> JoinHandle<()> {
        let handle = self.0.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(UPKEEP_EVERY).await;
                handle.run_upkeep();
            }
        })
    }
}
