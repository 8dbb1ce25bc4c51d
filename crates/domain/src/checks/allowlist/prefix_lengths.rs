//! How broad an entry of an allowlist may be, alike for all three lists.

use crate::checks::Threshold;

/// Of one check: below which prefix an IPv4 and an IPv6 network is too broad.
pub const fn broad(check: &'static str) -> [Threshold; 2] {
    [
        Threshold {
            check,
            name: "ipv4_broad_below",
            title: "Fails on IPv4 networks with a shorter prefix than",
            unit: "bits",
            default: 24,
            min: 1,
            max: 32,
            not_above: None,
            source: "RIPE and ARIN route nothing smaller than a /24: that is one site's.",
        },
        Threshold {
            check,
            name: "ipv6_broad_below",
            title: "Fails on IPv6 networks with a shorter prefix than",
            unit: "bits",
            default: 48,
            min: 1,
            max: 128,
            not_above: None,
            source: "RFC 6177: the usual assignment to one site.",
        },
    ]
}

/// Up to which prefix that is critical: there the list is as good as a switch.
pub const fn critical(
    check: &'static str,
    [broad_v4, broad_v6]: &'static [Threshold; 2],
) -> [Threshold; 2] {
    [
        Threshold {
            check,
            name: "ipv4_critical_up_to",
            title: "The severity is critical instead of high on IPv4 prefixes up to",
            unit: "bits",
            default: 8,
            min: 0,
            max: 32,
            not_above: Some(broad_v4),
            source: "Specification, BFP-10.",
        },
        Threshold {
            check,
            name: "ipv6_critical_up_to",
            title: "The severity is critical instead of high on IPv6 prefixes up to",
            unit: "bits",
            default: 16,
            min: 0,
            max: 128,
            not_above: Some(broad_v6),
            source: "Specification, BFP-10.",
        },
    ]
}
