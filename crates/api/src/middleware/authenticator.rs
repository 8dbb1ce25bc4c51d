//! What authentication needs, and the limits that apply once the caller is known.

use std::net::IpAddr;
use std::sync::Arc;

use domain::{Clock, OrganisationId};
use store::TokenHash;

use crate::auth::{CredentialLookup, Verifier};
use crate::limits::{Concurrency, RateLimits};
use crate::middleware::RequestContext;
use crate::problem::ApiError;

/// `Retry-After` while the organisation's shares of concurrent connection tests are in use.
const TEST_RETRY_AFTER_S: u32 = 5;

/// Only `credentials` uses the database.
#[derive(Clone)]
pub struct Authenticator {
    pub clock: Arc<dyn Clock>,
    pub verifier: Verifier,
    pub credentials: CredentialLookup,
    pub rates: Arc<RateLimits>,
    pub concurrency: Arc<Concurrency>,
}

impl Authenticator {
    /// Admits a request of an authenticated caller by the caller's rate limit, and exchanges its permit for one of the
    /// organisation.
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

    /// Admits a request that may call a tenant. It counts as in progress until the request and its response are
    /// dropped.
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

    /// Counts a request without valid credentials. Returns the given error, or 429 if the address is over its limit.
    pub fn refuse(&self, context: &RequestContext, refusal: ApiError) -> ApiError {
        let Some(address) = address(context) else { return refusal };
        let status = self.rates.check_unauthenticated(address, self.clock.now());
        context.record_rate_limit(status).err().unwrap_or(refusal)
    }

    /// Refuses an address over its limit, before work is spent on its request, unless the caller authenticated not
    /// long ago.
    pub fn check_address(
        &self,
        context: &RequestContext,
        caller: TokenHash,
    ) -> Result<(), ApiError> {
        let Some(address) = address(context) else { return Ok(()) };
        let now = self.clock.now();
        let status = self.rates.peek_unauthenticated(address, now);
        if status.retry_after_s().is_none() || self.rates.known.admit(caller, now) {
            return Ok(());
        }
        context.record_rate_limit(status)
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
    async fn a_connection_test_counts_until_its_request_is_dropped() {
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
