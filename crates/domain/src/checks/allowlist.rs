//! Allowlists: addresses exempt from a protection. The rules are the same for all lists. A check has one finding for
//! each list, which names every offending entry; its fix keeps the others. A malformed entry may stand for anything:
//! it makes a check unknown unless another entry fails it, and the check on overlapping entries reports it.

mod prefix_lengths;

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use serde_json::json;

use super::{
    Change, EffectiveThresholds, Evidence, Judgement, Severity, Threshold, Verdict, Violation,
};
use crate::inconclusive::{Inconclusive, UnknownReason};
use crate::readings::{ReadingKind, Sorted};
use crate::special_purpose_addresses::is_unreachable;
use crate::tenant::Tenant;
pub use prefix_lengths::{broad, critical};

/// The list's place in each resource.
pub const POINTER: &str = "/allowlist";

/// The allowlist of one protection.
#[derive(Debug)]
pub struct Allowlist {
    pub kind: ReadingKind,
    pub entries: fn(&Tenant) -> Result<&Sorted, Inconclusive>,
}

impl Allowlist {
    pub(super) fn not_empty(&self, tenant: &Tenant, severity: Severity) -> Judgement {
        self.judge(tenant, |list| list.iter().map(|_| Ok(Some(severity))).collect())
    }

    /// The severity is that of the broadest entry. Entries that no client on the Internet can have exempt no one, however
    /// broad they are: the check on such entries reports them.
    pub(super) fn too_broad(
        &self,
        tenant: &Tenant,
        thresholds: EffectiveThresholds<'_>,
        broad: &[Threshold; 2],
        critical: &[Threshold; 2],
    ) -> Judgement {
        let bounds = [broad, critical]
            .map(|two| two.each_ref().map(|threshold| thresholds.value_of(threshold)));
        self.judge(tenant, |list| {
            let breadth = |net| if is_unreachable(net) { None } else { breadth(net, bounds) };
            list.iter().map(|entry| Ok(breadth(understood(entry)?))).collect()
        })
    }

    pub(super) fn non_public(&self, tenant: &Tenant, severity: Severity) -> Judgement {
        self.judge(tenant, |list| {
            let is_wrong = |entry| Ok(is_unreachable(understood(entry)?).then_some(severity));
            list.iter().map(is_wrong).collect()
        })
    }

    pub(super) fn overlapping(&self, tenant: &Tenant, severity: Severity) -> Judgement {
        self.judge(tenant, |list| {
            let entries: Vec<&str> = list.iter().collect();
            overlapping_entries(&entries)
                .into_iter()
                .map(|is_wrong| Ok(is_wrong.then_some(severity)))
                .collect()
        })
    }

    /// Only the customer knows which entries can be removed, so there is no computed fix.
    pub(super) fn near_limit(&self, tenant: &Tenant, severity: Severity, many: u64) -> Judgement {
        let list = (self.entries)(tenant)?;
        if (list.len() as u64) < many {
            return Ok(Verdict::Pass);
        }
        let entries: Vec<&str> = list.iter().collect();
        self.offending(severity, &entries).into_failure()
    }

    /// Evaluates `wrong` for each entry, in order.
    fn judge(&self, tenant: &Tenant, wrong: impl FnOnce(&Sorted) -> Vec<Entry>) -> Judgement {
        let list = (self.entries)(tenant)?;
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
        self.offending(worst, &entries(true))
            .fixed_by(Change::set(tenant, self.kind, POINTER, json!(entries(false))))
            .into_failure()
    }

    /// A violation with these entries, which are sorted.
    pub fn offending(&self, severity: Severity, entries: &[&str]) -> Violation {
        let shown = Evidence::wrong(self.kind, POINTER, json!(entries), json!([]));
        Violation::from_evidence(severity, vec![shown])
    }
}

/// The severity of an entry. None: it passes.
type Entry = Result<Option<Severity>, Inconclusive>;

/// The network of an entry: an address or a CIDR block, with host bits cleared. IPv4-mapped IPv6 becomes IPv4. None:
/// malformed.
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

/// The network of an entry; not understood if malformed.
pub fn understood(entry: &str) -> Result<IpNet, Inconclusive> {
    network(entry).ok_or(Inconclusive::Unknown(UnknownReason::NotUnderstood))
}

/// The union of networks: sorted, without those that another one covers. Networks are nested or disjoint, so a
/// network overlaps the union only if it overlaps one of its two neighbours in this order.
pub struct Ranges(Vec<IpNet>);

impl Ranges {
    /// Takes as long as sorting.
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

    /// Whether any address of the network is in the union.
    pub fn overlap(&self, net: &IpNet) -> bool {
        let after = self.0.partition_point(|outer| outer <= net);
        let covers = |before: usize| self.0[before].contains(net);
        after.checked_sub(1).is_some_and(covers)
            || self.0.get(after).is_some_and(|next| net.contains(next))
    }
}

/// Severity by prefix length, for IPv4 and IPv6.
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

/// For each entry, whether it is malformed or within another one. Networks are nested or disjoint, so each is
/// compared in order with the last one that is not covered.
fn overlapping_entries(entries: &[&str]) -> Vec<bool> {
    let networks: Vec<_> = entries.iter().map(|entry| network(entry)).collect();
    let mut is_wrong: Vec<bool> = networks.iter().map(Option::is_none).collect();
    let mut order: Vec<(IpNet, usize)> =
        networks.iter().enumerate().filter_map(|(index, net)| Some(((*net)?, index))).collect();
    order.sort_unstable();
    let mut outer: Option<IpNet> = None;
    for (net, index) in order {
        if outer.is_some_and(|outer| outer.contains(&net)) {
            is_wrong[index] = true;
        } else {
            outer = Some(net);
        }
    }
    is_wrong
}

#[cfg(test)]
mod tests;
