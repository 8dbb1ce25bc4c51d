//! Compares two syncs of an asset.

use domain::drift::{self, Drift, NotComparable};
use domain::recorded_evaluation::RecordedEvaluation;
use domain::sync::SyncState;
use domain::{AssetId, OrganisationId, SyncId};
use store::{AssetView, JudgedSync, PageQuery, Period, SyncScore};

use crate::concurrency_limit::Turn;
use crate::evaluation::{TIMEOUT, run_blocking};
use crate::{Engine, Error};

const NOT_KEPT: &str = "What that sync saw is not kept: compare later syncs.";
const TOO_LARGE: &str = "The settings of that sync were too large to keep: more than 16 MiB.";
const NOT_UNDERSTOOD: &str = "What that sync saw was written by another version of this service, \
    which knew things that this one does not.";
const DID_NOT_SUCCEED: &str = "Only syncs that succeeded can be compared.";

#[derive(Debug, Clone, PartialEq)]
pub struct DriftAnswer {
    /// The earlier sync. None: `to` is the first.
    pub from: Option<SyncScore>,
    /// The later sync. None: no sync has succeeded.
    pub to: Option<SyncScore>,
    /// Empty unless both are set.
    pub drift: Drift,
}

impl Engine {
    /// Compares two syncs of an asset; by default the latest two.
    pub async fn drift(
        &self,
        organisation: &OrganisationId,
        asset_id: AssetId,
        (from, to): (Option<SyncId>, Option<SyncId>),
    ) -> Result<DriftAnswer, Error> {
        // Acquired before anything is read, because the snapshots may be large.
        let turn = self.acquire_comparison(organisation).await?;
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
        // The turn moves into the task, which finishes even if the caller is gone.
        let compared = run_blocking(TIMEOUT, move || {
            let compared = drift::between(from, to);
            drop(turn);
            compared
        });
        let compared = compared.await.map_err(|_| Error::TooManyComparisons)?;
        let drift = compared.map_err(|why| match why {
            NotComparable::TooLarge => Error::NotKept(TOO_LARGE),
            NotComparable::NotUnderstood(what) => {
                tracing::warn!(part = what, "stored snapshot of another version cannot be read");
                Error::NotKept(NOT_UNDERSTOOD)
            }
        })?;
        Ok(DriftAnswer { from: Some(scores.0), to: Some(scores.1), drift })
    }

    /// Waits briefly for a turn of the organisation.
    pub(crate) async fn acquire_comparison(
        &self,
        organisation: &OrganisationId,
    ) -> Result<Turn, Error> {
        let wait = self.limits().comparison_wait;
        let turn = self.shared.comparisons.acquire(organisation, wait).await;
        turn.ok_or(Error::TooManyComparisons)
    }

    /// A successful sync of this asset.
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

    /// The previous successful sync.
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
