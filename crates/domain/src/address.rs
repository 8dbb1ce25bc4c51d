//! Parses and normalises the API Identifier (base address of calls) and the API Audience (audience of
//! tokens), and decides which hosts may be called.

use std::fmt;
use std::net::IpAddr;

use serde::Serialize;
use url::{Host, Url};

use crate::OrganisationId;

mod extra_origin;

pub use extra_origin::ExtraOrigin;

/// Path of every Management API identifier, including the trailing slash.
const API_PATH: &str = "/api/v2/";
/// Maximum length of an address, in bytes.
pub const ADDRESS_MAX: usize = 512;
const AUTH0_SUFFIXES: [&str; 2] = [".auth0.com", ".auth0app.com"];

/// Scheme, host and port. Origins are compared as a whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// Parses an origin such as `https://acme.internal:8443`. A path, query or user is an error.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text.trim()).map_err(|e| format!("is not an address: {e}"))?;
        let bare =
            matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        if !bare || !url.username().is_empty() || url.password().is_some() {
            return Err(
                "must be scheme, host and port only, such as https://acme.internal:8443".into()
            );
        }
        if url.host_str().is_some_and(|host| host.contains('*')) {
            return Err("must name one host: * stands for nothing here".into());
        }
        Self::from_url(&url).ok_or_else(|| "must start with https:// or http://".into())
    }

    /// Whether the host is written as an address, not as a name.
    fn is_literal(&self) -> bool {
        !matches!(Host::parse(&self.host), Ok(Host::Domain(_)))
    }

    fn from_url(url: &Url) -> Option<Self> {
        if !matches!(url.scheme(), "https" | "http") {
            return None;
        }
        Some(Self {
            scheme: url.scheme().to_owned(),
            host: url.host_str()?.to_owned(),
            port: url.port_or_known_default()?,
        })
    }
}

/// The hosts this service may call: Auth0's own and the configured extra origins.
#[derive(Debug, Clone, Default)]
pub struct AllowedOrigins {
    extra: Vec<ExtraOrigin>,
}

/// The reason why an address may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// A host under Auth0's own domains. Its addresses must be public.
    Auth0,
    /// A configured extra origin. Its addresses must be public.
    Extra,
    /// A configured extra origin that is a literal address, or may resolve to private ones.
    PrivateExtra,
}

impl AllowedOrigins {
    /// Allows Auth0's own hosts and these origins.
    pub fn new(extra: impl IntoIterator<Item = impl Into<ExtraOrigin>>) -> Self {
        Self { extra: extra.into_iter().map(Into::into).collect() }
    }

    /// Those that this organisation may call.
    #[must_use]
    pub fn allowed_for(&self, organisation: &OrganisationId) -> Self {
        Self::new(self.extra.iter().filter(|extra| extra.is_for(organisation)).cloned())
    }

    /// The reason why calls to this address are allowed, or none.
    pub fn permission(&self, address: &TenantAddress) -> Option<Permission> {
        if let Some(extra) = self.find_extra(&address.url) {
            let is_private = extra.may_be_private();
            return Some(if is_private { Permission::PrivateExtra } else { Permission::Extra });
        }
        let is_https = address.url.scheme() == "https" && address.url.port().is_none();
        (is_https && is_auth0_host(&address.url)).then_some(Permission::Auth0)
    }

    fn find_extra(&self, url: &Url) -> Option<&ExtraOrigin> {
        let origin = Origin::from_url(url)?;
        self.extra.iter().find(|extra| extra.origin == origin)
    }
}

/// Whether the host is one of Auth0's own.
pub fn is_auth0_host(url: &Url) -> bool {
    let Some(Host::Domain(host)) = url.host() else { return false };
    AUTH0_SUFFIXES.iter().any(|suffix| {
        host.strip_suffix(suffix).is_some_and(|name| !name.is_empty() && !name.starts_with('.'))
    })
}

/// A well-formed address of a Management API, normalised to `scheme://host[:port]/api/v2/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantAddress {
    url: Url,
}

/// A parsed address, and whether it was rewritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normalised {
    pub address: TenantAddress,
    /// True if the input differs from the normalised address.
    pub was_changed: bool,
}

impl TenantAddress {
    /// Parses an address entered by an administrator. `http` and a port are accepted only for a configured
    /// extra origin. The error says what is wrong and how to fix it.
    pub fn parse(text: &str, allowed: &AllowedOrigins) -> Result<Normalised, String> {
        let typed = text.trim();
        let url = parse_url(typed)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not contain a user name or password".into());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("must not contain a query or fragment".into());
        }
        if !matches!(url.path(), "/" | "/api/v2" | API_PATH) {
            return Err(format!("must end with {API_PATH}, with no other path"));
        }
        if allowed.find_extra(&url).is_none() {
            if url.scheme() != "https" {
                return Err("must start with https://".into());
            }
            if url.port().is_some() {
                return Err("must not contain a port".into());
            }
        }
        let mut url = url;
        url.set_path(API_PATH);
        let was_changed = url.as_str() != text;
        Ok(Normalised { address: Self { url }, was_changed })
    }

    /// Parses a stored, normalised address.
    pub fn from_stored(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        (url.has_host() && url.path() == API_PATH).then_some(Self { url })
    }

    /// `https://acme.eu.auth0.com/api/v2/`.
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// Host of the tenant, with the port unless it is the scheme's default.
    pub fn domain(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The host without port, and without brackets for IPv6.
    pub fn host(&self) -> String {
        match self.url.host() {
            Some(Host::Ipv6(ip)) => ip.to_string(),
            _ => self.url.host_str().unwrap_or_default().to_owned(),
        }
    }

    /// The IP address if the host is a literal one, in any notation that the URL standard normalises
    /// (decimal, octal, hexadecimal, mapped).
    pub fn literal_ip(&self) -> Option<IpAddr> {
        match self.url.host()? {
            Host::Ipv4(ip) => Some(IpAddr::V4(ip)),
            Host::Ipv6(ip) => Some(IpAddr::V6(ip)),
            Host::Domain(_) => None,
        }
    }

    pub fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or(443)
    }

    /// Whether the host is under one of Auth0's own domains.
    pub fn is_auth0_host(&self) -> bool {
        is_auth0_host(&self.url)
    }

    /// The URL of a path on this host. `path` starts with a slash.
    pub fn at(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(path);
        url
    }
}

fn parse_url(typed: &str) -> Result<Url, String> {
    if typed.is_empty() {
        return Err("must not be empty".into());
    }
    if typed.len() > ADDRESS_MAX {
        return Err(format!("must be at most {ADDRESS_MAX} bytes long"));
    }
    // The URL standard silently drops tabs and newlines and turns backslashes into slashes.
    if typed.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
        return Err("must not contain spaces, control characters or backslashes".into());
    }
    let example = "must look like https://acme.eu.auth0.com/api/v2/";
    let with_scheme = if typed.contains("://") {
        typed.to_owned()
    } else {
        // Users paste the bare domain. Only Auth0's own domains are recognised without a scheme.
        let url = Url::parse(&format!("https://{typed}")).map_err(|_| example)?;
        if !is_auth0_host(&url) {
            return Err(example.into());
        }
        url.into()
    };
    let url = Url::parse(&with_scheme).map_err(|_| example)?;
    if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
        return Err(example.into());
    }
    if let Some(Host::Domain(name)) = url.host()
        && !is_host_name(name)
    {
        return Err(
            "must contain a valid host name: letters, digits and hyphens between dots".into()
        );
    }
    Ok(url)
}

/// RFC 1123 section 2.1.
fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    name.len() <= 253 && name.split('.').all(is_label)
}

impl fmt::Display for TenantAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for TenantAddress {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests;
