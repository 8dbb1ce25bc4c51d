//! Limits concurrent requests. A request starts with a permit of its client's address and exchanges it for one of its
//! organisation once it is authenticated. So unauthenticated requests do not use up the permits of callers, and one
//! organisation leaves permits to the others.

use std::net::{IpAddr, Ipv4Addr};

use domain::OrganisationId;

use super::client_network::client_network;
use super::connections::CallerRequest;
use super::{AcquireError, Connection, Limits, Permit, SharedPermits};

/// The permits of all requests.
pub struct Concurrency {
    unauthenticated: SharedPermits<IpAddr>,
    authenticated: SharedPermits<OrganisationId>,
}

/// The permit that a request holds.
#[derive(Debug)]
#[expect(dead_code, reason = "permits are held until they are dropped, never read")]
pub enum ConcurrencyPermit {
    /// Until the caller is known or the response is ready.
    Unauthenticated(Permit<IpAddr>),
    /// Until the request and its response are dropped.
    Authenticated(Permit<OrganisationId>, Option<CallerRequest>),
}

impl Concurrency {
    pub fn new(limits: &Limits) -> Self {
        let total = limits.concurrent_requests;
        Self {
            unauthenticated: SharedPermits::new(total, limits.concurrent_per_address),
            authenticated: SharedPermits::new(total, limits.concurrent_per_organisation),
        }
    }

    /// For a request that is not authenticated yet.
    pub fn acquire_for_address(
        &self,
        address: Option<IpAddr>,
    ) -> Result<ConcurrencyPermit, AcquireError> {
        let address = address.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), client_network);
        let permit = self.unauthenticated.acquire(&address)?;
        Ok(ConcurrencyPermit::Unauthenticated(permit))
    }

    /// For an authenticated request.
    pub fn acquire_for_organisation(
        &self,
        organisation: &OrganisationId,
        connection: Option<&Connection>,
    ) -> Result<ConcurrencyPermit, AcquireError> {
        let permit = self.authenticated.acquire(organisation)?;
        let request = connection.map(Connection::begin_caller_request);
        Ok(ConcurrencyPermit::Authenticated(permit, request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unauthenticated_requests_and_other_organisations_do_not_use_a_callers_concurrency() {
        let concurrency = Concurrency::new(&Limits {
            concurrent_requests: 2,
            concurrent_per_address: 1,
            concurrent_per_organisation: 1,
            ..Limits::default()
        });
        let [acme, globex] = ["acme", "globex"].map(|name| OrganisationId::parse(name).unwrap());
        let address = |last| Some(IpAddr::from([192, 0, 2, last]));
        let _strangers = [1, 2].map(|last| concurrency.acquire_for_address(address(last)).unwrap());
        assert!(matches!(
            concurrency.acquire_for_address(address(1)),
            Err(AcquireError::ShareExhausted)
        ));
        assert!(matches!(concurrency.acquire_for_address(address(3)), Err(AcquireError::AllTaken)));
        let of_acme = concurrency.acquire_for_organisation(&acme, None).unwrap();
        assert!(matches!(
            concurrency.acquire_for_organisation(&acme, None),
            Err(AcquireError::ShareExhausted)
        ));
        let _of_globex = concurrency.acquire_for_organisation(&globex, None).unwrap();
        drop(of_acme);
        assert!(concurrency.acquire_for_organisation(&acme, None).is_ok());
    }
}
