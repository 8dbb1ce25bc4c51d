//! How many requests are answered at once. A request begins with a permit of its client's address and
//! exchanges it for one of its organisation as soon as it has shown whose it is: whoever has not takes
//! nothing that callers need, and one organisation leaves room for the others.

use std::net::{IpAddr, Ipv4Addr};

use domain::OrganisationId;

use super::client_network::client_network;
use super::connections::CallerRequest;
use super::{AcquireError, Connection, Permit, SharedPermits};
use crate::problem::ApiError;

/// When to try again, in seconds: permits are free again within moments.
const RETRY_AFTER_S: u32 = 1;

/// The permits of requests.
pub struct Concurrency {
    unauthenticated: SharedPermits<IpAddr>,
    authenticated: SharedPermits<OrganisationId>,
}

/// What a request that is being answered holds.
#[derive(Debug)]
pub enum ConcurrencyPermit {
    /// Until its caller is known, or the answer is ready.
    Unauthenticated(Permit<IpAddr>),
    /// Until nothing of the request is left, its answer included.
    Authenticated(Permit<OrganisationId>, Option<CallerRequest>),
}

impl Concurrency {
    /// So many requests of each kind, of which one address and one organisation may have so many.
    pub fn new(total: usize, per_address: usize, per_organisation: usize) -> Self {
        Self {
            unauthenticated: SharedPermits::new(total, per_address),
            authenticated: SharedPermits::new(total, per_organisation),
        }
    }

    /// For a request from this address whose caller is not known yet.
    pub fn acquire_for_address(
        &self,
        address: Option<IpAddr>,
    ) -> Result<ConcurrencyPermit, ApiError> {
        let address = address.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), client_network);
        let permit = self.unauthenticated.acquire(&address).map_err(refuse)?;
        Ok(ConcurrencyPermit::Unauthenticated(permit))
    }

    /// For a request of this organisation on this connection.
    pub fn acquire_for_organisation(
        &self,
        organisation: &OrganisationId,
        connection: Option<&Connection>,
    ) -> Result<ConcurrencyPermit, ApiError> {
        let permit = self.authenticated.acquire(organisation).map_err(refuse)?;
        let request = connection.map(Connection::begin_caller_request);
        Ok(ConcurrencyPermit::Authenticated(permit, request))
    }
}

fn refuse(error: AcquireError) -> ApiError {
    match error {
        AcquireError::ShareExhausted => ApiError::RateLimited { retry_after_s: RETRY_AFTER_S },
        AcquireError::AllTaken => ApiError::Unavailable {
            retry_after_s: RETRY_AFTER_S,
            detail: "Too many requests are being answered at the moment. Try again.",
            cause: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unauthenticated_requests_and_other_organisations_do_not_use_a_callers_concurrency() {
        let concurrency = Concurrency::new(2, 1, 1);
        let [acme, globex] = ["acme", "globex"].map(|name| OrganisationId::parse(name).unwrap());
        let address = |last| Some(IpAddr::from([192, 0, 2, last]));
        let _strangers = [1, 2].map(|last| concurrency.acquire_for_address(address(last)).unwrap());
        assert!(matches!(
            concurrency.acquire_for_address(address(1)),
            Err(ApiError::RateLimited { retry_after_s: 1 })
        ));
        assert!(matches!(
            concurrency.acquire_for_address(address(3)),
            Err(ApiError::Unavailable { .. })
        ));
        let of_acme = concurrency.acquire_for_organisation(&acme, None).unwrap();
        assert!(matches!(
            concurrency.acquire_for_organisation(&acme, None),
            Err(ApiError::RateLimited { .. })
        ));
        let _of_globex = concurrency.acquire_for_organisation(&globex, None).unwrap();
        drop(of_acme);
        assert!(concurrency.acquire_for_organisation(&acme, None).is_ok());
    }
}
