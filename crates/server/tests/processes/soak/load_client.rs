//! Requests syncs of one integration repeatedly, from random replicas, and records the acknowledged ones.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Method;
use sqlx::PgPool;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::seeded_random::SeededRandom;
use crate::support::Api;

/// A sync takes about 2 s. Up to five workers can lose it, each with a lease of 5 s, and an unfinished transaction of a
/// lost worker blocks for up to 30 s.
const SYNC_MAX: Duration = Duration::from_secs(600);
const POLL_INTERVAL: Duration = Duration::from_millis(50);
const RETRY_DELAY: Duration = Duration::from_millis(200);

pub struct LoadClient {
    pub api: Api,
    pub integration: String,
    pub replicas: Vec<Arc<Mutex<String>>>,
    pub database: PgPool,
    pub random: SeededRandom,
    /// Acknowledged syncs.
    pub acknowledged: Vec<Uuid>,
    /// Number of responses with 202, 409, 503, and of calls without a response.
    pub answers: [u32; 4],
    /// The longest time from request to end of a sync.
    pub longest: Duration,
}

impl LoadClient {
    /// Runs until `end` and until a sync has succeeded.
    pub async fn run(&mut self, end: Instant) {
        let mut has_succeeded = false;
        while Instant::now() < end || !has_succeeded {
            let Some(sync) = self.start_sync().await else {
                sleep(RETRY_DELAY).await;
                continue;
            };
            let started = Instant::now();
            has_succeeded |= await_end(&self.database, sync).await == "succeeded";
            self.longest = self.longest.max(started.elapsed());
            self.list_findings().await;
        }
    }

    /// A queued or active sync; `None` if the replica does not respond or responds with 503.
    async fn start_sync(&mut self) -> Option<Uuid> {
        let path = format!("/v1/integrations/{}/syncs", self.integration);
        let address = self.some_replica();
        let Ok(answer) = self.api.try_call(&address, Method::POST, &path, None).await else {
            self.answers[3] += 1;
            return None;
        };
        match answer.status {
            202 => {
                self.answers[0] += 1;
                let sync = answer.id().parse().unwrap();
                self.acknowledged.push(sync);
                Some(sync)
            }
            // A sync whose acknowledgement was lost.
            409 => {
                self.answers[1] += 1;
                Some(answer.json["sync_id"].as_str().unwrap().parse().unwrap())
            }
            _ => {
                self.answers[2] += 1;
                assert!(answer.is_unavailable(), "{answer:?}");
                None
            }
        }
    }

    /// A read succeeds or gets 503, too.
    async fn list_findings(&mut self) {
        let address = self.some_replica();
        if let Ok(answer) = self.api.try_call(&address, Method::GET, "/v1/findings", None).await {
            assert!(answer.status == 200 || answer.is_unavailable(), "{answer:?}");
        }
    }

    fn some_replica(&mut self) -> String {
        let index = self.random.below(self.replicas.len());
        self.replicas[index].lock().unwrap().clone()
    }
}

/// Waits for the end of a sync and returns its state.
pub async fn await_end(database: &PgPool, sync: Uuid) -> String {
    let end = Instant::now() + SYNC_MAX;
    let sql = "select state from syncs where id = $1 and finished_at is not null";
    loop {
        let state = sqlx::query_scalar(sql).bind(sync).fetch_optional(database).await.unwrap();
        if let Some(state) = state {
            return state;
        }
        assert!(Instant::now() < end, "sync {sync} does not end");
        sleep(POLL_INTERVAL).await;
    }
}
