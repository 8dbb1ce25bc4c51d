//! Who is counted, and what they are told: the caller, whoever fails to say who they are, and tests
//! of connections, which call others on a caller's behalf. Not here: how is counted (`rate.rs`).

use std::fmt::Write as _;
use std::net::IpAddr;

use domain::OrganisationId;
use engine::site;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;

use super::Context;
use super::denials::Denials;
use super::rate::{Buckets, Rate, Standing};
use crate::limits::Shares;
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
pub struct Admission {
    callers: Buckets<(OrganisationId, String)>,
    addresses: Buckets<IpAddr>,
    tests: Buckets<OrganisationId>,
    tests_under_way: Shares<OrganisationId>,
    /// Who may still have a row in the audit for what they may not do.
    pub denials: Denials,
}

/// A request from an address that has yet to show who asks: counted as a failure until it does.
#[derive(Debug)]
pub struct Knock {
    site: Option<IpAddr>,
    standing: Standing,
}

impl Admission {
    pub fn new(rates: &Rates) -> Self {
        Self {
            callers: Buckets::new(rates.caller),
            addresses: Buckets::new(rates.unauthenticated),
            tests: Buckets::new(rates.tests),
            tests_under_way: Shares::new(rates.tests_at_once),
            denials: Denials::default(),
        }
    }

    /// A request of a known caller.
    pub fn caller(
        &self,
        context: &Context,
        organisation: &OrganisationId,
        subject: &str,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let standing = self.callers.take((organisation.clone(), subject.to_owned()), now);
        tell(context, "default", self.callers.rate(), standing)
    }

    /// A request that does not say who asks. Whoever says it acceptably is never refused for what
    /// others behind the same address do.
    pub fn stranger(&self, context: &Context, now: Timestamp) -> Result<(), ApiError> {
        let Some(source) = context.source() else { return Ok(()) };
        let standing = self.addresses.take(site(source.ip()), now);
        tell(context, "unauthenticated", self.addresses.rate(), standing)
    }

    /// Refuses an address from which too much has failed, before work is spent on one more try.
    pub fn may_try(&self, context: &Context, now: Timestamp) -> Result<(), ApiError> {
        let Some(source) = context.source() else { return Ok(()) };
        let standing = self.addresses.look(&site(source.ip()), now);
        if standing.is_admitted {
            return Ok(());
        }
        tell(context, "unauthenticated", self.addresses.rate(), standing)
    }

    /// The same for work that costs much: its place is taken beforehand, so that many at once are
    /// counted too, and given back to whoever shows who they are.
    pub fn knock(&self, context: &Context, now: Timestamp) -> Result<Knock, ApiError> {
        let site = context.source().map(|source| site(source.ip()));
        let standing = match site {
            Some(site) => self.addresses.take(site, now),
            None => return Ok(Knock { site, standing: Standing::UNCOUNTED }),
        };
        if standing.is_admitted {
            return Ok(Knock { site, standing });
        }
        tell(context, "unauthenticated", self.addresses.rate(), standing)?;
        Err(ApiError::RateLimited { retry_after_s: standing.reset_s })
    }

    /// Whoever knocked has failed, which stays counted and is told.
    pub fn has_failed(&self, context: &Context, knock: &Knock) {
        if knock.site.is_some() {
            let (rate, standing) = (self.addresses.rate(), knock.standing);
            context.tell(Told { policy: "unauthenticated", rate, standing });
        }
    }

    /// Whoever knocked has not failed.
    pub fn has_not_failed(&self, knock: &Knock) {
        if let Some(site) = &knock.site {
            self.addresses.give_back(site);
        }
    }

    /// A request that may call a tenant. It is under way until nothing of the request is left.
    pub fn test(
        &self,
        context: &Context,
        organisation: &OrganisationId,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let share = self.tests_under_way.try_acquire(organisation);
        let share = share.ok_or(ApiError::RateLimited { retry_after_s: TEST_RETRY_AFTER_S })?;
        let standing = self.tests.take(organisation.clone(), now);
        tell(context, "connection-tests", self.tests.rate(), standing)?;
        context.keep_share(share);
        Ok(())
    }
}

fn tell(
    context: &Context,
    policy: &'static str,
    rate: Rate,
    standing: Standing,
) -> Result<(), ApiError> {
    context.tell(Told { policy, rate, standing });
    if standing.is_admitted {
        return Ok(());
    }
    Err(ApiError::RateLimited { retry_after_s: standing.reset_s })
}

/// One limit that a request met.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    policy: &'static str,
    rate: Rate,
    standing: Standing,
}

/// The headers of draft-ietf-httpapi-ratelimit-headers.
pub fn write_headers(told: &[Told], headers: &mut HeaderMap) {
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
    use domain::clock::SystemIds;

    use super::*;

    fn now() -> Timestamp {
        "2026-06-15T12:00:00Z".parse().unwrap()
    }

    fn from(source: &str) -> Context {
        let context = Context::new(&HeaderMap::new(), "/", &SystemIds);
        context.set_source(source.parse().unwrap());
        context
    }

    fn org(name: &str) -> OrganisationId {
        OrganisationId::parse(name).unwrap()
    }

    #[test]
    fn a_test_is_under_way_until_nothing_of_its_request_is_left() {
        let admission = Admission::new(&Rates { tests_at_once: 1, ..Rates::default() });
        let (first, second) = (from("192.0.2.1:1"), from("192.0.2.1:2"));
        admission.test(&first, &org("acme"), now()).unwrap();
        let refused = admission.test(&second, &org("acme"), now());
        assert!(matches!(
            refused,
            Err(ApiError::RateLimited { retry_after_s: TEST_RETRY_AFTER_S })
        ));
        admission.test(&from("192.0.2.1:3"), &org("globex"), now()).unwrap();
        let work_that_goes_on = first.clone();
        drop(first);
        assert!(admission.test(&second, &org("acme"), now()).is_err());
        drop(work_that_goes_on);
        admission.test(&second, &org("acme"), now()).unwrap();
    }

    #[test]
    fn who_has_one_ipv6_address_has_all_of_its_network() {
        let unauthenticated = Rate { per_minute: 1, burst: 1 };
        let admission = Admission::new(&Rates { unauthenticated, ..Rates::default() });
        let fail = |source| admission.stranger(&from(source), now());
        assert!(fail("[2001:db8:0:1::1]:1").is_ok());
        assert!(fail("[2001:db8:0:1:ffff::2]:1").is_err());
        assert!(fail("[2001:db8:0:2::1]:1").is_ok());
        let knock = |source| admission.knock(&from(source), now());
        assert!(knock("[2001:db8:0:1::3]:1").is_err());
        assert!(admission.may_try(&from("[2001:db8:0:2::9]:1"), now()).is_err());
    }

    #[test]
    fn the_same_subject_of_another_organisation_is_another_caller() {
        let caller = Rate { per_minute: 1, burst: 1 };
        let admission = Admission::new(&Rates { caller, ..Rates::default() });
        let ask = |name| admission.caller(&from("192.0.2.1:1"), &org(name), "user|1", now());
        assert!(ask("acme").is_ok() && ask("acme").is_err());
        assert!(ask("globex").is_ok());
    }
}
