//! Listen address, limits and timeouts of the API.

use std::net::SocketAddr;
use std::time::Duration;

use api::{ConnectionLimits, Rate, Rates, TrustedProxies};

use super::key::Fallback;
use super::reader::Reader;
use crate::connection_timeouts::ConnectionTimeouts;

pub const LISTEN: &str = "SAFE_AUTH0_LISTEN";
pub const DEVELOPMENT_ON_NETWORK: &str = "SAFE_AUTH0_DEVELOPMENT_ON_NETWORK";

#[derive(Debug, Clone)]
pub struct Http {
    pub listen: SocketAddr,
    /// Whether development keys may be used on an address that other machines reach.
    pub permits_development: bool,
    pub limits: api::Limits,
    pub connections: ConnectionLimits,
    pub slow_clients: ConnectionTimeouts,
    pub shutdown_timeout: Duration,
    pub outgoing_addresses: Vec<String>,
}

impl Http {
    pub fn read(reader: &mut Reader<'_>) -> Self {
        reader.section("HTTP");
        let listen = reader.parsed(
            LISTEN,
            "an IP address and a port, such as 127.0.0.1:8080 or [::]:8080",
            Fallback::Text("127.0.0.1:8080".into()),
            "Listen address of the API. It speaks plain HTTP: put TLS in front of it.",
            |text| text.parse().map_err(|_| "is not an IP address and a port".to_owned()),
        );
        let permits_development = reader.boolean(
            DEVELOPMENT_ON_NETWORK,
            false,
            "Permits the development key of the embedded mode, and `serve --demo`, on a listen address that is not \
             loopback.",
        );
        let trusted_proxies = TrustedProxies::new(reader.list(
            "SAFE_AUTH0_TRUSTED_PROXIES",
            "IP addresses or networks (10.0.0.0/8), separated by commas",
            Fallback::None,
            "Proxies whose `Forwarded` or `X-Forwarded-For` header gives the client's address. From all other peers \
             these headers are ignored.",
            TrustedProxies::parse_network,
        ));
        let mut limits = read_limits(reader, trusted_proxies.clone());
        let connections = read_connections(reader, trusted_proxies);
        let slow_clients = ConnectionTimeouts {
            head: reader.duration(
                "SAFE_AUTH0_HEAD_TIMEOUT",
                "1s"..="5m",
                "30s",
                "Timeout for the head of a request, including the idle time of the connection before it; then the \
                 connection is closed.",
            ),
            stall: limits.stall_time,
        };
        let shutdown_timeout = reader.duration(
            "SAFE_AUTH0_SHUTDOWN_TIMEOUT",
            "1s"..="10m",
            "20s",
            "Grace period for requests in flight after SIGTERM or Ctrl-C. Syncs get the first seconds of it; another \
             process takes over a sync that does not finish.",
        );
        let outgoing_addresses = reader.list(
            "SAFE_AUTH0_OUTGOING_ADDRESSES",
            "IP addresses or networks (203.0.113.0/28), separated by commas",
            Fallback::None,
            "The source addresses of calls to tenants; the configuration form shows them, for the tenants' allowlists.",
            |text| TrustedProxies::parse_network(text).map(|_| text.to_owned()),
        );
        limits.rates = read_rates(reader);
        let listen = listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
        Self {
            listen,
            permits_development,
            limits,
            connections,
            slow_clients,
            shutdown_timeout,
            outgoing_addresses,
        }
    }

    /// Whether only this machine reaches the listen address, or development on a network is permitted.
    pub fn may_develop(&self) -> bool {
        self.listen.ip().is_loopback() || self.permits_development
    }
}

fn read_connections(reader: &mut Reader<'_>, trusted_proxies: TrustedProxies) -> ConnectionLimits {
    ConnectionLimits {
        total: reader.integer(
            "SAFE_AUTH0_CONNECTIONS",
            1..=100_000,
            2048,
            "Maximum number of open connections to the API. Beyond it a new connection replaces one of the address with \
             the most connections: the one idle for longest, never one that serves an authenticated request.",
        ),
        per_address: reader.integer(
            "SAFE_AUTH0_CONNECTIONS_PER_ADDRESS",
            1..=100_000,
            512,
            "Of these, the maximum from one address (IPv6: one /64); beyond it a new connection replaces one of the same \
             address. It does not apply to the peers of `SAFE_AUTH0_TRUSTED_PROXIES`.",
        ),
        trusted_proxies,
    }
}

/// All limits of the API except the rates, which have a section of their own.
fn read_limits(reader: &mut Reader<'_>, trusted_proxies: TrustedProxies) -> api::Limits {
    api::Limits {
        request_time: reader.duration(
            "SAFE_AUTH0_REQUEST_TIMEOUT",
            "1s"..="10m",
            "60s",
            "Timeout of a request; then it gets 503. The wait of `Prefer: wait` is added to it.",
        ),
        concurrent_requests: reader.integer(
            "SAFE_AUTH0_CONCURRENT_REQUESTS",
            1..=100_000,
            512,
            "Maximum number of concurrent requests of authenticated callers, each until its response is sent; more get \
             503. The same number applies to requests that are not authenticated yet. Probes and metrics do not count.",
        ),
        concurrent_per_organisation: reader.integer(
            "SAFE_AUTH0_CONCURRENT_REQUESTS_PER_ORGANISATION",
            1..=100_000,
            128,
            "Of these, the maximum for one organisation; more get 429.",
        ),
        concurrent_per_address: reader.integer(
            "SAFE_AUTH0_UNAUTHENTICATED_REQUESTS_PER_ADDRESS",
            1..=100_000,
            256,
            "Maximum number of concurrent requests that are not authenticated yet from one address (IPv6: one /64); \
             more get 429. Authentication takes milliseconds, so this is far above what one address needs.",
        ),
        waiting_requests: reader.integer(
            "SAFE_AUTH0_WAITING_REQUESTS",
            1..=100_000,
            128,
            "Maximum number of requests that wait for a sync (`Prefer: wait`); more get 202 at once.",
        ),
        waiting_per_organisation: reader.integer(
            "SAFE_AUTH0_WAITING_REQUESTS_PER_ORGANISATION",
            1..=100_000,
            32,
            "Of the requests that wait for a sync or stream events, the maximum for one organisation.",
        ),
        body_time: reader.duration(
            "SAFE_AUTH0_BODY_TIMEOUT",
            "1s"..="5m",
            "10s",
            "Timeout for the body of a request, plus one second for each 4 KiB received; then the request gets 503.",
        ),
        stall_time: reader.duration(
            "SAFE_AUTH0_STALL_TIMEOUT",
            "1s"..="10m",
            "30s",
            "How long a client may read nothing of a response; then the response is aborted, and the connection is \
             closed unless other responses on it make progress.",
        ),
        trusted_proxies,
        ..api::Limits::default()
    }
}

/// Rate limits; without a key for the burst, a minute's worth may come at once.
fn read_rates(reader: &mut Reader<'_>) -> Rates {
    reader.section("Rate limits, per process");
    let caller = Rate {
        per_minute: reader.integer(
            "SAFE_AUTH0_CALLER_REQUESTS_PER_MINUTE",
            1..=1_000_000,
            6000,
            "Sustained requests per minute of one caller (organisation and subject); more get 429.",
        ),
        burst: reader.integer(
            "SAFE_AUTH0_CALLER_BURST",
            1..=1_000_000,
            2000,
            "Requests that one caller may send at once after a pause.",
        ),
    };
    let even = |per_minute| Rate { per_minute, burst: per_minute };
    let unauthenticated = reader.integer(
        "SAFE_AUTH0_UNAUTHENTICATED_PER_MINUTE",
        1..=1_000_000,
        600,
        "Requests per minute from one address (IPv6: one /64) without a valid token; more get 429 instead of 401. \
         Requests with a valid JWT from there are not affected.",
    );
    let tests = reader.integer(
        "SAFE_AUTH0_TESTS_PER_MINUTE",
        1..=1_000_000,
        600,
        "Connection tests per minute of one organisation, including those of creating and updating an integration.",
    );
    Rates {
        caller,
        unauthenticated: even(unauthenticated),
        tests: even(tests),
        tests_at_once: reader.integer(
            "SAFE_AUTH0_TESTS_AT_ONCE",
            1..=1000,
            32,
            "Maximum number of concurrent connection tests of one organisation.",
        ),
    }
}
