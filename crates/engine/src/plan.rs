//! The plan of an asset, computed on its latest snapshot. Calls no tenant and writes nothing.

use std::time::{Duration, Instant};

use domain::plan::{ActionId, Plan, Selection, Situation, WhatIf};
use domain::preview::NotEvaluated;
use domain::tenant::Tenant;
use domain::{AssetId, Faults, OrganisationId};
use store::{Asset, SyncScore};

use crate::evaluation::{TIMEOUT, run_blocking};
use crate::stored_state::StoredState;
use crate::{Engine, Error};

/// Ends a plan of a large tenant before the request does. An ordinary one takes a fraction of a second.
const PLAN_TIME: Duration = Duration::from_secs(10);

/// What was computed on the latest snapshot of an asset.
#[derive(Debug, Clone)]
pub struct OnSnapshot<T> {
    pub asset: Asset,
    /// The sync that took the snapshot.
    pub sync: SyncScore,
    pub content: T,
}

/// The effect of chosen actions.
#[derive(Debug, Clone)]
pub struct PlanPreview {
    /// In the order of the plan.
    pub actions: Vec<ActionId>,
    pub effect: WhatIf,
}

impl Engine {
    pub async fn plan(
        &self,
        organisation: &OrganisationId,
        asset_id: AssetId,
    ) -> Result<OnSnapshot<Plan>, Error> {
        self.on_snapshot(organisation, asset_id, |situation| Ok(build(&situation))).await
    }

    /// The effect of chosen actions of the present plan.
    pub async fn preview_plan(
        &self,
        organisation: &OrganisationId,
        asset_id: AssetId,
        selection: Selection,
    ) -> Result<OnSnapshot<PlanPreview>, Error> {
        self.on_snapshot(organisation, asset_id, move |situation| {
            let plan = build(&situation);
            let chosen = selection.choose_from(&plan)?;
            Ok(PlanPreview {
                actions: chosen.iter().map(|action| action.id.clone()).collect(),
                effect: situation.what_if(chosen),
            })
        })
        .await
    }

    async fn on_snapshot<T: Send + 'static>(
        &self,
        organisation: &OrganisationId,
        asset_id: AssetId,
        compute: impl FnOnce(Situation) -> Result<T, Faults> + Send + 'static,
    ) -> Result<OnSnapshot<T>, Error> {
        let turn = self.acquire_comparison(organisation).await?;
        let asset = self.store().find_asset(organisation, asset_id, self.clock().now()).await?;
        let asset = asset.ok_or(Error::NotFound)?.asset;
        let stored = self.stored_state(organisation, (asset.integration_id, asset.id)).await?;
        let StoredState { sync, snapshot, known, context } = stored.map_err(not_kept)?;
        let policy = self.store().get_policy(organisation).await?.policy;
        let computed = run_blocking(TIMEOUT, move || {
            // Held while the tenant is in memory, even if the caller is gone.
            let _turn = turn;
            let tenant = Tenant::try_from(snapshot).map_err(|what| {
                tracing::warn!(part = what, "stored snapshot of another version cannot be read");
                not_kept(NotEvaluated::NotUnderstood)
            })?;
            compute(Situation { known, tenant, policy, context }).map_err(Error::Invalid)
        });
        let content = computed.await.map_err(|_| Error::TooManyComparisons)??;
        Ok(OnSnapshot { asset, sync, content })
    }
}

fn build(situation: &Situation) -> Plan {
    let start = Instant::now();
    Plan::build(situation, |_| true, || start.elapsed() < PLAN_TIME)
}

fn not_kept(why: NotEvaluated) -> Error {
    Error::NotKept(match why {
        NotEvaluated::TooLarge => {
            "The settings that the latest sync read were too large to store: more than 16 MiB."
        }
        NotEvaluated::NotUnderstood => {
            "The latest snapshot was written by another version of this service. The next sync replaces it."
        }
        NotEvaluated::NotKept
        | NotEvaluated::NeverSynced
        | NotEvaluated::NotFound
        | NotEvaluated::Deleted => "There is no snapshot of the asset. The next sync takes one.",
    })
}
