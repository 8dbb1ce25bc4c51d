//! The shape that three attack protections share: a switch, and shields that say what happens.
//! Checks of that shape are judged here; their metadata stays in their own files.

use super::prelude::*;
use crate::readings::{
    BreachedPasswordDetection, BruteForceProtection, Field, Members, Resource, Shield,
    SuspiciousIpThrottling,
};

/// A protection with a switch and shields.
pub trait Protection: Resource {
    /// The switch.
    fn enabled(&self) -> &Field<bool>;
    /// What happens; at login where there are other flows.
    fn shields(&self) -> &Field<Members<Shield>>;
}

macro_rules! protections {
    ($($resource:ident),*) => {$(
        impl Protection for $resource {
            fn enabled(&self) -> &Field<bool> {
                &self.enabled
            }

            fn shields(&self) -> &Field<Members<Shield>> {
                &self.shields
            }
        }
    )*};
}

protections!(BreachedPasswordDetection, BruteForceProtection, SuspiciousIpThrottling);

/// Completes a change so that the protection, once on, does something.
pub type Respond = fn(&Tenant, Change) -> Change;

/// The protection, when it is on: the guard `E` of the specification.
pub fn when_on<P: Protection>(tenant: &Tenant) -> Result<&P, Inconclusive> {
    let protection = tenant.read::<P>()?;
    applies_when(*protection.enabled().known()?)?;
    Ok(protection)
}

/// Fails when the protection is off. The mend switches it on with shields that do something: a
/// protection that only watches would be the next finding.
pub fn off<P: Protection>(tenant: &Tenant, severity: Severity, respond: Respond) -> Judgement {
    if *tenant.read::<P>()?.enabled().known()? {
        return Ok(Verdict::Pass);
    }
    let on = Change::set(tenant, P::KIND, "/enabled", json!(true));
    Violation::at(tenant, severity, P::KIND, "/enabled", &Expected::Is(json!(true)))
        .fixed_by(respond(tenant, on))
        .into_failure()
}

/// Fails when the protection is on and has no shield at all.
pub fn monitoring_only<P: Protection>(
    tenant: &Tenant,
    severity: Severity,
    respond: Respond,
) -> Judgement {
    if !when_on::<P>(tenant)?.shields().known()?.is_empty()? {
        return Ok(Verdict::Pass);
    }
    Violation::at(tenant, severity, P::KIND, "/shields", &Expected::Contains(&["block"]))
        .fixed_by(respond(tenant, Change::nothing()))
        .into_failure()
}

/// Fails when the protection is on and lacks a shield.
pub fn shield_missing<P: Protection>(
    tenant: &Tenant,
    severity: Severity,
    shield: Shield,
) -> Judgement {
    if when_on::<P>(tenant)?.shields().known()?.has(&shield)? {
        return Ok(Verdict::Pass);
    }
    Ok(Verdict::Fail(Box::new(lacking(tenant, severity, P::KIND, "/shields", shield))))
}

/// The violation that a set of shields at a pointer lacks one, and the change that adds it.
pub fn lacking(
    tenant: &Tenant,
    severity: Severity,
    kind: ReadingKind,
    pointer: &str,
    shield: Shield,
) -> Violation {
    let name = only(shield);
    Violation::at(tenant, severity, kind, pointer, &Expected::Contains(name))
        .fixed_by(Change::add(tenant, kind, pointer, name))
}

const fn only(shield: Shield) -> &'static [&'static str] {
    match shield {
        Shield::Block => &["block"],
        Shield::UserNotification => &["user_notification"],
        Shield::AdminNotification => &["admin_notification"],
    }
}
