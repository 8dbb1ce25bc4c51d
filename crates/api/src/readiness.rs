//! Whether the service is ready, remembered for a second: whoever calls the probe, and however often, the database is
//! asked once a second at most.

use std::sync::Arc;
use std::time::Duration;

use engine::Engine;
use jiff::{SignedDuration, Timestamp};
use store::Readiness;
use tokio::sync::Mutex;

use crate::problem::Cause;

/// The database must answer within this time.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);
const REMEMBERED: SignedDuration = SignedDuration::from_secs(1);

/// The outcome of a probe.
#[derive(Clone)]
pub enum Probed {
    Ready,
    WrongKeys,
    /// The database does not answer.
    Silent(Cause),
}

/// The last probe. One runs at a time.
#[derive(Clone, Default)]
pub struct ReadinessProbe(Arc<Mutex<Option<(Timestamp, Probed)>>>);

impl ReadinessProbe {
    /// The outcome of the last probe, or of a new one if that is older than a second.
    pub async fn check(&self, engine: &Engine) -> Probed {
        let mut last = Arc::clone(&self.0).lock_owned().await;
        let now = engine.clock().now();
        if let Some((at, probed)) = &*last
            && now.duration_since(*at).abs() < REMEMBERED
        {
            return probed.clone();
        }
        let store = engine.store().clone();
        // A task of its own: a client that disconnects does not cause another probe.
        let probe = tokio::spawn(async move {
            let probed = probe(&store).await;
            *last = Some((now, probed.clone()));
            probed
        });
        probe.await.unwrap_or_else(|error| Probed::Silent(Arc::new(error)))
    }
}

async fn probe(store: &store::Store) -> Probed {
    match tokio::time::timeout(CHECK_TIMEOUT, store.check_readiness()).await {
        Ok(Ok(Readiness::Ready)) => Probed::Ready,
        Ok(Ok(Readiness::WrongKeys)) => {
            tracing::error!("the encryption keys open nothing that is stored");
            Probed::WrongKeys
        }
        Ok(Err(error)) => Probed::Silent(Arc::new(error)),
        Err(elapsed) => Probed::Silent(Arc::new(elapsed)),
    }
}
