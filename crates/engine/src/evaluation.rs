//! Judging a tenant and preparing what is kept of that, away from the threads that answer: a tenant
//! may be large.

use std::sync::Arc;
use std::time::Duration;

use domain::checks::{self, Evaluation};
use domain::policy::Policy;
use domain::reconcile::PolicyChange;
use domain::recorded_evaluation::RecordedEvaluation;
use domain::tenant::Tenant;
use store::NewEvaluation;

/// How long the evaluation of one tenant may take. What is read of a tenant is bounded, so it takes milliseconds.
pub const TIMEOUT: Duration = Duration::from_secs(20);

/// The work took longer than its timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("evaluating the tenant took too long")]
pub struct TimedOut;

/// Runs CPU-bound work on a thread that serves no request. Work that exceeds the timeout runs on to its end, but
/// nobody waits for it. A panic in the work is a panic in the caller.
pub async fn run_blocking<T: Send + 'static>(
    timeout: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, TimedOut> {
    let done = tokio::time::timeout(timeout, tokio::task::spawn_blocking(work)).await;
    match done.map_err(|_| TimedOut)? {
        Ok(done) => Ok(done),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only a runtime that shuts down cancels such work, and then nobody waits for it.
            Err(_) => std::future::pending().await,
        },
    }
}

/// A tenant judged, and the record of it.
pub struct TenantEvaluation {
    pub evaluation: Evaluation,
    pub keep: NewEvaluation,
    /// Where the policy is another than `former`.
    pub policy_change: Option<PolicyChange>,
}

/// Judges by a policy, and by the former one where that is another. An evaluation that exceeds `TIMEOUT` is an
/// error that is not retryable: another attempt would take as long.
pub async fn evaluate(
    tenant: Arc<Tenant>,
    policy: Policy,
    former: Option<Policy>,
) -> Result<TenantEvaluation, store::Error> {
    run_blocking(TIMEOUT, move || {
        let evaluation = checks::evaluate_by(&tenant, &policy);
        let former = former.filter(|former| *former != policy);
        let policy_change = former.map(|former| PolicyChange {
            by_former: checks::evaluate_by(&tenant, &former),
            present: policy.clone(),
            former,
        });
        let judgement = RecordedEvaluation::record(&tenant, policy, &evaluation);
        let keep = NewEvaluation::new(&judgement, tenant.observed_at)?;
        Ok(TenantEvaluation { evaluation, keep, policy_change })
    })
    .await
    .map_err(|timed_out| store::Error::Other(Box::new(timed_out)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_evaluation_times_out() {
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let endless = run_blocking(Duration::from_millis(1), move || ended.recv());
        assert_eq!(endless.await, Err(TimedOut));
        drop(end);
        assert_eq!(run_blocking(TIMEOUT, || 1).await, Ok(1));
    }
}
