//! Judging a tenant and preparing what is kept of that, away from the threads that answer: a tenant
//! may be large.

use std::sync::Arc;

use domain::checks::{self, Evaluation};
use domain::judgement::Judgement;
use domain::policy::Policy;
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

/// What the checks say, and the record of it.
pub async fn judge(
    tenant: Arc<Tenant>,
    policy: Policy,
) -> Result<(Evaluation, Keep), store::Error> {
    aside(move || {
        let evaluation = checks::evaluate_by(&tenant, &policy);
        let judgement = Judgement::of(&tenant, policy, &evaluation);
        let keep = Keep::new(&judgement, tenant.observed_at)?;
        Ok((evaluation, keep))
    })
    .await
}
