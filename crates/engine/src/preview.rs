//! Previews a policy on the stored snapshots. Calls no tenant and writes nothing.

use domain::policy::{Policy, Proposal};
use domain::preview::{self, NotEvaluated, Preview};
use domain::tenant::Tenant;
use domain::{AssetId, IntegrationId, OrganisationId};
use jiff::Timestamp;
use store::PageQuery;

use crate::evaluation::{TIMEOUT, run_blocking};
use crate::stored_state::StoredState;
use crate::{Engine, Error};

/// Maximum size of all changes in a response, in bytes of JSON: the response is stored for its idempotency key.
const RESPONSE_BUDGET: usize = 512 * 1024;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct PolicyPreviews {
    /// In the order of their ids.
    pub evaluated: Vec<PolicyPreview>,
    pub not_evaluated: Vec<(IntegrationId, NotEvaluated)>,
    /// The last integration of this page. None: it is the last page.
    pub last: Option<IntegrationId>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PolicyPreview {
    pub integration_id: IntegrationId,
    pub asset_id: AssetId,
    pub asset_name: String,
    /// When the evaluated tenant was read.
    pub observed_at: Timestamp,
    pub preview: Preview,
}

impl Engine {
    /// One page in the order of ids: of all active integrations, or of those named by the proposal.
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

    /// Those that can be evaluated; the others are recorded.
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

    /// `room`: what is left of the response's budget.
    async fn preview_one(
        &self,
        organisation: &OrganisationId,
        integration_id: IntegrationId,
        policies: &[Policy; 2],
        mut room: usize,
    ) -> Result<Result<(PolicyPreview, usize), NotEvaluated>, Error> {
        let turn = self.acquire_comparison(organisation).await?;
        let Some(asset) = self.store().find_asset_of(organisation, integration_id).await? else {
            return Ok(Err(NotEvaluated::NeverSynced));
        };
        let stored = match self.stored_state(organisation, (integration_id, asset.id)).await? {
            Ok(stored) => stored,
            Err(why) => return Ok(Err(why)),
        };
        let StoredState { sync, snapshot, known, context } = stored;
        let policies = policies.clone();
        let judged = run_blocking(TIMEOUT, move || {
            // Held while the tenant is in memory, even if the caller is gone.
            let _turn = turn;
            let tenant = Tenant::try_from(snapshot)?;
            let [present, other] = &policies;
            let mut preview = preview::between(&known, &tenant, [present, other], &context);
            preview.cut(&mut room);
            Ok::<_, String>((preview, room))
        });
        let (preview, room) = match judged.await.map_err(|_| Error::TooManyComparisons)? {
            Ok(judged) => judged,
            Err(what) => {
                tracing::warn!(part = what, "stored snapshot of another version cannot be read");
                return Ok(Err(NotEvaluated::NotUnderstood));
            }
        };
        let observed_at = sync.observed_at;
        let (asset_id, asset_name) = (asset.id, asset.name);
        let judged = PolicyPreview { integration_id, asset_id, asset_name, observed_at, preview };
        Ok(Ok((judged, room)))
    }
}

/// The named integrations of this page, and whether others follow.
fn page_of(named: &[IntegrationId], slice: PageQuery<IntegrationId>) -> (Vec<IntegrationId>, bool) {
    let limit = usize::try_from(slice.limit).unwrap_or(usize::MAX);
    let mut ids = named.to_vec();
    ids.sort();
    ids.retain(|id| slice.after.is_none_or(|after| *id > after));
    let has_more = ids.len() > limit;
    ids.truncate(limit);
    (ids, has_more)
}
