//! Which tenants may be called, which certificates are trusted there, and how long a call may take.

use std::net::{Ipv4Addr, SocketAddr};

use domain::address::{AllowedOrigins, ExtraOrigin, Origin};

use super::key::Fallback;
use super::reader::Reader;

const EXTRA_CA_FILE: &str = "SAFE_AUTH0_EXTRA_CA_FILE";

#[derive(Debug, Clone)]
pub struct Tenants {
    pub extra_origins: Vec<ExtraOrigin>,
    pub extra_ca_pem: Option<Vec<u8>>,
    pub limits: auth0::Limits,
    pub demo_listen: SocketAddr,
}

impl Tenants {
    pub fn read(reader: &mut Reader<'_>) -> Self {
        reader.section("Tenants");
        let extra_origins = reader.list(
            "SAFE_AUTH0_EXTRA_TENANT_ORIGINS",
            "origins such as https://login.acme.example;org=acme;private, separated by commas",
            Fallback::None,
            "Origins that tenants may have besides Auth0's own hosts. Each permits exactly that scheme, host and port. \
             `;org=…`, repeatable, names the organisations that it is for; without it, it is for all. A name must \
             resolve to public addresses, unless `;private` says otherwise; a literal address is meant as written.",
            |text| ExtraOrigin::parse(text).map_err(|_| "is not an origin with its options".to_owned()),
        );
        let extra_ca_pem = reader.file(
            EXTRA_CA_FILE,
            "the path of a file with PEM certificates",
            Fallback::None,
            "Root certificates to trust besides the machine's for the origins of `SAFE_AUTH0_EXTRA_TENANT_ORIGINS`. Auth0's \
             own hosts must have a certificate that the machine trusts.",
        );
        if let Some(pem) = &extra_ca_pem
            && !String::from_utf8_lossy(pem).contains("-----BEGIN CERTIFICATE-----")
        {
            reader.refuse(EXTRA_CA_FILE, "names a file without PEM certificates");
        }
        let limits = auth0::Limits {
            connect_timeout: reader.duration(
                "SAFE_AUTH0_TENANT_CONNECT_TIMEOUT",
                "100ms"..="60s",
                "5s",
                "Timeout of name look-up, connection and TLS handshake with a tenant.",
            ),
            request_timeout: reader.duration(
                "SAFE_AUTH0_TENANT_REQUEST_TIMEOUT",
                "1s"..="120s",
                "15s",
                "Timeout of a single call to a tenant.",
            ),
            wave_max: reader.integer(
                "SAFE_AUTH0_TENANT_CONCURRENT_CALLS",
                1..=64,
                32,
                "Maximum number of concurrent calls to one tenant, even if its rate limit allows more.",
            ),
            ..auth0::Limits::default()
        };
        let demo_listen = reader.parsed(
            "SAFE_AUTH0_DEMO_LISTEN",
            "an IP address and a port, such as 127.0.0.1:9001",
            Fallback::Text("127.0.0.1:9001".into()),
            "Listen address of the first simulated tenant of `serve --demo` (`make run`); the others use the ports that \
             follow. Port 0: any free ports, different ones at each start.",
            |text| text.parse().map_err(|_| "is not an IP address and a port".to_owned()),
        );
        Self {
            extra_origins,
            extra_ca_pem,
            limits,
            demo_listen: demo_listen.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 0).into()),
        }
    }

    /// Auth0's own hosts, the configured origins and these.
    pub fn allowed(&self, more: Vec<Origin>) -> AllowedOrigins {
        let more = more.into_iter().map(ExtraOrigin::from);
        AllowedOrigins::new(self.extra_origins.iter().cloned().chain(more))
    }
}
