//! Conditions that several checks share. A check names its rule with parameters; the rule is implemented in the
//! module of its family, and tested once over all its checks (`tests/families`).

use super::allowlist::Allowlist;
use super::choice::Choice;
use super::limit::Limit;
use super::protection::{Flow, Protection};
use super::switch::Switch;
use super::{Check, EffectiveThresholds, Judged, Threshold};
use crate::readings::Shield;
use crate::tenant::Tenant;

/// The condition of a family of checks, with the parameters that differ.
#[derive(Debug, Clone, Copy)]
pub enum Rule {
    /// The list has any entry.
    AllowlistNotEmpty(&'static Allowlist),
    /// An entry is a network of more than one site. Thresholds: prefix lengths of IPv4 and IPv6.
    AllowlistTooBroad {
        list: &'static Allowlist,
        /// Entries with a shorter prefix fail.
        broad: &'static [Threshold; 2],
        /// Entries with a prefix up to this are critical.
        critical: &'static [Threshold; 2],
    },
    /// An entry is an address that no client on the Internet can have.
    AllowlistNonPublic(&'static Allowlist),
    /// An entry is malformed, or another entry covers it.
    AllowlistOverlapping(&'static Allowlist),
    /// The list has at least `many` entries.
    AllowlistNearLimit {
        list: &'static Allowlist,
        many: &'static Threshold,
    },
    /// The protection is off.
    ProtectionOff(&'static Protection),
    /// The protection is on and has no shield in any flow.
    MonitoringOnly(&'static Protection),
    /// The protection is on and lacks one shield in one flow.
    ShieldMissing {
        protection: &'static Protection,
        flow: &'static Flow,
        shield: Shield,
    },
    Switch(Switch),
    /// A setting has a wrong value.
    Choice(Choice),
    /// A number exceeds its limit.
    Limit(Limit),
}

impl Rule {
    pub const fn is_on_collection(self) -> bool {
        match self {
            Self::Switch(switch) => switch.is_on_collection(),
            _ => false,
        }
    }

    /// Evaluates a check with this rule.
    pub fn judge(
        self,
        check: &Check,
        tenant: &Tenant,
        thresholds: EffectiveThresholds<'_>,
    ) -> Judged {
        let severity = check.severity;
        let judgement = match self {
            Self::AllowlistNotEmpty(list) => list.not_empty(tenant, severity),
            Self::AllowlistTooBroad { list, broad, critical } => {
                list.too_broad(tenant, thresholds, broad, critical)
            }
            Self::AllowlistNonPublic(list) => list.non_public(tenant, severity),
            Self::AllowlistOverlapping(list) => list.overlapping(tenant, severity),
            Self::AllowlistNearLimit { list, many } => {
                list.near_limit(tenant, severity, thresholds.value_of(many))
            }
            Self::ProtectionOff(protection) => protection.off(tenant, severity),
            Self::MonitoringOnly(protection) => protection.monitoring_only(tenant, severity),
            Self::ShieldMissing { protection, flow, shield } => {
                protection.shield_missing(tenant, severity, flow, shield)
            }
            Self::Choice(choice) => choice.judge(severity, tenant),
            Self::Limit(limit) => limit.judge(severity, tenant, thresholds),
            Self::Switch(switch) => return switch.judge(check, tenant),
        };
        Judged::One(judgement)
    }
}
