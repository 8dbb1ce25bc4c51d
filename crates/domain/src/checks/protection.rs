//! Attack protections with a switch, and with shields that decide about an attempt.

use serde_json::json;

use super::unknown;
use super::{Change, Expected, Judgement, Severity, Verdict, Violation, applies_when};
use crate::inconclusive::Inconclusive;
use crate::readings::{Members, ReadingKind, Shield};
use crate::tenant::Tenant;

#[derive(Debug)]
pub struct Protection {
    pub kind: ReadingKind,
    pub enabled: fn(&Tenant) -> Result<bool, Inconclusive>,
    /// Flows with their own shields, login first.
    pub flows: &'static [&'static Flow],
    /// Completes a fix beyond the shields, since a protection that only monitors would be the next finding.
    pub complete: fn(&Tenant, Change) -> Change,
}

/// The shields of one flow.
#[derive(Debug)]
pub struct Flow {
    pub pointer: &'static str,
    pub shields: fn(&Tenant) -> Result<&Members<Shield>, Inconclusive>,
    /// Shields that a fix of the whole protection adds, sorted.
    pub response: &'static [&'static str],
}

impl Protection {
    /// Guard: the protection is on (`E` in the specification).
    pub fn when_on(&self, tenant: &Tenant) -> Result<(), Inconclusive> {
        applies_when((self.enabled)(tenant)?)
    }

    /// Whether `holds` in any flow.
    pub fn in_any_flow(
        &self,
        tenant: &Tenant,
        holds: impl Fn(&Members<Shield>) -> Result<bool, Inconclusive>,
    ) -> Result<bool, Inconclusive> {
        unknown::any(self.flows.iter().map(|flow| holds((flow.shields)(tenant)?)))
    }

    /// A violation with the shields of every flow, without a fix.
    pub fn shields_shown(
        &self,
        tenant: &Tenant,
        severity: Severity,
        expected: &Expected,
    ) -> Violation {
        let none = Violation::from_evidence(severity, Vec::new());
        let show =
            |shown: Violation, flow: &&Flow| shown.and(tenant, self.kind, flow.pointer, expected);
        self.flows.iter().fold(none, show)
    }

    pub(super) fn off(&self, tenant: &Tenant, severity: Severity) -> Judgement {
        if (self.enabled)(tenant)? {
            return Ok(Verdict::Pass);
        }
        let on = Change::set(tenant, self.kind, "/enabled", json!(true));
        Violation::at(tenant, severity, self.kind, "/enabled", &Expected::Is(json!(true)))
            .fixed_by(self.respond(tenant, on))
            .into_failure()
    }

    pub(super) fn monitoring_only(&self, tenant: &Tenant, severity: Severity) -> Judgement {
        self.when_on(tenant)?;
        if self.in_any_flow(tenant, |shields| Ok(!shields.is_empty()?))? {
            return Ok(Verdict::Pass);
        }
        self.shields_shown(tenant, severity, &Expected::Contains(&["block"]))
            .fixed_by(self.respond(tenant, Change::nothing()))
            .into_failure()
    }

    pub(super) fn shield_missing(
        &self,
        tenant: &Tenant,
        severity: Severity,
        flow: &Flow,
        shield: Shield,
    ) -> Judgement {
        self.when_on(tenant)?;
        if (flow.shields)(tenant)?.has(&shield)? {
            return Ok(Verdict::Pass);
        }
        let name = only(shield);
        Violation::at(tenant, severity, self.kind, flow.pointer, &Expected::Contains(name))
            .fixed_by(Change::add(tenant, self.kind, flow.pointer, name))
            .into_failure()
    }

    /// Adds shields to a change in every flow that the tenant has.
    fn respond(&self, tenant: &Tenant, change: Change) -> Change {
        let add = |change: Change, flow: &&Flow| {
            change.also_adding(tenant, self.kind, flow.pointer, flow.response)
        };
        (self.complete)(tenant, self.flows.iter().fold(change, add))
    }
}

/// A list of only this shield, by name.
pub const fn only(shield: Shield) -> &'static [&'static str] {
    match shield {
        Shield::Block => &["block"],
        Shield::UserNotification => &["user_notification"],
        Shield::AdminNotification => &["admin_notification"],
    }
}
