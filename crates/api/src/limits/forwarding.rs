//! Forwarding headers from peers that are not named as proxies: probably a proxy whose network is not configured. All of
//! its clients then share the limits of one address.

use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};

use http::HeaderMap;
use jiff::Timestamp;

use super::TrustedProxies;
use super::client_address::has_forwarding_headers;

/// Seconds between two warnings, and for which the readiness mentions the last request.
const PERIOD_S: i64 = 60;
const NEVER: i64 = i64::MIN / 2;

/// When such a request was last seen, and last warned of, in seconds since the Unix epoch.
#[derive(Debug)]
pub struct UnnamedProxies {
    seen_s: AtomicI64,
    warned_s: AtomicI64,
}

impl Default for UnnamedProxies {
    fn default() -> Self {
        Self { seen_s: AtomicI64::new(NEVER), warned_s: AtomicI64::new(NEVER) }
    }
}

impl UnnamedProxies {
    /// Notes a request from this peer if its headers claim that it is a proxy. Warns once a minute. Loopback peers are
    /// noted, too: a proxy on the same machine is one.
    pub fn observe(
        &self,
        proxies: &TrustedProxies,
        peer: IpAddr,
        headers: &HeaderMap,
        now: Timestamp,
    ) {
        if !has_forwarding_headers(headers) || proxies.contains(peer.to_canonical()) {
            return;
        }
        let now_s = now.as_second();
        self.seen_s.store(now_s, Ordering::Relaxed);
        let warned_s = self.warned_s.load(Ordering::Relaxed);
        let is_due = now_s - warned_s >= PERIOD_S;
        let swap =
            self.warned_s.compare_exchange(warned_s, now_s, Ordering::Relaxed, Ordering::Relaxed);
        if is_due && swap.is_ok() {
            tracing::warn!(
                %peer,
                "a peer that is not in SAFE_AUTH0_TRUSTED_PROXIES sends forwarding headers; they are ignored. If it is \
                 your proxy, name its network: otherwise all of its clients share the limits of one address"
            );
        }
    }

    /// Whether such a request was seen in the last minute.
    pub fn is_recent(&self, now: Timestamp) -> bool {
        now.as_second() - self.seen_s.load(Ordering::Relaxed) < PERIOD_S
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwarding_headers_of_unnamed_peers_are_noted_for_a_minute() {
        let at = |second: i64| Timestamp::from_second(1_780_000_000 + second).unwrap();
        let named = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
        let headers = |name: &'static str| {
            HeaderMap::from_iter([(name.parse().unwrap(), "192.0.2.1".parse().unwrap())])
        };
        for (peer, header, is_noted) in [
            ("203.0.113.9", "x-forwarded-for", true),
            ("127.0.0.1", "forwarded", true),
            ("10.0.0.1", "x-forwarded-for", false),
            ("203.0.113.9", "accept", false),
        ] {
            let unnamed = UnnamedProxies::default();
            unnamed.observe(&named, peer.parse().unwrap(), &headers(header), at(0));
            assert_eq!(unnamed.is_recent(at(59)), is_noted, "{peer} {header}");
            assert!(!unnamed.is_recent(at(60)));
        }
    }
}
