//! The latest snapshot of an integration with its findings and acceptances: what policy previews and plans rest on.

use domain::preview::{Baseline, NotEvaluated};
use domain::reconcile::{ReconcileContext, TimesOfAsset};
use domain::snapshot::Snapshot;
use domain::{AssetId, IntegrationId, OrganisationId};
use store::SyncScore;

use crate::{Engine, Error};

pub struct StoredState {
    /// The sync that took the snapshot.
    pub sync: SyncScore,
    pub snapshot: Snapshot,
    pub known: Baseline,
    pub context: ReconcileContext,
}

impl Engine {
    pub(crate) async fn stored_state(
        &self,
        organisation: &OrganisationId,
        (integration_id, asset_id): (IntegrationId, AssetId),
    ) -> Result<Result<StoredState, NotEvaluated>, Error> {
        let store = self.store();
        let latest = match store.latest_judgement(organisation, integration_id).await {
            Ok(Some(latest)) => latest,
            Ok(None) => return Ok(Err(NotEvaluated::NotKept)),
            // Another version of this service wrote it.
            Err(store::Error::Corrupt { .. }) => return Ok(Err(NotEvaluated::NotUnderstood)),
            Err(error) => return Err(error.into()),
        };
        let Some(judgement) = latest.judgement else { return Ok(Err(NotEvaluated::NotKept)) };
        let Some(snapshot) = judgement.snapshot else { return Ok(Err(NotEvaluated::TooLarge)) };
        let now = self.clock().now();
        let known = Baseline {
            findings: store.known_findings(organisation, integration_id).await?,
            accepted: store.accepted_findings(organisation, integration_id, now).await?,
        };
        let context = ReconcileContext {
            organisation_id: organisation.clone(),
            integration_id,
            asset_id,
            sync_id: latest.score.sync_id,
            now,
            // Nothing is stored, so neither is needed.
            of_asset: TimesOfAsset::default(),
            policy_change: None,
        };
        Ok(Ok(StoredState { sync: latest.score, snapshot, known, context }))
    }
}
