//! What an entry means, and what makes it wrong.

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
fn repeated_covered_and_malformed_entries_are_found() {
    let entries = ["1.1.1.0/24", "1.1.1.1", "1.1.2.1", "8.8.8.8", "8.8.8.8", "nonsense"];
    assert_eq!(overlapping_entries(&entries), [false, true, false, false, true, true]);
    assert_eq!(overlapping_entries(&["1.1.1.7/24", "1.1.1.9/24"]), [false, true]);
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
    fn nothing_panics_and_a_malformed_entry_is_only_found_to_be_malformed(entry in "\\PC{0,40}") {
        let net = network(&entry);
        prop_assert_eq!(overlapping_entries(&[&entry]), [net.is_none()]);
    }

    #[test]
    fn a_broader_network_is_never_milder(bits in any::<u32>(), long in 0u8..=32, short in 0u8..=32) {
        let of = |prefix: u8| breadth(Ipv4Net::new(bits.into(), prefix).unwrap().trunc().into(), BOUNDS);
        let (short, long) = (short.min(long), short.max(long));
        prop_assert!(of(short) >= of(long));
        prop_assert_eq!(of(long).is_some(), long < 24);
    }

    #[test]
    fn what_is_left_of_a_list_overlaps_nowhere_and_exempts_the_same(
        entries in proptest::collection::vec((any::<u8>(), 24u8..=32), 0..12)
    ) {
        let texts: Vec<String> = entries.iter().map(|(last, p)| format!("8.8.8.{last}/{p}")).collect();
        let all: Vec<&str> = texts.iter().map(String::as_str).collect();
        let untidy = overlapping_entries(&all);
        let left: Vec<&str> =
            all.iter().zip(&untidy).filter(|(_, u)| !**u).map(|(entry, _)| *entry).collect();
        prop_assert!(overlapping_entries(&left).iter().all(|is_wrong| !is_wrong));
        for last in 0..=255u8 {
            let address = IpNet::from(IpAddr::from([8, 8, 8, last]));
            let covers = |list: &[&str]| list.iter().any(|e| network(e).unwrap().contains(&address));
            prop_assert_eq!(covers(&all), covers(&left));
        }
    }
}
