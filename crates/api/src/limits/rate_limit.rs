//! Rate limits of callers, of unauthenticated requests by address, and of connection tests, which call tenants. Not
//! here: how requests are counted (`token_bucket.rs`).

use std::fmt::Write as _;
use std::net::IpAddr;

use domain::OrganisationId;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;

use super::audit_throttle::AuditThrottle;
use super::client_network::client_network;
use super::forwarding::UnnamedProxies;
use super::known_callers::KnownCallers;
use super::token_bucket::{BucketState, KeyedTokenBuckets, Rate};
use super::{Share, Shares};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The rate limits. Each process counts on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates {
    /// Requests of one caller: organisation and subject.
    pub caller: Rate,
    /// Requests from one address without valid credentials. IPv6: from one /64.
    pub unauthenticated: Rate,
    /// Requests of one organisation that test a connection, including creates and updates.
    pub tests: Rate,
    /// Concurrent connection tests of one organisation.
    pub tests_at_once: usize,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            caller: Rate { per_minute: 6000, burst: 2000 },
            unauthenticated: Rate { per_minute: 600, burst: 600 },
            tests: Rate { per_minute: 600, burst: 600 },
            tests_at_once: 32,
        }
    }
}

/// The state of the rate limits.
pub struct RateLimits {
    callers: KeyedTokenBuckets<(OrganisationId, String)>,
    addresses: KeyedTokenBuckets<IpAddr>,
    tests: KeyedTokenBuckets<OrganisationId>,
    tests_under_way: Shares<OrganisationId>,
    /// Whose requests are examined although their address is over its limit.
    pub known: KnownCallers,
    pub unnamed_proxies: UnnamedProxies,
    /// Which denials the audit records.
    pub denials: AuditThrottle,
    /// Which refused changes the audit records.
    pub refusals: AuditThrottle,
}

/// A request from an address that counts as failed until it is authenticated. Without an address nothing is counted.
#[derive(Debug)]
pub struct AttemptReservation(Option<(IpAddr, RateLimitStatus)>);

impl AttemptReservation {
    /// Of a request that counts against another limit.
    pub const UNCOUNTED: Self = Self(None);

    /// The rate limit that a failed attempt counts against.
    pub fn status(&self) -> Option<RateLimitStatus> {
        self.0.map(|(_, status)| status)
    }
}

/// One rate limit that applied to a request.
#[derive(Debug, Clone, Copy)]
pub struct RateLimitStatus {
    policy: &'static str,
    rate: Rate,
    state: BucketState,
}

impl RateLimitStatus {
    /// None if the request is admitted, else the seconds until the next one is.
    pub fn retry_after_s(&self) -> Option<u32> {
        (!self.state.is_admitted).then_some(self.state.reset_s)
    }
}

impl RateLimits {
    pub fn new(rates: &Rates) -> Self {
        Self {
            callers: KeyedTokenBuckets::new(rates.caller),
            addresses: KeyedTokenBuckets::new(rates.unauthenticated),
            tests: KeyedTokenBuckets::new(rates.tests),
            tests_under_way: Shares::new(rates.tests_at_once),
            known: KnownCallers::default(),
            unnamed_proxies: UnnamedProxies::default(),
            denials: AuditThrottle::default(),
            refusals: AuditThrottle::default(),
        }
    }

    /// Counts a request of an authenticated caller.
    pub fn check_caller(
        &self,
        organisation: &OrganisationId,
        subject: &str,
        now: Timestamp,
    ) -> RateLimitStatus {
        let state = self.callers.consume((organisation.clone(), subject.to_owned()), now);
        RateLimitStatus { policy: "default", rate: self.callers.rate(), state }
    }

    /// Counts a request without valid credentials. Authenticated requests are never refused for others from the same
    /// address.
    pub fn check_unauthenticated(&self, address: IpAddr, now: Timestamp) -> RateLimitStatus {
        self.unauthenticated(self.addresses.consume(client_network(address), now))
    }

    /// Whether the address is over its limit. Counts nothing.
    pub fn peek_unauthenticated(&self, address: IpAddr, now: Timestamp) -> RateLimitStatus {
        self.unauthenticated(self.addresses.peek(&client_network(address), now))
    }

    /// The same for expensive work: counts the attempt beforehand, so that concurrent ones count too. Refund it after
    /// success.
    pub fn reserve_attempt(
        &self,
        address: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<AttemptReservation, RateLimitStatus> {
        let Some(address) = address else { return Ok(AttemptReservation(None)) };
        let status = self.check_unauthenticated(address, now);
        match status.retry_after_s() {
            None => Ok(AttemptReservation(Some((client_network(address), status)))),
            Some(_) => Err(status),
        }
    }

    /// The attempt succeeded.
    pub fn refund(&self, attempt: &AttemptReservation) {
        if let Some((network, _)) = &attempt.0 {
            self.addresses.refund(network);
        }
    }

    /// Counts a request that may call a tenant, and acquires its share of concurrent tests. None if the organisation
    /// has no share left.
    pub fn check_connection_test(
        &self,
        organisation: &OrganisationId,
        now: Timestamp,
    ) -> Option<(RateLimitStatus, Share<OrganisationId>)> {
        let share = self.tests_under_way.try_acquire(organisation)?;
        let state = self.tests.consume(organisation.clone(), now);
        let (policy, rate) = ("connection-tests", self.tests.rate());
        Some((RateLimitStatus { policy, rate, state }, share))
    }

    fn unauthenticated(&self, state: BucketState) -> RateLimitStatus {
        RateLimitStatus { policy: "unauthenticated", rate: self.addresses.rate(), state }
    }
}

/// Writes the headers of draft-ietf-httpapi-ratelimit-headers.
pub fn write_headers(statuses: &[RateLimitStatus], headers: &mut HeaderMap) {
    if statuses.is_empty() {
        return;
    }
    let (mut limit, mut policy) = (String::new(), String::new());
    for (index, each) in statuses.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        let (name, at) = (each.policy, each.state);
        // Writing to a string cannot fail.
        let _ = write!(limit, r#"{comma}"{name}";r={};t={}"#, at.remaining, at.reset_s);
        let _ = write!(policy, r#"{comma}"{name}";q={};w=60"#, each.rate.per_minute);
    }
    for (name, text) in [(RATE_LIMIT, limit), (RATE_LIMIT_POLICY, policy)] {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-06-15T12:00:00Z".parse().unwrap()
    }

    fn org(name: &str) -> OrganisationId {
        OrganisationId::parse(name).unwrap()
    }

    #[test]
    fn a_connection_test_holds_its_permit_until_its_request_ends() {
        let limits = RateLimits::new(&Rates { tests_at_once: 1, ..Rates::default() });
        let first = limits.check_connection_test(&org("acme"), now());
        assert!(first.is_some());
        assert!(limits.check_connection_test(&org("acme"), now()).is_none());
        assert!(limits.check_connection_test(&org("globex"), now()).is_some());
        drop(first);
        assert!(limits.check_connection_test(&org("acme"), now()).is_some());
    }

    #[test]
    fn ipv6_addresses_are_limited_by_their_64_network() {
        let unauthenticated = Rate { per_minute: 1, burst: 1 };
        let limits = RateLimits::new(&Rates { unauthenticated, ..Rates::default() });
        let address = |text: &str| text.parse().unwrap();
        let fails = |text| limits.check_unauthenticated(address(text), now());
        assert_eq!(fails("2001:db8:0:1::1").retry_after_s(), None);
        assert!(fails("2001:db8:0:1:ffff::2").retry_after_s().is_some());
        assert_eq!(fails("2001:db8:0:2::1").retry_after_s(), None);
        assert!(limits.reserve_attempt(Some(address("2001:db8:0:1::3")), now()).is_err());
        let peeked = limits.peek_unauthenticated(address("2001:db8:0:2::9"), now());
        assert!(peeked.retry_after_s().is_some());
    }

    #[test]
    fn the_same_subject_of_another_organisation_is_another_caller() {
        let caller = Rate { per_minute: 1, burst: 1 };
        let limits = RateLimits::new(&Rates { caller, ..Rates::default() });
        let is_admitted =
            |name| limits.check_caller(&org(name), "user|1", now()).retry_after_s().is_none();
        assert!(is_admitted("acme") && !is_admitted("acme"));
        assert!(is_admitted("globex"));
    }
}
