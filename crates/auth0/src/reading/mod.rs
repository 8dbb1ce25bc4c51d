//! The readings of a session: endpoint, attempts and outcome of each. The rate limiter is in `rate_limit`.

mod classify;
mod endpoint;
mod failed_reading;
mod forbidden;
mod pagination;
mod projection;
mod run;

use domain::readings::ReadingKind;
use domain::sync::ReadingReport;
use domain::tenant::Outcome;
use futures_util::future::join_all;
use jiff::Timestamp;
use tracing::Instrument;

use crate::session::Session;
use pagination::ReadMode;
use run::ReadingRun;

impl Session {
    /// Reads these kinds, as many at once as the tenant's limits allow, and retries transient faults until the
    /// deadline. `on_done` is called as each ends; the results are in the order of `kinds`.
    pub async fn read_all(
        &self,
        kinds: &[ReadingKind],
        deadline: Timestamp,
        on_done: &(dyn Fn(&ReadingReport) + Send + Sync),
    ) -> Vec<(Outcome, ReadingReport)> {
        self.run_all(kinds, ReadMode::Whole, deadline, on_done).await
    }

    /// Reads only the first page of each list, to test access.
    pub async fn probe_all(
        &self,
        kinds: &[ReadingKind],
        deadline: Timestamp,
    ) -> Vec<(Outcome, ReadingReport)> {
        self.run_all(kinds, ReadMode::FirstPage, deadline, &|_| ()).await
    }

    async fn run_all(
        &self,
        kinds: &[ReadingKind],
        mode: ReadMode,
        deadline: Timestamp,
        on_done: &(dyn Fn(&ReadingReport) + Send + Sync),
    ) -> Vec<(Outcome, ReadingReport)> {
        let tenant = self.target.connection.api_identifier.domain();
        let span = tracing::info_span!("read_tenant", tenant, readings = kinds.len());
        let readings = kinds.iter().map(|kind| async move {
            let (outcome, report) = ReadingRun::new(self, *kind, mode, deadline).run().await;
            on_done(&report);
            (outcome, report)
        });
        join_all(readings).instrument(span).await
    }
}
