//! Address ranges that no client on the Internet comes from.
//! Sources: IANA's IPv4 and IPv6 special-purpose address registries (RFC 6890), and the multicast
//! and reserved ranges of RFC 5771, RFC 1112 and RFC 4291.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

const fn v4(a: u8, b: u8, c: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), prefix)
}

const fn v6(a: u16, b: u16, c: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

const IPV4: [Ipv4Net; 14] = [
    v4(0, 0, 0, 8),       // this network
    v4(10, 0, 0, 8),      // private
    v4(100, 64, 0, 10),   // shared by carriers (CGNAT)
    v4(127, 0, 0, 8),     // loopback
    v4(169, 254, 0, 16),  // link-local
    v4(172, 16, 0, 12),   // private
    v4(192, 0, 0, 24),    // protocol assignments
    v4(192, 0, 2, 24),    // documentation
    v4(192, 168, 0, 16),  // private
    v4(198, 18, 0, 15),   // benchmarks
    v4(198, 51, 100, 24), // documentation
    v4(203, 0, 113, 24),  // documentation
    v4(224, 0, 0, 4),     // multicast
    v4(240, 0, 0, 4),     // reserved, and the broadcast address
];

const IPV6: [Ipv6Net; 12] = [
    Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 128),
    Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128),
    v6(0x64, 0xff9b, 1, 48),  // local translation
    v6(0x100, 0, 0, 64),      // discarded
    v6(0x2001, 2, 0, 48),     // benchmarks
    v6(0x2001, 0xdb8, 0, 32), // documentation
    v6(0x3fff, 0, 0, 20),     // documentation
    v6(0x5f00, 0, 0, 16),     // segment routing
    v6(0xfc00, 0, 0, 7),      // unique local (private)
    v6(0xfe80, 0, 0, 10),     // link-local
    v6(0xfec0, 0, 0, 10),     // site-local, deprecated
    v6(0xff00, 0, 0, 8),      // multicast
];

/// Whether a whole network lies in one of the ranges. One that only contains such a range, like
/// all of IPv4, is not special but too broad. IPv4-mapped networks are to be unmapped before.
pub fn is_special(net: IpNet) -> bool {
    match net {
        IpNet::V4(net) => IPV4.iter().any(|range| range.contains(&net)),
        IpNet::V6(net) => IPV6.iter().any(|range| range.contains(&net)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::allowlist::network;

    fn special(entry: &str) -> bool {
        is_special(network(entry).unwrap())
    }

    #[test]
    fn special_ranges_begin_and_end_where_they_do() {
        for entry in [
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.0",
            "172.31.255.255",
            "192.168.0.0/16",
            "192.0.2.1",
            "198.51.100.0/24",
            "203.0.113.9",
            "198.19.255.255",
            "224.0.0.1",
            "255.255.255.255",
            "0.0.0.0",
            "::",
            "::1",
            "fd00::/8",
            "fe80::1",
            "2001:db8::/32",
            "ff02::1",
            "::ffff:10.0.0.1",
            "::ffff:192.168.0.0/112",
        ] {
            assert!(special(entry), "{entry}");
        }
        for entry in [
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.0.0.1",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "8.8.8.8",
            "2606:4700::1",
            "2001:db9::",
            "fbff::1",
            "::ffff:8.8.8.8",
        ] {
            assert!(!special(entry), "{entry}");
        }
    }

    #[test]
    fn a_network_that_only_contains_special_ranges_is_not_special() {
        for entry in ["0.0.0.0/0", "10.0.0.0/7", "172.16.0.0/11", "::/0", "fe00::/7"] {
            assert!(!special(entry), "{entry}");
        }
    }
}
