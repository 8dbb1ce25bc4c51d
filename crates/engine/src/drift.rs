//! Comparing two syncs of one asset.

use std::sync::Arc;

use domain::drift::{self, Drift, NotComparable};
use domain::recorded_evaluation::RecordedEvaluation;
use domain::sync::SyncState;
use domain::{AssetId, OrganisationId, SyncId};
use store::{AssetView, JudgedSync, PageQuery, Period, SyncScore};
use tokio::sync::OwnedSemaphorePermit;

use crate::evaluation::{TIMEOUT, run_blocking};
use crate::{Engine, Error};

const NOT_KEPT: &str = "What that sync saw is not kept: compare later syncs.";
const TOO_LARGE: &str = "What that sync saw was too large to keep: more than 16 MiB.";
const NOT_UNDERSTOOD: &str = "What that sync saw was written by another version of this service, \
    which knew things that this one does not.";
const DID_NOT_SUCCEED: &str = "Only syncs that succeeded can be compared.";

/// What differs between two syncs.
#[derive(Debug, Clone, PartialEq)]
pub struct DriftAnswer {
    /// The earlier one; none when `to` is the first.
    pub from: Option<SyncScore>,
    /// The later one; none before the first.
    pub to: Option<SyncScore>,
    /// What differs; nothing without both.
    pub drift: Drift,
}

impl Engine {
    /// Compares two syncs of an asset: by default the latest, with the one before it.
    pub async fn drift(
        &self,
        organisation: &OrganisationId,
        asset_id: AssetId,
        (from, to): (Option<SyncId>, Option<SyncId>),
    ) -> Result<DriftAnswer, Error> {
        // Before anything is read: what is compared may be large.
        let turn = self.acquire_comparison_permit().await?;
        let now = self.clock().now();
        let asset = self.store().find_asset(organisation, asset_id, now).await?;
        let asset = asset.ok_or(Error::NotFound)?;
        let to = if let Some(id) = to {
            Some(self.judged(organisation, &asset, id).await?)
        } else {
            let of = asset.asset.integration_id;
            self.store().latest_judgement(organisation, of).await?
        };
        let from = match (from, &to) {
            (Some(id), _) => Some(self.judged(organisation, &asset, id).await?),
            (None, Some(to)) => self.sync_before(organisation, to).await?,
            (None, None) => None,
        };
        let (from, to) = match (from, to) {
            (Some(from), Some(to)) => (from, to),
            (from, to) => {
                let score = |sync: Option<JudgedSync>| sync.map(|sync| sync.score);
                let drift = Drift::default();
                return Ok(DriftAnswer { from: score(from), to: score(to), drift });
            }
        };
        let scores = (from.score, to.score);
        let kept =
            |judgement: Option<RecordedEvaluation>| judgement.ok_or(Error::NotKept(NOT_KEPT));
        let (from, to) = (kept(from.judgement)?, kept(to.judgement)?);
        // The turn goes with the work, which ends though its caller has gone away.
        let compared = run_blocking(TIMEOUT, move || {
            let compared = drift::between(from, to);
            drop(turn);
            compared
        });
        let compared = compared.await.map_err(|_| Error::TooManyComparisons)?;
        let drift = compared.map_err(|why| match why {
            NotComparable::TooLarge => Error::NotKept(TOO_LARGE),
            NotComparable::NotUnderstood(what) => {
                tracing::warn!(what, "a snapshot of another version is not understood");
                Error::NotKept(NOT_UNDERSTOOD)
            }
        })?;
        Ok(DriftAnswer { from: Some(scores.0), to: Some(scores.1), drift })
    }

    /// Waits for a turn, but not for long.
    pub(crate) async fn acquire_comparison_permit(&self) -> Result<OwnedSemaphorePermit, Error> {
        let turn = Arc::clone(&self.shared.comparisons).acquire_owned();
        let waited = tokio::time::timeout(self.limits().comparison_wait, turn).await;
        waited.ok().and_then(Result::ok).ok_or(Error::TooManyComparisons)
    }

    /// A sync of this asset that succeeded.
    async fn judged(
        &self,
        organisation: &OrganisationId,
        asset: &AssetView,
        id: SyncId,
    ) -> Result<JudgedSync, Error> {
        if let Some(found) = self.store().find_judgement(organisation, id).await? {
            let is_of_asset = found.score.asset_id == asset.asset.id;
            return if is_of_asset { Ok(found) } else { Err(Error::NotFound) };
        }
        let sync = self.store().find_sync(organisation, id, self.clock().now()).await?;
        match sync {
            Some(sync) if sync.integration_id == asset.asset.integration_id => {
                let has_succeeded = sync.state == SyncState::Succeeded;
                Err(Error::NotKept(if has_succeeded { NOT_KEPT } else { DID_NOT_SUCCEED }))
            }
            _ => Err(Error::NotFound),
        }
    }

    /// The successful sync before this one.
    async fn sync_before(
        &self,
        organisation: &OrganisationId,
        to: &JudgedSync,
    ) -> Result<Option<JudgedSync>, Error> {
        let slice = PageQuery { limit: 1, after: Some(to.score.sync_id) };
        let (asset_id, now) = (to.score.asset_id, self.clock().now());
        let page =
            self.store().list_scores(organisation, asset_id, Period::default(), slice, now).await?;
        match page.items.first() {
            Some(score) => Ok(self.store().find_judgement(organisation, score.sync_id).await?),
            None => Ok(None),
        }
    }
}
