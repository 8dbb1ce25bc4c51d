//! The guard against server-side request forgery (SSRF): resolves a name once, refuses it if any of its addresses is
//! not public, and passes exactly the checked addresses to the connection. Literal addresses are checked by the caller,
//! because connectors do not resolve them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use domain::address::Permission;
use domain::special_purpose_addresses::is_special;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The name has an address that may not be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a public address")]
pub(crate) struct NotPublic(pub IpAddr);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name servers did not answer in time")]
pub(crate) struct DnsTimeout;

pub(crate) type ResolveFuture = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Resolves names. A trait, so that tests can return any address.
pub(crate) trait Resolver: Send + Sync {
    /// All addresses of a name; the port is ignored.
    fn resolve(&self, name: String) -> ResolveFuture;
}

/// The resolver of the operating system.
pub(crate) struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve(&self, name: String) -> ResolveFuture {
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
    }
}

/// Resolves names for one tenant.
#[derive(Clone)]
pub(crate) struct Guard {
    pub names: Arc<dyn Resolver>,
    pub permission: Permission,
    /// Timeout of DNS.
    pub timeout: Duration,
}

impl Guard {
    /// Whether this address may be called.
    pub fn check(&self, ip: IpAddr) -> Result<(), NotPublic> {
        match self.permission {
            // The operator says so.
            Permission::PrivateExtra => Ok(()),
            Permission::Auth0 | Permission::Extra if is_global_unicast(ip) => Ok(()),
            Permission::Auth0 | Permission::Extra => Err(NotPublic(ip)),
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let looked_up = guard.names.resolve(name.as_str().to_owned());
            let addresses =
                tokio::time::timeout(guard.timeout, looked_up).await.map_err(|_| DnsTimeout)??;
            for address in &addresses {
                guard.check(address.ip())?;
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is a single host on the public Internet, by the IANA special-purpose registries (RFC 6890). For
/// IPv6 forms that embed an IPv4 address, that one is checked too.
pub fn is_global_unicast(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_global_v4(ip),
        IpAddr::V6(ip) => is_global_v6(ip),
    }
}

fn is_global_v4(ip: Ipv4Addr) -> bool {
    !is_special(IpAddr::V4(ip).into())
}

fn is_global_v6(ip: Ipv6Addr) -> bool {
    match ip.segments() {
        // IPv4-mapped, NAT64 (RFC 6052), 6to4: these embed an IPv4 address.
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => {
            is_global_v4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)))
        }
        // All global addresses today are in 2000::/3.
        [first, ..] => (0x2000..0x4000).contains(&first) && !is_special(IpAddr::V6(ip).into()),
    }
}

#[cfg(test)]
pub(crate) mod tests;
