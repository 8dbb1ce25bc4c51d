//! Trying a policy on what is kept of the tenants: nobody is called, and nothing is written.

use domain::policy::{Policy, Proposal};
use domain::preview::{self, Baseline, Preview};
use domain::reconcile::ReconcileContext;
use domain::tenant::Tenant;
use domain::{AssetId, IntegrationId, OrganisationId};
use jiff::Timestamp;
use store::PageQuery;

use crate::evaluation::{TIMEOUT, run_blocking};
use crate::{Engine, Error};

/// What all changes of one answer may take, in bytes of JSON: it is kept for its idempotency key.
const RESPONSE_BUDGET: usize = 512 * 1024;

/// What a policy would make of some integrations.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PolicyPreviews {
    /// Of those that could be judged, in the order of their ids.
    pub evaluated: Vec<PolicyPreview>,
    /// The others, and why.
    pub not_evaluated: Vec<(IntegrationId, NotEvaluated)>,
    /// The last integration looked at, where others follow.
    pub last: Option<IntegrationId>,
}

/// What a policy would make of one integration.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyPreview {
    /// Which.
    pub integration_id: IntegrationId,
    /// Its asset.
    pub asset_id: AssetId,
    /// The Asset Name in SAFE.
    pub asset_name: String,
    /// When the tenant was seen that is judged here.
    pub observed_at: Timestamp,
    /// What would be another.
    pub preview: Preview,
}

/// Why there is nothing to judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotEvaluated {
    /// No such integration in the caller's organisation.
    NotFound,
    /// It is deleted.
    Deleted,
    /// No sync has succeeded yet.
    NeverSynced,
    /// What the latest successful sync saw is not kept.
    NotKept,
    /// It was too large to keep.
    TooLarge,
    /// It was written by another version of this service, which knew what this one does not.
    NotUnderstood,
}

impl Engine {
    /// One page, by the order of ids: of all living integrations, or of those that the proposal names.
    pub async fn preview_policy(
        &self,
        organisation: &OrganisationId,
        proposal: &Proposal,
        slice: PageQuery<IntegrationId>,
    ) -> Result<PolicyPreviews, Error> {
        let present = self.store().get_policy(organisation).await?.policy;
        let policies = [present, proposal.policy.clone()];
        let mut page = PolicyPreviews::default();
        let (ids, has_more) = if let Some(named) = &proposal.integration_ids {
            let (named, has_more) = page_of(named, slice);
            (self.active_findings(organisation, named, &mut page).await?, has_more)
        } else {
            let listed = self.store().list_integrations(organisation, slice).await?;
            (listed.items.iter().map(|each| each.id).collect(), listed.has_more)
        };
        let mut room = RESPONSE_BUDGET;
        for id in ids {
            match self.preview_one(organisation, id, &policies, room).await? {
                Ok((judged, left)) => {
                    room = left;
                    page.evaluated.push(judged);
                }
                Err(why) => page.not_evaluated.push((id, why)),
            }
        }
        let looked_at = page.evaluated.iter().map(|each| each.integration_id);
        let left_out = page.not_evaluated.iter().map(|(id, _)| *id);
        page.last = looked_at.chain(left_out).max().filter(|_| has_more);
        page.not_evaluated.sort_by_key(|(id, _)| *id);
        Ok(page)
    }

    /// Those that can be looked at; the others are noted.
    async fn active_findings(
        &self,
        organisation: &OrganisationId,
        named: Vec<IntegrationId>,
        page: &mut PolicyPreviews,
    ) -> Result<Vec<IntegrationId>, Error> {
        let mut living = Vec::with_capacity(named.len());
        for id in named {
            match self.store().find_integration(organisation, id, self.clock().now()).await? {
                Some(found) if found.deleted_at.is_none() => living.push(id),
                Some(_) => page.not_evaluated.push((id, NotEvaluated::Deleted)),
                None => page.not_evaluated.push((id, NotEvaluated::NotFound)),
            }
        }
        Ok(living)
    }

    /// With the room that is left in the answer.
    async fn preview_one(
        &self,
        organisation: &OrganisationId,
        integration_id: IntegrationId,
        policies: &[Policy; 2],
        mut room: usize,
    ) -> Result<Result<(PolicyPreview, usize), NotEvaluated>, Error> {
        let turn = self.acquire_comparison_permit().await?;
        let store = self.store();
        let Some(asset) = store.find_asset_of(organisation, integration_id).await? else {
            return Ok(Err(NotEvaluated::NeverSynced));
        };
        let latest = match store.latest_judgement(organisation, integration_id).await {
            Ok(Some(latest)) => latest,
            Ok(None) => return Ok(Err(NotEvaluated::NotKept)),
            // Written by another version of this service.
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
        let occasion = ReconcileContext {
            organisation_id: organisation.clone(),
            integration_id,
            asset_id: asset.id,
            sync_id: latest.score.sync_id,
            now,
            // Nothing is written, so nobody reads why.
            policy_change: None,
        };
        let policies = policies.clone();
        let judged = run_blocking(TIMEOUT, move || {
            // Held for as long as the tenant is in memory, also when nobody waits any more.
            let _turn = turn;
            let tenant = Tenant::try_from(snapshot)?;
            let [present, other] = &policies;
            let mut preview = preview::between(&known, &tenant, [present, other], &occasion);
            preview.cut(&mut room);
            Ok::<_, String>((preview, room))
        });
        let (preview, room) = match judged.await.map_err(|_| Error::TooManyComparisons)? {
            Ok(judged) => judged,
            Err(what) => {
                tracing::warn!(what, "a snapshot of another version is not understood");
                return Ok(Err(NotEvaluated::NotUnderstood));
            }
        };
        let observed_at = latest.score.observed_at;
        let (asset_id, asset_name) = (asset.id, asset.name);
        let judged = PolicyPreview { integration_id, asset_id, asset_name, observed_at, preview };
        Ok(Ok((judged, room)))
    }
}

/// The named ones of this page, and whether others follow.
fn page_of(named: &[IntegrationId], slice: PageQuery<IntegrationId>) -> (Vec<IntegrationId>, bool) {
    let limit = usize::try_from(slice.limit).unwrap_or(usize::MAX);
    let mut ids = named.to_vec();
    ids.sort();
    ids.retain(|id| slice.after.is_none_or(|after| *id > after));
    let has_more = ids.len() > limit;
    ids.truncate(limit);
    (ids, has_more)
}
