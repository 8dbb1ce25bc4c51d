//! What finds out who calls, and by which limits a caller goes on.

use std::net::IpAddr;
use std::sync::Arc;

use domain::{Clock, OrganisationId};

use crate::auth::{CredentialLookup, Verifier};
use crate::limits::{Concurrency, RateLimits};
use crate::middleware::RequestContext;
use crate::problem::ApiError;

/// How soon one of the connection tests under way may have ended, in seconds.
const TEST_RETRY_AFTER_S: u32 = 5;

/// Only `credentials` touches the database.
#[derive(Clone)]
pub struct Authenticator {
    pub clock: Arc<dyn Clock>,
    pub verifier: Verifier,
    pub credentials: CredentialLookup,
    pub rates: Arc<RateLimits>,
    pub concurrency: Arc<Concurrency>,
}

impl Authenticator {
    /// Lets a request go on whose caller is known now: by their rate, and with a permit of their
    /// organisation instead of one of the address.
    pub fn admit_caller(
        &self,
        context: &RequestContext,
        organisation: &OrganisationId,
        subject: &str,
    ) -> Result<(), ApiError> {
        let status = self.rates.check_caller(organisation, subject, self.clock.now());
        context.record_rate_limit(status)?;
        let permit =
            self.concurrency.acquire_for_organisation(organisation, context.connection())?;
        context.hold_permit(permit);
        Ok(())
    }

    /// Lets a request go on that may call a tenant. It is under way until nothing of the request is left.
    pub fn admit_connection_test(
        &self,
        context: &RequestContext,
        organisation: &OrganisationId,
    ) -> Result<(), ApiError> {
        let admitted = self.rates.check_connection_test(organisation, self.clock.now());
        let (status, share) =
            admitted.ok_or(ApiError::RateLimited { retry_after_s: TEST_RETRY_AFTER_S })?;
        context.record_rate_limit(status)?;
        context.hold_quota_permit(share);
        Ok(())
    }

    /// Counts a request without an acceptable credential; the refusal, or 429 when its address has too many.
    pub fn refuse(&self, context: &RequestContext, refusal: ApiError) -> ApiError {
        let Some(address) = address(context) else { return refusal };
        let status = self.rates.check_unauthenticated(address, self.clock.now());
        context.record_rate_limit(status).err().unwrap_or(refusal)
    }

    /// Refuses an address from which too much has failed, before work is spent on one more try.
    pub fn check_address(&self, context: &RequestContext) -> Result<(), ApiError> {
        let Some(address) = address(context) else { return Ok(()) };
        let status = self.rates.peek_unauthenticated(address, self.clock.now());
        if status.retry_after_s().is_some() { context.record_rate_limit(status) } else { Ok(()) }
    }
}

fn address(context: &RequestContext) -> Option<IpAddr> {
    context.client_address().map(|source| source.ip())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{Limits, Rates};
    use crate::testing::Gate;

    #[tokio::test]
    async fn a_test_is_under_way_until_nothing_of_its_request_is_left() {
        let rates = Rates { tests_at_once: 1, ..Rates::default() };
        let gate = Gate::new(&Limits { rates, ..Limits::default() });
        let acme = OrganisationId::parse("acme").unwrap();
        let context = || RequestContext::new(&http::Request::new(()));
        let (first, second) = (context(), context());
        gate.authenticator.admit_connection_test(&first, &acme).unwrap();
        let refused = gate.authenticator.admit_connection_test(&second, &acme);
        assert!(matches!(
            refused,
            Err(ApiError::RateLimited { retry_after_s: TEST_RETRY_AFTER_S })
        ));
        let work_that_goes_on = first.clone();
        drop(first);
        assert!(gate.authenticator.admit_connection_test(&second, &acme).is_err());
        drop(work_that_goes_on);
        gate.authenticator.admit_connection_test(&second, &acme).unwrap();
    }
}
