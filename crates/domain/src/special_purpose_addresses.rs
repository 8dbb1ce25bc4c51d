//! Address ranges that are not for hosts on the Internet: one table, for the addresses that this service refuses to call
//! and for the entries of a tenant's allowlists.
//! Sources: IANA's IPv4 and IPv6 special-purpose address registries (RFC 6890), and the multicast and reserved ranges
//! of RFC 5771, RFC 1112 and RFC 4291.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

const fn v4(a: u8, b: u8, c: u8, prefix: u8) -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), prefix))
}

const fn v6(a: u16, b: u16, c: u16, d: u16, prefix: u8) -> IpNet {
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0), prefix))
}

/// No host on the Internet has an address of these.
const UNREACHABLE: [IpNet; 27] = [
    v4(0, 0, 0, 8),       // this network
    v4(10, 0, 0, 8),      // private
    v4(100, 64, 0, 10),   // shared by carriers (CGNAT)
    v4(127, 0, 0, 8),     // loopback
    v4(169, 254, 0, 16),  // link-local, cloud metadata
    v4(172, 16, 0, 12),   // private
    v4(192, 0, 0, 24),    // protocol assignments
    v4(192, 0, 2, 24),    // documentation
    v4(192, 168, 0, 16),  // private
    v4(198, 18, 0, 15),   // benchmarks
    v4(198, 51, 100, 24), // documentation
    v4(203, 0, 113, 24),  // documentation
    v4(224, 0, 0, 4),     // multicast
    v4(240, 0, 0, 4),     // reserved, and the broadcast address
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 128)),
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128)),
    v6(0x64, 0xff9b, 1, 0, 48),  // local translation
    v6(0x100, 0, 0, 0, 64),      // discarded
    v6(0x100, 0, 0, 1, 64),      // dummy prefix
    v6(0x2001, 2, 0, 0, 48),     // benchmarks
    v6(0x2001, 0xdb8, 0, 0, 32), // documentation
    v6(0x3fff, 0, 0, 0, 20),     // documentation
    v6(0x5f00, 0, 0, 0, 16),     // segment routing
    v6(0xfc00, 0, 0, 0, 7),      // unique local (private)
    v6(0xfe80, 0, 0, 0, 10),     // link-local
    v6(0xfec0, 0, 0, 0, 10),     // site-local, deprecated
    v6(0xff00, 0, 0, 0, 8),      // multicast
];

/// Reachable in part or from everywhere, but not one public host.
const NOT_ONE_HOST: [IpNet; 7] = [
    // Azure's platform address: public by number, internal by use.
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(168, 63, 129, 16), 32)),
    v4(192, 31, 196, 24),            // AS112
    v4(192, 52, 193, 24),            // AMT
    v4(192, 88, 99, 24),             // 6to4 relays, deprecated
    v4(192, 175, 48, 24),            // AS112
    v6(0x2001, 0, 0, 0, 23),         // protocol assignments, Teredo, ORCHID
    v6(0x2620, 0x4f, 0x8000, 0, 48), // AS112
];

/// Whether no host on the Internet has an address of this network. A network that only contains such a range, like
/// all of IPv4, is too broad and not unreachable. IPv4-mapped networks are to be unmapped before.
pub fn is_unreachable(net: IpNet) -> bool {
    UNREACHABLE.iter().any(|range| range.contains(&net))
}

/// Whether this network is anything but a part of the Internet where one address is one host.
pub fn is_special(net: IpNet) -> bool {
    is_unreachable(net) || NOT_ONE_HOST.iter().any(|range| range.contains(&net))
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn unreachable(entry: &str) -> bool {
        let address = || entry.parse::<IpAddr>().unwrap().into();
        is_unreachable(entry.parse::<IpNet>().unwrap_or_else(|_| address()))
    }

    /// IANA's registries, and what each row says under Globally Reachable (none for N/A).
    const REGISTRIES: [(&str, Option<bool>); 49] = [
        ("0.0.0.0/8", Some(false)),
        ("0.0.0.0/32", Some(false)),
        ("10.0.0.0/8", Some(false)),
        ("100.64.0.0/10", Some(false)),
        ("127.0.0.0/8", Some(false)),
        ("169.254.0.0/16", Some(false)),
        ("172.16.0.0/12", Some(false)),
        ("192.0.0.0/24", Some(false)),
        ("192.0.0.0/29", Some(false)),
        ("192.0.0.8/32", Some(false)),
        ("192.0.0.9/32", Some(true)),
        ("192.0.0.10/32", Some(true)),
        ("192.0.0.170/32", Some(false)),
        ("192.0.0.171/32", Some(false)),
        ("192.0.2.0/24", Some(false)),
        ("192.31.196.0/24", Some(true)),
        ("192.52.193.0/24", Some(true)),
        ("192.88.99.0/24", None),
        ("192.168.0.0/16", Some(false)),
        ("192.175.48.0/24", Some(true)),
        ("198.18.0.0/15", Some(false)),
        ("198.51.100.0/24", Some(false)),
        ("203.0.113.0/24", Some(false)),
        ("240.0.0.0/4", Some(false)),
        ("255.255.255.255/32", Some(false)),
        ("::1/128", Some(false)),
        ("::/128", Some(false)),
        ("64:ff9b:1::/48", Some(false)),
        ("100::/64", Some(false)),
        ("100:0:0:1::/64", Some(false)),
        ("2001::/23", Some(false)),
        ("2001::/32", None),
        ("2001:1::1/128", Some(true)),
        ("2001:1::2/128", Some(true)),
        ("2001:1::3/128", Some(true)),
        ("2001:2::/48", Some(false)),
        ("2001:3::/32", Some(true)),
        ("2001:4:112::/48", Some(true)),
        ("2001:10::/28", None),
        ("2001:20::/28", Some(true)),
        ("2001:30::/28", Some(true)),
        ("2001:db8::/32", Some(false)),
        ("2620:4f:8000::/48", Some(true)),
        ("3fff::/20", Some(false)),
        ("5f00::/16", Some(false)),
        ("fc00::/7", Some(false)),
        ("fe80::/10", Some(false)),
        // Two ways to an IPv4 address, which is looked at in their place: 64:ff9b::/96, 2002::/16.
        // And one that is unmapped first: ::ffff:0:0/96.
        ("224.0.0.0/4", Some(false)),
        ("ff00::/8", Some(false)),
    ];

    #[test]
    fn every_row_of_the_registries_is_in_the_table_as_it_is_there() {
        for (text, is_reachable) in REGISTRIES {
            let net: IpNet = text.parse().unwrap();
            assert!(is_special(net), "{text}");
            // Assigned to one protocol each, inside a range for protocols: no client has them.
            let is_anycast = ["192.0.0.9/32", "192.0.0.10/32"].contains(&text);
            // Some of it is reachable.
            let is_mixed = text == "2001::/23";
            let expected = is_anycast || (is_reachable == Some(false) && !is_mixed);
            assert_eq!(is_unreachable(net), expected, "{text}");
        }
    }

    #[test]
    fn unreachable_ranges_begin_and_end_where_they_do() {
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
        ] {
            assert!(unreachable(entry), "{entry}");
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
        ] {
            assert!(!unreachable(entry), "{entry}");
        }
    }

    #[test]
    fn a_network_that_only_contains_unreachable_ranges_is_not_unreachable() {
        for entry in ["0.0.0.0/0", "10.0.0.0/7", "172.16.0.0/11", "::/0", "fe00::/7"] {
            assert!(!unreachable(entry), "{entry}");
        }
    }
}
