//! Prefix lengths of allowlist entries that are too broad; the same for all three lists.

use crate::checks::Threshold;

/// For one check: shorter prefixes are too broad, for IPv4 and IPv6.
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

/// Prefixes up to this length are critical: the list then almost disables the protection.
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
