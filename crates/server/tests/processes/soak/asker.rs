//! Requests syncs of one integration repeatedly, from any replica, and records what was acknowledged.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Method;
use sqlx::PgPool;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::dice::Dice;
use crate::support::Api;

/// A sync takes 2 s or so. Five workers may lose it, each with a lease of 5 s, and what one of them
/// left in the middle of a transaction holds for 30 s at the most.
const SYNC_MAX: Duration = Duration::from_secs(600);
const LOOK_EVERY: Duration = Duration::from_millis(50);
const BEFORE_ASKING_AGAIN: Duration = Duration::from_millis(200);

pub struct Asker {
    pub api: Api,
    pub integration: String,
    pub replicas: Vec<Arc<Mutex<String>>>,
    pub database: PgPool,
    pub dice: Dice,
    /// Syncs that were acknowledged.
    pub acknowledged: Vec<Uuid>,
    /// Calls that were answered, or not: 202, 409, 503, none.
    pub answers: [u32; 4],
    /// The longest from asking to the end.
    pub longest: Duration,
}

impl Asker {
    /// Until the time is over and one has succeeded.
    pub async fn ask(&mut self, end: Instant) {
        let mut has_succeeded = false;
        while Instant::now() < end || !has_succeeded {
            let Some(sync) = self.ask_once().await else {
                sleep(BEFORE_ASKING_AGAIN).await;
                continue;
            };
            let asked = Instant::now();
            has_succeeded |= await_end(&self.database, sync).await == "succeeded";
            self.longest = self.longest.max(asked.elapsed());
            self.look().await;
        }
    }

    /// A sync that was queued, or is in progress; none where the replica is in trouble.
    async fn ask_once(&mut self) -> Option<Uuid> {
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
            // One whose acknowledgement was lost on its way.
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

    /// Reading is served or refused, too.
    async fn look(&mut self) {
        let address = self.some_replica();
        if let Ok(answer) = self.api.try_call(&address, Method::GET, "/v1/findings", None).await {
            assert!(answer.status == 200 || answer.is_unavailable(), "{answer:?}");
        }
    }

    fn some_replica(&mut self) -> String {
        let index = self.dice.below(self.replicas.len());
        self.replicas[index].lock().unwrap().clone()
    }
}

/// Its state in the end.
pub async fn await_end(database: &PgPool, sync: Uuid) -> String {
    let end = Instant::now() + SYNC_MAX;
    let sql = "select state from syncs where id = $1 and finished_at is not null";
    loop {
        let state = sqlx::query_scalar(sql).bind(sync).fetch_optional(database).await.unwrap();
        if let Some(state) = state {
            return state;
        }
        assert!(Instant::now() < end, "sync {sync} does not end");
        sleep(LOOK_EVERY).await;
    }
}
