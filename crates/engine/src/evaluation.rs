//! Evaluates a tenant and prepares the record of it on the blocking pool, because a tenant may be large.

use std::sync::Arc;
use std::time::Duration;

use domain::checks::{self, Evaluation};
use domain::policy::Policy;
use domain::reconcile::PolicyChange;
use domain::recorded_evaluation::RecordedEvaluation;
use domain::tenant::Tenant;
use store::NewEvaluation;

/// Readings are bounded in size, so an evaluation takes milliseconds.
pub const TIMEOUT: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("evaluating the tenant took too long")]
pub struct TimedOut;

/// Runs CPU-bound work on the blocking pool. On timeout the work continues, but its result is dropped. A panic in the
/// work panics in the caller.
pub async fn run_blocking<T: Send + 'static>(
    timeout: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, TimedOut> {
    let done = tokio::time::timeout(timeout, tokio::task::spawn_blocking(work)).await;
    match done.map_err(|_| TimedOut)? {
        Ok(done) => Ok(done),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Cancelled only when the runtime shuts down.
            Err(_) => std::future::pending().await,
        },
    }
}

/// An evaluation and its record.
pub struct TenantEvaluation {
    pub evaluation: Evaluation,
    pub keep: NewEvaluation,
    /// Set if the policy differs from `former`.
    pub policy_change: Option<PolicyChange>,
}

/// Evaluates under a policy, and under the former one if that differs. A timeout is not retryable, because another
/// attempt would take as long.
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
