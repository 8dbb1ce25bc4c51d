//! Which tenants may be called, whom we trust there, and how long a call may take.

use std::net::{Ipv4Addr, SocketAddr};

use domain::address::{AllowedOrigins, Origin};

use super::key::{Fallback, Key, Kind};
use super::reader::Reader;

const EXTRA_ORIGINS: Key = Key {
    name: "SAFE_AUTH0_EXTRA_TENANT_ORIGINS",
    kind: Kind::Text("origins such as https://acme.internal:8443, separated by commas"),
    default: Fallback::Nothing,
    about: "Origins that tenants may have beside Auth0's own hosts. Each permits exactly that \
        scheme, host and port, on a private address too.",
};

const EXTRA_CA_FILE: Key = Key {
    name: "SAFE_AUTH0_EXTRA_CA_FILE",
    kind: Kind::Text("the path of a file with PEM certificates"),
    default: Fallback::Nothing,
    about: "Roots to trust for tenants beside the machine's.",
};

const CONNECT_TIMEOUT: Key = Key {
    name: "SAFE_AUTH0_TENANT_CONNECT_TIMEOUT",
    kind: Kind::Duration { min: "100ms", max: "60s" },
    default: Fallback::Text("5s"),
    about: "Longest name look-up, connection and TLS handshake with a tenant.",
};

const REQUEST_TIMEOUT: Key = Key {
    name: "SAFE_AUTH0_TENANT_REQUEST_TIMEOUT",
    kind: Kind::Duration { min: "1s", max: "120s" },
    default: Fallback::Text("15s"),
    about: "Longest single call to a tenant.",
};

const CONCURRENT_CALLS: Key = Key {
    name: "SAFE_AUTH0_TENANT_CONCURRENT_CALLS",
    kind: Kind::Integer { min: 1, max: 64 },
    default: Fallback::Text("16"),
    about: "Calls to one tenant at once, however much its rate limit would allow.",
};

const DEMO_LISTEN: Key = Key {
    name: "SAFE_AUTH0_DEMO_LISTEN",
    kind: Kind::Text("an IP address and a port, such as 127.0.0.1:9001"),
    default: Fallback::Text("127.0.0.1:9001"),
    about: "Where the first simulated tenant of `serve --demo` (`make run`) listens; the others take the \
        ports that follow. Port 0: any free ports, others at each start.",
};

pub const KEYS: &[&Key] = &[
    &EXTRA_ORIGINS,
    &EXTRA_CA_FILE,
    &CONNECT_TIMEOUT,
    &REQUEST_TIMEOUT,
    &CONCURRENT_CALLS,
    &DEMO_LISTEN,
];

/// Which tenants may be called, whom we trust there, and how long a call may take.
#[derive(Debug, Clone)]
pub struct Tenants {
    pub extra_origins: Vec<Origin>,
    pub extra_ca_pem: Option<Vec<u8>>,
    pub limits: auth0::Limits,
    pub demo_listen: SocketAddr,
}

impl Tenants {
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let extra_ca_pem = reader.file(&EXTRA_CA_FILE);
        if let Some(pem) = &extra_ca_pem
            && !String::from_utf8_lossy(pem).contains("-----BEGIN CERTIFICATE-----")
        {
            reader.refuse(&EXTRA_CA_FILE, "names a file without PEM certificates");
        }
        let demo_listen = reader.parsed(&DEMO_LISTEN, |text| {
            text.parse().map_err(|_| "is not an IP address and a port".to_owned())
        });
        Self {
            demo_listen: demo_listen.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 0).into()),
            extra_origins: reader.list(&EXTRA_ORIGINS, |text| {
                Origin::parse(text).map_err(|_| "is not an origin".to_owned())
            }),
            extra_ca_pem,
            limits: auth0::Limits {
                connect_timeout: reader.span(&CONNECT_TIMEOUT),
                request_timeout: reader.span(&REQUEST_TIMEOUT),
                wave_max: reader.integer(&CONCURRENT_CALLS),
                ..auth0::Limits::default()
            },
        }
    }

    /// Auth0's own hosts, the configured origins and these.
    pub fn allowed(&self, more: Vec<Origin>) -> AllowedOrigins {
        AllowedOrigins::new([self.extra_origins.clone(), more].concat())
    }
}
