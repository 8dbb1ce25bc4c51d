//! Judging a tenant and preparing what is kept of that, away from the threads that answer: a tenant
//! may be large.

use std::sync::Arc;

use domain::checks::{self, Evaluation};
use domain::judgement::Judgement;
use domain::policy::Policy;
use domain::reconcile::PolicyChange;
use domain::tenant::Tenant;
use store::Keep;

/// Runs work that may take long where it holds nobody up. A panic of it is a panic of the caller.
pub async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only a runtime that shuts down cancels such work, and then nobody waits for it.
            Err(_) => std::future::pending().await,
        },
    }
}

/// A tenant judged, and the record of it.
pub struct Judging {
    pub evaluation: Evaluation,
    pub keep: Keep,
    /// Where the policy is another than `former`.
    pub policy_change: Option<PolicyChange>,
}

/// Judges by a policy, and by the former one where that is another.
pub async fn judge(
    tenant: Arc<Tenant>,
    policy: Policy,
    former: Option<Policy>,
) -> Result<Judging, store::Error> {
    aside(move || {
        let evaluation = checks::evaluate_by(&tenant, &policy);
        let former = former.filter(|former| *former != policy);
        let policy_change = former.map(|former| PolicyChange {
            by_former: checks::evaluate_by(&tenant, &former),
            present: policy.clone(),
            former,
        });
        let judgement = Judgement::of(&tenant, policy, &evaluation);
        let keep = Keep::new(&judgement, tenant.observed_at)?;
        Ok(Judging { evaluation, keep, policy_change })
    })
    .await
}
