//! Allowlists: addresses that a protection never touches. What makes an entry wrong is decided
//! here for all three lists. Each check is one finding for one list: it names every offending entry
//! and its mend leaves the others. An entry that is not understood may be anything, so it leaves a check unknown
//! that no other entry fails; which ones those are is for the check on untidy lists to say.

mod prefix_lengths;

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

use super::prelude::*;
use super::special_ranges::is_special;
use crate::readings::{
    BotDetection, BruteForceProtection, Field, Resource, Sorted, SuspiciousIpThrottling,
};
pub use prefix_lengths::{broad, critical};

/// Where the list stands in each resource.
pub const POINTER: &str = "/allowlist";

/// A resource with an allowlist.
pub trait Allowlisted: Resource + 'static {
    /// The list.
    fn allowlist(&self) -> &Field<Sorted>;
}

macro_rules! allowlisted {
    ($($resource:ident),*) => {$(
        impl Allowlisted for $resource {
            fn allowlist(&self) -> &Field<Sorted> {
                &self.allowlist
            }
        }
    )*};
}

allowlisted!(BotDetection, BruteForceProtection, SuspiciousIpThrottling);

/// Fails on any entry.
pub fn not_empty<P: Allowlisted>(tenant: &Tenant, severity: Severity) -> Judgement {
    judge::<P>(tenant, |list| list.iter().map(|_| Ok(Some(severity))).collect())
}

/// Fails on networks of more than one site; the severity is the broadest entry's.
pub fn too_broad<P: Allowlisted>(
    tenant: &Tenant,
    terms: EffectiveThresholds<'_>,
    broad: &[Threshold; 2],
    critical: &[Threshold; 2],
) -> Judgement {
    let bounds =
        [broad, critical].map(|two| two.each_ref().map(|threshold| terms.value_of(threshold)));
    judge::<P>(tenant, |list| {
        list.iter().map(|entry| Ok(breadth(understood(entry)?, bounds))).collect()
    })
}

/// Fails on addresses that no client on the Internet can have.
pub fn non_public<P: Allowlisted>(tenant: &Tenant, severity: Severity) -> Judgement {
    judge::<P>(tenant, |list| {
        let is_wrong = |entry| Ok(is_special(understood(entry)?).then_some(severity));
        list.iter().map(is_wrong).collect()
    })
}

/// Fails on entries that are malformed, or that another entry already covers.
pub fn untidy<P: Allowlisted>(tenant: &Tenant, severity: Severity) -> Judgement {
    judge::<P>(tenant, |list| {
        let entries: Vec<&str> = list.iter().collect();
        untidy_entries(&entries)
            .into_iter()
            .map(|is_untidy| Ok(is_untidy.then_some(severity)))
            .collect()
    })
}

/// How bad an entry is, if it is.
type Entry = Result<Option<Severity>, Inconclusive>;

/// Judges a list by what `wrong` says of each of its entries, in their order.
fn judge<P: Allowlisted>(tenant: &Tenant, wrong: impl FnOnce(&Sorted) -> Vec<Entry>) -> Judgement {
    let list = tenant.read::<P>()?.allowlist().known()?;
    let judged: Vec<(&str, Entry)> = list.iter().zip(wrong(list)).collect();
    let severity = |entry: &Entry| entry.ok().flatten();
    let Some(worst) = judged.iter().filter_map(|(_, entry)| severity(entry)).max() else {
        let unjudged = judged.iter().find_map(|(_, entry)| entry.err());
        return unjudged.map_or(Ok(Verdict::Pass), Err);
    };
    let entries = |is_wrong: bool| -> Vec<&str> {
        let those = judged.iter().filter(|(_, entry)| severity(entry).is_some() == is_wrong);
        those.map(|(entry, _)| *entry).collect()
    };
    offending(P::KIND, worst, &entries(true))
        .fixed_by(Change::set(tenant, P::KIND, POINTER, json!(entries(false))))
        .into_failure()
}

/// The violation that shows these entries, which are sorted.
pub fn offending(kind: ReadingKind, severity: Severity, entries: &[&str]) -> Violation {
    let shown = Evidence::wrong(kind, POINTER, json!(entries), json!([]));
    Violation::from_evidence(severity, vec![shown])
}

/// The network of an entry: an address or a CIDR block; host bits are cleared, and a network of
/// IPv4-mapped IPv6 addresses is the IPv4 network that it means. None when malformed.
pub fn network(entry: &str) -> Option<IpNet> {
    let net = match entry.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address),
        Err(_) => entry.parse::<IpNet>().ok()?.trunc(),
    };
    let IpNet::V6(v6) = net else { return Some(net) };
    let mapped = v6.addr().to_ipv4_mapped().zip(v6.prefix_len().checked_sub(96));
    let v4 = mapped.and_then(|(address, prefix)| Ipv4Net::new(address, prefix).ok());
    Some(v4.map_or(net, IpNet::V4))
}

/// The network of an entry; one that is malformed is not understood.
pub fn understood(entry: &str) -> Result<IpNet, Inconclusive> {
    network(entry).ok_or(Inconclusive::Unknown(UnknownReason::NotUnderstood))
}

/// The addresses of many networks: those that no other one covers, sorted. Networks nest or are apart, so
/// a network shares an address with them only if it does with one of its two neighbours in their order.
pub struct Ranges(Vec<IpNet>);

impl Ranges {
    /// Costs no more than sorting the networks.
    pub fn new(networks: impl IntoIterator<Item = IpNet>) -> Self {
        let mut sorted: Vec<IpNet> = networks.into_iter().collect();
        sorted.sort_unstable();
        let mut outer: Vec<IpNet> = Vec::new();
        for net in sorted {
            if !outer.last().is_some_and(|last| last.contains(&net)) {
                outer.push(net);
            }
        }
        Self(outer)
    }

    /// Whether any address of the network is among them.
    pub fn overlap(&self, net: &IpNet) -> bool {
        let after = self.0.partition_point(|outer| outer <= net);
        let covers = |before: usize| self.0[before].contains(net);
        after.checked_sub(1).is_some_and(covers)
            || self.0.get(after).is_some_and(|next| net.contains(next))
    }
}

/// By the prefixes below which it is too broad and up to which that is critical, of IPv4 and IPv6.
fn breadth(net: IpNet, [broad_below, critical_up_to]: [[u64; 2]; 2]) -> Option<Severity> {
    let version = match net {
        IpNet::V4(_) => 0,
        IpNet::V6(_) => 1,
    };
    match u64::from(net.prefix_len()) {
        prefix if prefix >= broad_below[version] => None,
        prefix if prefix <= critical_up_to[version] => Some(Severity::Critical),
        _ => Some(Severity::High),
    }
}

/// Of each entry, whether it is malformed or lies within another one. Networks nest or are apart,
/// so in their order each is compared with the last one that nothing covers.
fn untidy_entries(entries: &[&str]) -> Vec<bool> {
    let networks: Vec<_> = entries.iter().map(|entry| network(entry)).collect();
    let mut is_untidy: Vec<bool> = networks.iter().map(Option::is_none).collect();
    let mut order: Vec<(IpNet, usize)> =
        networks.iter().enumerate().filter_map(|(index, net)| Some(((*net)?, index))).collect();
    order.sort_unstable();
    let mut outer: Option<IpNet> = None;
    for (net, index) in order {
        if outer.is_some_and(|outer| outer.contains(&net)) {
            is_untidy[index] = true;
        } else {
            outer = Some(net);
        }
    }
    is_untidy
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    const BOUNDS: [[u64; 2]; 2] = [[24, 48], [8, 16]];

    fn breadth_of(entry: &str) -> Option<Severity> {
        breadth(network(entry).unwrap(), BOUNDS)
    }

    #[test]
    fn an_entry_is_an_address_or_a_block_and_mapped_ones_are_ipv4() {
        for (entry, expected) in [
            ("8.8.8.8", "8.8.8.8/32"),
            ("8.8.8.8/24", "8.8.8.0/24"),
            ("2001:4860::1", "2001:4860::1/128"),
            ("::ffff:8.8.8.8", "8.8.8.8/32"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
        ] {
            assert_eq!(network(entry).map(|net| net.to_string()).as_deref(), Some(expected));
        }
        for malformed in
            ["", " 8.8.8.8", "8.8.8", "8.8.8.8/33", "::/129", "example.com", "fe80::1%eth0"]
        {
            assert_eq!(network(malformed), None, "{malformed}");
        }
    }

    #[test]
    fn breadth_has_its_boundaries() {
        for (entry, expected) in [
            ("8.8.8.8", None),
            ("8.8.8.0/24", None),
            ("8.8.8.0/23", Some(Severity::High)),
            ("8.0.0.0/9", Some(Severity::High)),
            ("8.0.0.0/8", Some(Severity::Critical)),
            ("0.0.0.0/0", Some(Severity::Critical)),
            ("2600::/48", None),
            ("2600::/47", Some(Severity::High)),
            ("2600::/17", Some(Severity::High)),
            ("2600::/16", Some(Severity::Critical)),
            ("::/0", Some(Severity::Critical)),
            ("::ffff:0:0/96", Some(Severity::Critical)),
        ] {
            assert_eq!(breadth_of(entry), expected, "{entry}");
        }
    }

    #[test]
    fn repeated_covered_and_malformed_entries_are_untidy() {
        let entries = ["1.1.1.0/24", "1.1.1.1", "1.1.2.1", "8.8.8.8", "8.8.8.8", "nonsense"];
        assert_eq!(untidy_entries(&entries), [false, true, false, false, true, true]);
        assert_eq!(untidy_entries(&["1.1.1.7/24", "1.1.1.9/24"]), [false, true]);
    }

    #[test]
    fn large_lists_are_compared_at_the_cost_of_sorting() {
        // Comparing each entry with each would take 40,000,000,000 steps.
        let host = |n: u32| IpNet::from(IpAddr::from((0x0800_0000 + 2 * n).to_be_bytes()));
        let ranges = Ranges::new((0..200_000).map(host));
        assert!((0..200_000).all(|n| ranges.overlap(&host(n))));
        let between = |n: u32| IpNet::from(IpAddr::from((0x0800_0001 + 2 * n).to_be_bytes()));
        assert!((0..200_000).all(|n| !ranges.overlap(&between(n))));
    }

    proptest! {
        #[test]
        fn ranges_overlap_what_any_of_their_networks_overlaps(
            all in proptest::collection::vec((any::<bool>(), any::<u8>(), 22u8..=32), 0..12),
            (is_v6, last, prefix) in (any::<bool>(), any::<u8>(), 22u8..=32),
        ) {
            let net = |is_v6: bool, last: u8, prefix: u8| {
                let text = if is_v6 { format!("2600::{last:x}/{}", prefix + 96) } else { format!("8.8.8.{last}/{prefix}") };
                network(&text).unwrap()
            };
            let all: Vec<IpNet> = all.into_iter().map(|(v6, last, prefix)| net(v6, last, prefix)).collect();
            let one = net(is_v6, last, prefix);
            let expected = all.iter().any(|each| each.contains(&one) || one.contains(each));
            prop_assert_eq!(Ranges::new(all).overlap(&one), expected);
        }

        #[test]
        fn nothing_panics_and_a_malformed_entry_is_only_untidy(entry in "\\PC{0,40}") {
            let net = network(&entry);
            prop_assert_eq!(untidy_entries(&[&entry]), [net.is_none()]);
        }

        #[test]
        fn a_broader_network_is_never_milder(bits in any::<u32>(), long in 0u8..=32, short in 0u8..=32) {
            let of = |prefix: u8| breadth(Ipv4Net::new(bits.into(), prefix).unwrap().trunc().into(), BOUNDS);
            let (short, long) = (short.min(long), short.max(long));
            prop_assert!(of(short) >= of(long));
            prop_assert_eq!(of(long).is_some(), long < 24);
        }

        #[test]
        fn what_is_left_of_a_list_is_tidy_and_exempts_the_same(
            entries in proptest::collection::vec((any::<u8>(), 24u8..=32), 0..12)
        ) {
            let texts: Vec<String> = entries.iter().map(|(last, p)| format!("8.8.8.{last}/{p}")).collect();
            let all: Vec<&str> = texts.iter().map(String::as_str).collect();
            let untidy = untidy_entries(&all);
            let left: Vec<&str> =
                all.iter().zip(&untidy).filter(|(_, u)| !**u).map(|(entry, _)| *entry).collect();
            prop_assert!(untidy_entries(&left).iter().all(|is_untidy| !is_untidy));
            for last in 0..=255u8 {
                let address = IpNet::from(IpAddr::from([8, 8, 8, last]));
                let covers = |list: &[&str]| list.iter().any(|e| network(e).unwrap().contains(&address));
                prop_assert_eq!(covers(&all), covers(&left));
            }
        }
    }
}
