//! How the API is reached, and its caps.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use api::{ConnectionLimits, TrustedProxies};

use super::key::{Fallback, Key, Kind};
use super::rates;
use super::reader::Reader;
use crate::slow_clients::ConnectionTimeouts;

pub const LISTEN: Key = Key {
    name: "SAFE_AUTH0_LISTEN",
    kind: Kind::Text("an IP address and a port, such as 127.0.0.1:8080 or [::]:8080"),
    default: Fallback::Text("127.0.0.1:8080"),
    about: "Where the API listens. It speaks plain HTTP: put TLS in front of it.",
};

const REQUEST_TIMEOUT: Key = Key {
    name: "SAFE_AUTH0_REQUEST_TIMEOUT",
    kind: Kind::Duration { min: "1s", max: "10m" },
    default: Fallback::Text("60s"),
    about: "By when a request is answered, with 503 if need be. The wait that `Prefer: wait` asks \
        for comes on top.",
};

const CONCURRENT_REQUESTS: Key = Key {
    name: "SAFE_AUTH0_CONCURRENT_REQUESTS",
    kind: Kind::Integer { min: 1, max: 100_000 },
    default: Fallback::Text("512"),
    about: "Requests of authenticated callers that one process answers at once, until their answers are sent; \
        more are answered 503. As many again whose caller is not known yet. Probes and metrics are not counted.",
};

const CONCURRENT_PER_ORGANISATION: Key = Key {
    name: "SAFE_AUTH0_CONCURRENT_REQUESTS_PER_ORGANISATION",
    kind: Kind::Integer { min: 1, max: 100_000 },
    default: Fallback::Text("128"),
    about: "Of the requests of authenticated callers, how many of one organisation; more are answered 429.",
};

const CONCURRENT_PER_ADDRESS: Key = Key {
    name: "SAFE_AUTH0_UNAUTHENTICATED_REQUESTS_PER_ADDRESS",
    kind: Kind::Integer { min: 1, max: 100_000 },
    default: Fallback::Text("256"),
    about: "Of the requests whose caller is not known yet, how many from one address (IPv6: one /64); more are \
        answered 429. Looking at a token takes milliseconds, so this is far above what one address needs.",
};

const CONNECTIONS: Key = Key {
    name: "SAFE_AUTH0_CONNECTIONS",
    kind: Kind::Integer { min: 1, max: 100_000 },
    default: Fallback::Text("2048"),
    about: "Open connections to the API. For a new one beyond it one of the address that has most is closed: the \
        one that was silent for longest, and none on which an authenticated request is answered.",
};

const CONNECTIONS_PER_ADDRESS: Key = Key {
    name: "SAFE_AUTH0_CONNECTIONS_PER_ADDRESS",
    kind: Kind::Integer { min: 1, max: 100_000 },
    default: Fallback::Text("512"),
    about: "Of those, how many from one address (IPv6: one /64); for a new one beyond it one of the same address \
        is closed. It does not hold for the peers of `SAFE_AUTH0_TRUSTED_PROXIES`.",
};

const BODY_TIMEOUT: Key = Key {
    name: "SAFE_AUTH0_BODY_TIMEOUT",
    kind: Kind::Duration { min: "1s", max: "5m" },
    default: Fallback::Text("10s"),
    about: "How long the body of a request may take, with a second more for each 4 KiB of it that has arrived; \
        then the answer is 503.",
};

const WAITING_REQUESTS: Key = Key {
    name: "SAFE_AUTH0_WAITING_REQUESTS",
    kind: Kind::Integer { min: 1, max: 100_000 },
    default: Fallback::Text("128"),
    about: "Requests that wait for a sync at once (`Prefer: wait`); more are answered 202 at once.",
};

const HEAD_TIMEOUT: Key = Key {
    name: "SAFE_AUTH0_HEAD_TIMEOUT",
    kind: Kind::Duration { min: "1s", max: "5m" },
    default: Fallback::Text("30s"),
    about: "How long a client may take for the head of a request, an idle connection included; then \
        the connection is closed.",
};

const STALL_TIMEOUT: Key = Key {
    name: "SAFE_AUTH0_STALL_TIMEOUT",
    kind: Kind::Duration { min: "1s", max: "10m" },
    default: Fallback::Text("30s"),
    about: "How long a client may read nothing of an answer; then the answer is given up, and the connection is closed \
        unless others on it move.",
};

const SHUTDOWN_TIMEOUT: Key = Key {
    name: "SAFE_AUTH0_SHUTDOWN_TIMEOUT",
    kind: Kind::Duration { min: "1s", max: "10m" },
    default: Fallback::Text("20s"),
    about: "How long requests in hand may take to end after SIGTERM or Ctrl-C. Syncs get the first \
        seconds of it; one that is cut off is taken over by another process.",
};

const OUTGOING_ADDRESSES: Key = Key {
    name: "SAFE_AUTH0_OUTGOING_ADDRESSES",
    kind: Kind::Text("IP addresses or networks (203.0.113.0/28), separated by commas"),
    default: Fallback::Nothing,
    about: "The addresses from which tenants are called; the configuration form shows them, for \
        the tenants' allow-lists.",
};

const WAITING_PER_ORGANISATION: Key = Key {
    name: "SAFE_AUTH0_WAITING_REQUESTS_PER_ORGANISATION",
    kind: Kind::Integer { min: 1, max: 100_000 },
    default: Fallback::Text("32"),
    about: "Of the requests that wait for a sync or stream, how many of one organisation.",
};

const TRUSTED_PROXIES: Key = Key {
    name: "SAFE_AUTH0_TRUSTED_PROXIES",
    kind: Kind::Text("IP addresses or networks (10.0.0.0/8), separated by commas"),
    default: Fallback::Nothing,
    about: "Peers that are believed when they say for whom they ask (`Forwarded`, or \
        `X-Forwarded-For`). From all others these headers are ignored.",
};

pub const KEYS: &[&Key] = &[
    &LISTEN,
    &REQUEST_TIMEOUT,
    &CONCURRENT_REQUESTS,
    &CONCURRENT_PER_ORGANISATION,
    &CONCURRENT_PER_ADDRESS,
    &CONNECTIONS,
    &CONNECTIONS_PER_ADDRESS,
    &WAITING_REQUESTS,
    &WAITING_PER_ORGANISATION,
    &TRUSTED_PROXIES,
    &HEAD_TIMEOUT,
    &BODY_TIMEOUT,
    &STALL_TIMEOUT,
    &SHUTDOWN_TIMEOUT,
    &OUTGOING_ADDRESSES,
];

/// How the API is reached, and its caps.
#[derive(Debug, Clone)]
pub struct Http {
    pub listen: SocketAddr,
    pub limits: api::Limits,
    pub connections: ConnectionLimits,
    pub slow_clients: ConnectionTimeouts,
    pub shutdown_timeout: Duration,
    pub outgoing_addresses: Vec<String>,
}

impl Http {
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let listen = reader.parsed(&LISTEN, |text| {
            text.parse().map_err(|_| "is not an IP address and a port".to_owned())
        });
        let trusted_proxies =
            TrustedProxies::new(reader.list(&TRUSTED_PROXIES, TrustedProxies::parse_network));
        let stall_time = reader.span(&STALL_TIMEOUT);
        Self {
            listen: listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0))),
            limits: api::Limits {
                concurrent_requests: reader.integer(&CONCURRENT_REQUESTS),
                concurrent_per_organisation: reader.integer(&CONCURRENT_PER_ORGANISATION),
                concurrent_per_address: reader.integer(&CONCURRENT_PER_ADDRESS),
                request_time: reader.span(&REQUEST_TIMEOUT),
                body_time: reader.span(&BODY_TIMEOUT),
                stall_time,
                waiting_requests: reader.integer(&WAITING_REQUESTS),
                waiting_per_organisation: reader.integer(&WAITING_PER_ORGANISATION),
                rates: rates::read(reader),
                trusted_proxies: trusted_proxies.clone(),
            },
            connections: ConnectionLimits {
                total: reader.integer(&CONNECTIONS),
                per_address: reader.integer(&CONNECTIONS_PER_ADDRESS),
                trusted_proxies,
            },
            slow_clients: ConnectionTimeouts {
                head: reader.span(&HEAD_TIMEOUT),
                stall: stall_time,
            },
            shutdown_timeout: reader.span(&SHUTDOWN_TIMEOUT),
            outgoing_addresses: reader.list(&OUTGOING_ADDRESSES, network),
        }
    }
}

fn network(text: &str) -> Result<String, String> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let ip: IpAddr = address.parse().map_err(|_| "is not an IP address or network".to_owned())?;
    let longest = if ip.is_ipv4() { 32 } else { 128 };
    match prefix.map(str::parse::<u8>) {
        None => Ok(text.to_owned()),
        Some(Ok(prefix)) if prefix <= longest => Ok(text.to_owned()),
        Some(_) => Err(format!("has a prefix length that is not 0 to {longest}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_have_an_address_and_a_prefix_that_fits() {
        for good in ["203.0.113.7", "203.0.113.0/28", "2001:db8::/32", "2001:db8::1"] {
            assert_eq!(network(good), Ok(good.to_owned()));
        }
        for bad in ["", "host", "203.0.113.0/33", "2001:db8::/129", "203.0.113.0/"] {
            assert!(network(bad).is_err(), "{bad}");
        }
    }
}
