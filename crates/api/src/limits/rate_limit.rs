//! Who is counted, and what they are told: the caller, whoever fails to say who they are, and tests
//! of connections, which call others on a caller's behalf. Not here: how is counted (`token_bucket.rs`).

use std::fmt::Write as _;
use std::net::IpAddr;

use domain::OrganisationId;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;

use super::audit_throttle::AuditThrottle;
use super::client_network::client_network;
use super::token_bucket::{BucketState, KeyedTokenBuckets, Rate};
use crate::limits::Shares;
use crate::middleware::RequestContext;
use crate::problem::ApiError;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// How soon one of the tests under way may have ended, in seconds.
const TEST_RETRY_AFTER_S: u32 = 5;

/// How often each may do what. Counted by each process for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates {
    /// Requests of one caller: organisation and subject.
    pub caller: Rate,
    /// Requests from one address that do not say acceptably who asks. IPv6: from one /64.
    pub unauthenticated: Rate,
    /// Requests of one organisation that test a connection, creating and changing included.
    pub tests: Rate,
    /// Of those, how many at once.
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

/// The limits in force.
pub struct RateLimits {
    callers: KeyedTokenBuckets<(OrganisationId, String)>,
    addresses: KeyedTokenBuckets<IpAddr>,
    tests: KeyedTokenBuckets<OrganisationId>,
    tests_under_way: Shares<OrganisationId>,
    /// Who may still have a row in the audit for what they may not do.
    pub denials: AuditThrottle,
}

/// A request from an address that has yet to show who asks: counted as a failure until it does.
#[derive(Debug)]
pub struct AttemptReservation {
    site: Option<IpAddr>,
    standing: BucketState,
}

impl RateLimits {
    pub fn new(rates: &Rates) -> Self {
        Self {
            callers: KeyedTokenBuckets::new(rates.caller),
            addresses: KeyedTokenBuckets::new(rates.unauthenticated),
            tests: KeyedTokenBuckets::new(rates.tests),
            tests_under_way: Shares::new(rates.tests_at_once),
            denials: AuditThrottle::default(),
        }
    }

    /// A request of a known caller.
    pub fn check_caller(
        &self,
        context: &RequestContext,
        organisation: &OrganisationId,
        subject: &str,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let standing = self.callers.take((organisation.clone(), subject.to_owned()), now);
        record_rate_limit(context, "default", self.callers.rate(), standing)
    }

    /// A request that does not say who asks. Whoever says it acceptably is never refused for what
    /// others behind the same address do.
    pub fn check_unauthenticated(
        &self,
        context: &RequestContext,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let Some(source) = context.client_address() else { return Ok(()) };
        let standing = self.addresses.take(client_network(source.ip()), now);
        record_rate_limit(context, "unauthenticated", self.addresses.rate(), standing)
    }

    /// Refuses an address from which too much has failed, before work is spent on one more try.
    pub fn peek_unauthenticated(
        &self,
        context: &RequestContext,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let Some(source) = context.client_address() else { return Ok(()) };
        let standing = self.addresses.peek(&client_network(source.ip()), now);
        if standing.is_admitted {
            return Ok(());
        }
        record_rate_limit(context, "unauthenticated", self.addresses.rate(), standing)
    }

    /// The same for work that costs much: its place is taken beforehand, so that many at once are
    /// counted too, and given back to whoever shows who they are.
    pub fn reserve_attempt(
        &self,
        context: &RequestContext,
        now: Timestamp,
    ) -> Result<AttemptReservation, ApiError> {
        let site = context.client_address().map(|source| client_network(source.ip()));
        let standing = match site {
            Some(site) => self.addresses.take(site, now),
            None => return Ok(AttemptReservation { site, standing: BucketState::UNCOUNTED }),
        };
        if standing.is_admitted {
            return Ok(AttemptReservation { site, standing });
        }
        record_rate_limit(context, "unauthenticated", self.addresses.rate(), standing)?;
        Err(ApiError::RateLimited { retry_after_s: standing.reset_s })
    }

    /// Whoever knocked has failed, which stays counted and is told.
    pub fn confirm_failure(&self, context: &RequestContext, knock: &AttemptReservation) {
        if knock.site.is_some() {
            let (rate, standing) = (self.addresses.rate(), knock.standing);
            context.record_rate_limit(RateLimitStatus {
                policy: "unauthenticated",
                rate,
                standing,
            });
        }
    }

    /// Whoever knocked has not failed.
    pub fn refund(&self, knock: &AttemptReservation) {
        if let Some(site) = &knock.site {
            self.addresses.refund(site);
        }
    }

    /// A request that may call a tenant. It is under way until nothing of the request is left.
    pub fn check_connection_test(
        &self,
        context: &RequestContext,
        organisation: &OrganisationId,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let share = self.tests_under_way.try_acquire(organisation);
        let share = share.ok_or(ApiError::RateLimited { retry_after_s: TEST_RETRY_AFTER_S })?;
        let standing = self.tests.take(organisation.clone(), now);
        record_rate_limit(context, "connection-tests", self.tests.rate(), standing)?;
        context.hold_quota_permit(share);
        Ok(())
    }
}

fn record_rate_limit(
    context: &RequestContext,
    policy: &'static str,
    rate: Rate,
    standing: BucketState,
) -> Result<(), ApiError> {
    context.record_rate_limit(RateLimitStatus { policy, rate, standing });
    if standing.is_admitted {
        return Ok(());
    }
    Err(ApiError::RateLimited { retry_after_s: standing.reset_s })
}

/// One limit that a request met.
#[derive(Debug, Clone, Copy)]
pub struct RateLimitStatus {
    policy: &'static str,
    rate: Rate,
    standing: BucketState,
}

/// The headers of draft-ietf-httpapi-ratelimit-headers.
pub fn write_headers(told: &[RateLimitStatus], headers: &mut HeaderMap) {
    if told.is_empty() {
        return;
    }
    let (mut limit, mut policy) = (String::new(), String::new());
    for (index, each) in told.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        let (name, at) = (each.policy, each.standing);
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

    fn from(source: &str) -> RequestContext {
        let context = RequestContext::new(&http::Request::new(()));
        context.set_client_address(source.parse().unwrap());
        context
    }

    fn org(name: &str) -> OrganisationId {
        OrganisationId::parse(name).unwrap()
    }

    #[test]
    fn a_connection_test_holds_its_permit_until_its_request_ends() {
        let admission = RateLimits::new(&Rates { tests_at_once: 1, ..Rates::default() });
        let (first, second) = (from("192.0.2.1:1"), from("192.0.2.1:2"));
        admission.check_connection_test(&first, &org("acme"), now()).unwrap();
        let refused = admission.check_connection_test(&second, &org("acme"), now());
        assert!(matches!(
            refused,
            Err(ApiError::RateLimited { retry_after_s: TEST_RETRY_AFTER_S })
        ));
        admission.check_connection_test(&from("192.0.2.1:3"), &org("globex"), now()).unwrap();
        let work_that_goes_on = first.clone();
        drop(first);
        assert!(admission.check_connection_test(&second, &org("acme"), now()).is_err());
        drop(work_that_goes_on);
        admission.check_connection_test(&second, &org("acme"), now()).unwrap();
    }

    #[test]
    fn ipv6_addresses_are_limited_by_their_64_network() {
        let unauthenticated = Rate { per_minute: 1, burst: 1 };
        let admission = RateLimits::new(&Rates { unauthenticated, ..Rates::default() });
        let fail = |source| admission.check_unauthenticated(&from(source), now());
        assert!(fail("[2001:db8:0:1::1]:1").is_ok());
        assert!(fail("[2001:db8:0:1:ffff::2]:1").is_err());
        assert!(fail("[2001:db8:0:2::1]:1").is_ok());
        let knock = |source| admission.reserve_attempt(&from(source), now());
        assert!(knock("[2001:db8:0:1::3]:1").is_err());
        assert!(admission.peek_unauthenticated(&from("[2001:db8:0:2::9]:1"), now()).is_err());
    }

    #[test]
    fn the_same_subject_of_another_organisation_is_another_caller() {
        let caller = Rate { per_minute: 1, burst: 1 };
        let admission = RateLimits::new(&Rates { caller, ..Rates::default() });
        let ask = |name| admission.check_caller(&from("192.0.2.1:1"), &org(name), "user|1", now());
        assert!(ask("acme").is_ok() && ask("acme").is_err());
        assert!(ask("globex").is_ok());
    }
}
