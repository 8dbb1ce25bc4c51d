//! The outgoing guard: resolves a name once, refuses it when any of its addresses is not public, and
//! gives the connection exactly the checked addresses. Literal addresses are checked where the
//! request is made, because connectors do not ask a resolver for them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use domain::address::Permission;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// A name resolved to an address that must not be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a public address")]
pub(crate) struct NotPublic(pub IpAddr);

/// The name servers did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name servers did not answer in time")]
pub(crate) struct NoNameServer;

/// Resolves for one tenant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Guard {
    pub permission: Permission,
    /// How long the name servers may take.
    pub timeout: Duration,
}

impl Guard {
    /// Whether this address may be called.
    pub fn check(self, ip: IpAddr) -> Result<(), NotPublic> {
        match self.permission {
            // Configured by the operator, private addresses included.
            Permission::Extra => Ok(()),
            Permission::Auth0 if is_global_unicast(ip) => Ok(()),
            Permission::Auth0 => Err(NotPublic(ip)),
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = *self;
        Box::pin(async move {
            let looked_up = tokio::net::lookup_host((name.as_str(), 0));
            let found = tokio::time::timeout(guard.timeout, looked_up)
                .await
                .map_err(|_| NoNameServer)??;
            let addresses: Vec<SocketAddr> = found.collect();
            for address in &addresses {
                guard.check(address.ip())?;
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Whether an address belongs to one host on the public internet, by the IANA special-purpose
/// registries (RFC 6890). IPv6 forms that carry an IPv4 address are judged by that one too.
pub fn is_global_unicast(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_global_v4(ip),
        IpAddr::V6(ip) => is_global_v6(ip),
    }
}

fn is_global_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let is_special = match a {
        0 | 10 | 127 => true,
        100 => (64..128).contains(&b), // carrier-grade NAT, RFC 6598
        169 => b == 254,               // link-local, cloud metadata
        172 => (16..32).contains(&b),
        192 => {
            b == 168
                || (b == 0 && matches!(c, 0 | 2))      // protocol assignments, documentation
                || (b == 88 && c == 99)                // 6to4 relays, deprecated
                || (b == 31 && c == 196)               // AS112
                || (b == 52 && c == 193)               // AMT
                || (b == 175 && c == 48) // AS112
        }
        198 => matches!(b, 18 | 19) || (b == 51 && c == 100), // benchmarking, documentation
        203 => b == 0 && c == 113,                            // documentation
        _ => a >= 224,                                        // multicast, reserved, broadcast
    };
    // Azure's platform address is public by number and internal by use.
    !is_special && ip != Ipv4Addr::new(168, 63, 129, 16)
}

fn is_global_v6(ip: Ipv6Addr) -> bool {
    match ip.segments() {
        // IPv4-mapped, NAT64 (RFC 6052), 6to4: a way to the IPv4 address inside.
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => {
            is_global_v4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)))
        }
        // Protocols, Teredo, ORCHID and benchmarking; documentation, twice; AS112.
        [0x2001, 0..0x200 | 0xdb8, ..] | [0x3fff, 0..0x1000, ..] | [0x2620, 0x4f, 0x8000, ..] => {
            false
        }
        // All else that is global today lies in 2000::/3: no loopback, ::a.b.c.d, ULA, link-local,
        // site-local, multicast, 64:ff9b:1::/48, 100::/64, 5f00::/16.
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SPECIAL: [&str; 62] = [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.254",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.31.196.1",
        "192.52.193.1",
        "192.88.99.1",
        "192.168.0.1",
        "192.175.48.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "168.63.129.16",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::1",
        "100::1",
        "100:0:0:1::1",
        "2001::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:1ff::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:a00:1::1",
        "2002:a9fe:a9fe::1",
        "2620:4f:8000::1",
        "3fff::1",
        "3fff:fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "4000::1",
    ];
    const GLOBAL: [&str; 14] = [
        "1.1.1.1",
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "198.17.0.1",
        "198.20.0.1",
        "223.255.255.255",
        "2606:4700::1",
        "2001:200::1",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
    ];

    #[test]
    fn special_addresses_are_refused_and_public_ones_are_not() {
        for text in SPECIAL {
            assert!(!is_global_unicast(text.parse().unwrap()), "{text}");
        }
        for text in GLOBAL {
            assert!(is_global_unicast(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn only_auth0_hosts_must_be_public() {
        let timeout = Duration::from_secs(1);
        let ip = "127.0.0.1".parse().unwrap();
        assert_eq!(Guard { permission: Permission::Auth0, timeout }.check(ip), Err(NotPublic(ip)));
        assert_eq!(Guard { permission: Permission::Extra, timeout }.check(ip), Ok(()));
    }

    #[tokio::test]
    async fn a_name_with_a_private_address_is_refused_with_a_typed_error() {
        let guard = Guard { permission: Permission::Auth0, timeout: Duration::from_secs(5) };
        let fault = guard.resolve("localhost".parse().unwrap()).await.map(|_| ()).unwrap_err();
        assert!(fault.downcast_ref::<NotPublic>().is_some(), "{fault}");
    }

    proptest! {
        #[test]
        fn every_form_of_an_ipv4_address_is_judged_alike(bits: u32) {
            let v4 = Ipv4Addr::from(bits);
            let [a, b, c, d] = v4.octets();
            let (h, l) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            let expected = is_global_unicast(v4.into());
            for form in [
                v4.to_ipv6_mapped(),
                Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, h, l),
                Ipv6Addr::new(0x2002, h, l, 0, 0, 0, 0, 1),
            ] {
                prop_assert_eq!(is_global_unicast(form.into()), expected);
            }
            // The standard library knows these by itself.
            if v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast()
                || v4.is_documentation() || v4.is_broadcast() || v4.is_unspecified() {
                prop_assert!(!expected);
            }
        }
    }
}
