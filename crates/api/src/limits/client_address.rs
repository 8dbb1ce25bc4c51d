//! The client address of a request: the socket's peer or, if that is a trusted proxy, the address in `Forwarded` (RFC
//! 7239) or `X-Forwarded-For`. Clients can forge these headers, so entries are read from the right, up to the first
//! that is not a trusted proxy.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// Entries that are read at most.
const HOPS_MAX: usize = 32;

/// Networks of trusted proxies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Parses an address or a network in CIDR form. The error does not repeat the text.
    pub fn parse_network(text: &str) -> Result<IpNet, String> {
        if let Ok(ip) = text.parse::<IpAddr>() {
            return Ok(IpNet::from(ip));
        }
        let network: IpNet =
            text.parse().map_err(|_| "is not an IP address or network such as 10.0.0.0/8")?;
        if network.trunc() != network {
            return Err("has address bits beyond its prefix length".to_owned());
        }
        Ok(network)
    }

    /// Whether this address is a trusted proxy.
    pub fn contains(&self, ip: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&ip))
    }

    /// The client address of a request from this peer. Malformed, empty or contradictory headers give the peer, which
    /// cannot be forged.
    pub fn source(&self, peer: SocketAddr, headers: &HeaderMap) -> SocketAddr {
        let peer = canonical(peer);
        if !self.contains(peer.ip()) {
            return peer;
        }
        let has_both =
            headers.contains_key(header::FORWARDED) && headers.contains_key(X_FORWARDED_FOR);
        // A proxy sets one of the two. If both are present, the client may have forged the other.
        if has_both {
            return peer;
        }
        let forwarded = (header::FORWARDED, split_forwarded as fn(&str) -> Vec<Hop>);
        let found = [forwarded, (X_FORWARDED_FOR, split_list)]
            .into_iter()
            .find_map(|(name, split)| self.walk(headers, &name, split));
        found.unwrap_or(peer)
    }

    /// From the right, line by line. None if the entry to use is not an address.
    fn walk(
        &self,
        headers: &HeaderMap,
        name: &HeaderName,
        split: fn(&str) -> Vec<Hop>,
    ) -> Option<SocketAddr> {
        let lines: Vec<_> = headers.get_all(name).iter().collect();
        let (mut farthest, mut hops) = (None, 0);
        for line in lines.into_iter().rev() {
            for hop in split(line.to_str().ok()?).into_iter().rev() {
                let address = hop?;
                hops += 1;
                if !self.contains(address.ip()) {
                    return Some(address);
                }
                if hops == HOPS_MAX {
                    return None;
                }
                farthest = Some(address);
            }
        }
        farthest
    }
}

/// Whether the request claims to come through a proxy.
pub(super) fn has_forwarding_headers(headers: &HeaderMap) -> bool {
    headers.contains_key(header::FORWARDED) || headers.contains_key(X_FORWARDED_FOR)
}

/// None if the entry is not an address: `unknown`, an obfuscated name, garbage.
type Hop = Option<SocketAddr>;

fn split_list(line: &str) -> Vec<Hop> {
    line.split(',').map(|entry| address(entry.trim())).collect()
}

/// The `for` of each element. A malformed line has none.
fn split_forwarded(line: &str) -> Vec<Hop> {
    hops(line).unwrap_or_else(|| vec![None])
}

fn hops(line: &str) -> Option<Vec<Hop>> {
    let elements = split_unquoted(line, ',')?;
    let hop = |element: &str| -> Option<Hop> {
        let mut found = None;
        for pair in split_unquoted(element, ';')? {
            let (name, value) = pair.trim().split_once('=')?;
            if name.eq_ignore_ascii_case("for") {
                if found.is_some() {
                    return None;
                }
                found = Some(address(unquoted(value)?));
            }
        }
        Some(found.flatten())
    };
    elements.into_iter().map(hop).collect()
}

/// Splits outside of quotes. None if a quote is not closed.
fn split_unquoted(text: &str, at: char) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut is_quoted, mut is_escaped) = (Vec::new(), 0, false, false);
    for (index, each) in text.char_indices() {
        match each {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if each == at && !is_quoted => {
                parts.push(&text[start..index]);
                start = index + each.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    (!is_quoted).then_some(parts)
}

/// Addresses contain no escapes, so a backslash is invalid.
fn unquoted(value: &str) -> Option<&str> {
    let Some(inner) = value.strip_prefix('"') else { return Some(value) };
    inner.strip_suffix('"')
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`. Port 0 if absent.
fn address(text: &str) -> Hop {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return Some(canonical(SocketAddr::new(ip, 0)));
    }
    text.parse().ok().map(canonical)
}

/// Dual-stack sockets report IPv4 as `::ffff:192.0.2.1`.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PROXY: &str = "10.0.0.1:9";

    fn source(peer: &str, lines: &[(&'static str, &str)]) -> String {
        let networks = ["10.0.0.0/8", "2001:db8:aaaa::/48"];
        let networks = networks.map(|text| TrustedProxies::parse_network(text).unwrap());
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        TrustedProxies::new(networks.to_vec()).source(peer.parse().unwrap(), &headers).to_string()
    }

    fn listed(value: &str) -> String {
        source(PROXY, &[("x-forwarded-for", value)])
    }

    fn forwarded(value: &str) -> String {
        source(PROXY, &[("forwarded", value)])
    }

    #[test]
    fn forwarding_headers_of_untrusted_peers_are_ignored() {
        let made_up = [("x-forwarded-for", "192.0.2.1")];
        assert_eq!(source("203.0.113.9:1", &made_up), "203.0.113.9:1");
        assert_eq!(source("[::ffff:203.0.113.9]:1", &made_up), "203.0.113.9:1");
        assert_eq!(source(PROXY, &[]), PROXY);
    }

    #[test]
    fn the_right_most_entry_that_is_not_a_trusted_proxy_is_the_client() {
        assert_eq!(listed("192.0.2.1"), "192.0.2.1:0");
        assert_eq!(listed("6.6.6.6, 192.0.2.1:4711, 10.9.9.9"), "192.0.2.1:4711");
        assert_eq!(listed("garbage, 192.0.2.1"), "192.0.2.1:0");
        assert_eq!(listed("[2001:db8::1]:4711, 2001:db8:aaaa::2"), "[2001:db8::1]:4711");
        assert_eq!(listed("10.0.0.7, 10.0.0.8"), "10.0.0.7:0");
        assert_eq!(
            source("[::ffff:10.0.0.1]:9", &[("x-forwarded-for", "192.0.2.1")]),
            "192.0.2.1:0"
        );
        let lines = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "192.0.2.1, 10.0.0.2")];
        assert_eq!(source(PROXY, &lines), "192.0.2.1:0");
    }

    #[test]
    fn forwarded_is_read_by_its_grammar() {
        assert_eq!(forwarded("for=192.0.2.60;proto=http;by=203.0.113.43"), "192.0.2.60:0");
        assert_eq!(forwarded(r#"For="[2001:db8:cafe::17]:4711""#), "[2001:db8:cafe::17]:4711");
        assert_eq!(forwarded(r#"for=6.6.6.6, for="192.0.2.1:5";secret="a,b;c""#), "192.0.2.1:5");
        assert_eq!(forwarded("for=192.0.2.1, for=10.1.1.1"), "192.0.2.1:0");
    }

    #[test]
    fn malformed_or_contradictory_headers_yield_the_peer() {
        for bad in ["", "unknown", "192.0.2.1, ", "192.0.2.1, host", "192.0.2.256", "1.2.3.4:99999"]
        {
            assert_eq!(listed(bad), PROXY, "{bad}");
        }
        for bad in [
            "for=unknown",
            "for=_hidden",
            "proto=http",
            "for",
            r#"for="192.0.2.1"#,
            r#"for="x, for=192.0.2.1"#,
            "for=192.0.2.1;for=192.0.2.2",
        ] {
            assert_eq!(forwarded(bad), PROXY, "{bad}");
        }
        let both = [("forwarded", "for=6.6.6.6"), ("x-forwarded-for", "192.0.2.1")];
        assert_eq!(source(PROXY, &both), PROXY);
        assert_eq!(listed(&vec!["10.0.0.1"; 40].join(",")), PROXY);
    }

    #[test]
    fn a_network_is_an_address_or_has_a_prefix_that_fits() {
        for good in ["10.0.0.0/8", "192.0.2.1", "2001:db8::/32", "::1"] {
            assert!(TrustedProxies::parse_network(good).is_ok(), "{good}");
        }
        for bad in ["", "host", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/"] {
            assert!(TrustedProxies::parse_network(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_header_panics(text in "[ -~]{0,120}") {
            let _ = (listed(&text), forwarded(&text));
        }
    }
}
