//! The priority of a finding: what the tenant's administrator needs to look at first, from 0 to 1000.
//!
//! It starts from the severity in force. What is particular to the tenant comes before what every new tenant has,
//! what is in use before what is not, and what is certain before what something may compensate for.
//!
//! A combination and its parts, and a check and those that it suppresses, are one *cause*. Its worst finding tells it.
//! The others come after the worst findings of eight causes, so that the first five findings are five causes, if the
//! tenant has that many, also if some are accepted.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::checks::{self, Check, CheckResult, Confidence, Evidence, Severity};
use crate::finding::{FindingKey, Ranking};
use crate::object::{ObjectNames, ObjectType};
use crate::readings::{ActiveUsers, GrantType, ReadingKind};
use crate::tenant::{Outcome, Tenant};

/// The findings that another one tells come after so many causes. More than the five that a list begins with, because
/// some causes may be accepted and left out of the list.
const CAUSES_FIRST: usize = 8;
/// The highest priority of such a finding: lists may have several tenants.
const PART_MAX: u16 = 300;

/// A failure to rank.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    pub key: &'a FindingKey,
    /// In force: given the policy and the tenant's values.
    pub severity: Severity,
    /// None: that of the check.
    pub confidence: Option<Confidence>,
    pub evidence: &'a [Evidence],
}

/// Ranks the failures of a tenant. `part_of` is a position in `candidates`. The result does not depend on their order.
pub fn rank(
    tenant: &Tenant,
    names: &ObjectNames<'_>,
    candidates: &[Candidate<'_>],
) -> Vec<Ranking<usize>> {
    let mut weighed: Vec<Weighed> =
        candidates.iter().map(|each| Weighed::new(tenant, names, each)).collect();
    lower_repetitions(candidates, &mut weighed);
    let causes = Causes::find(candidates, &weighed);
    let worst = causes.worst(candidates, &weighed);
    let limit = limit_of_parts(&worst, &weighed);
    let weighed_priorities: Vec<u16> = weighed.iter().map(Weighed::priority).collect();
    let ranked = weighed.into_iter().enumerate().map(|(at, own)| {
        let cause = causes.of[at];
        let first = worst[&cause];
        let mut ranking = Ranking { priority: own.priority(), reasons: own.reasons, part_of: None };
        if first != at {
            let below = weighed_priorities[first].saturating_sub(1);
            ranking.priority = ranking.priority.min(limit).min(below);
            ranking.reasons.insert(0, format!("Part of {}", candidates[first].key.check_id));
            ranking.part_of = Some(first);
        }
        ranking
    });
    ranked.collect()
}

/// The priority of a finding before its cause is considered, and the reasons.
struct Weighed {
    points: i32,
    reasons: Vec<String>,
}

impl Weighed {
    fn new(tenant: &Tenant, names: &ObjectNames<'_>, of: &Candidate<'_>) -> Self {
        let severity = match of.severity {
            Severity::Critical => 700,
            Severity::High => 520,
            Severity::Medium => 340,
            Severity::Low => 160,
            Severity::Info => 40,
        };
        let mut this =
            Self { points: severity, reasons: vec![format!("Severity {}", of.severity.name())] };
        this.weigh_object(names, of);
        this.weigh_users(tenant, names, of);
        let own = checks::find(&of.key.check_id).map_or(Confidence::High, |c| c.confidence);
        match of.confidence.unwrap_or(own) {
            Confidence::High => {}
            Confidence::Medium => this.add(-60, "Confidence medium"),
            Confidence::Low => this.add(-120, "Confidence low"),
        }
        this
    }

    fn add(&mut self, points: i32, reason: impl Into<String>) {
        self.points += points;
        self.reasons.push(reason.into());
    }

    fn weigh_object(&mut self, names: &ObjectNames<'_>, of: &Candidate<'_>) {
        let (kind, id) = ObjectType::of_resource(&of.key.resource);
        if kind == ObjectType::Tenant {
            if NEW_TENANT.contains(of.key.check_id.as_str()) {
                self.add(-100, "As on every new tenant");
            } else {
                self.add(110, "Particular to this tenant");
            }
            return;
        }
        self.add(150, "Particular to this tenant");
        if kind == ObjectType::Application && is_unused(names, id) {
            self.add(-150, "The application allows no grant");
        }
    }

    /// More users make an attack worth more. Only for what users meet.
    fn weigh_users(&mut self, tenant: &Tenant, names: &ObjectNames<'_>, of: &Candidate<'_>) {
        let meets_users = match ObjectType::of_resource(&of.key.resource) {
            (ObjectType::Application, Some(id)) => names
                .application(id)
                .and_then(|client| client.grant_types.ok())
                .is_some_and(|grants| grants.known().iter().any(|grant| is_for_users(*grant))),
            (ObjectType::Tenant | ObjectType::Connection | ObjectType::MfaFactor, _) => true,
            _ => false,
        };
        let Some(ActiveUsers(users)) = tenant.find::<ActiveUsers>().filter(|_| meets_users) else {
            return;
        };
        match users.0 {
            0 => self.add(-40, "No active users in 30 days"),
            1..100 => {}
            // Not the number itself, which changes each day.
            100..10_000 => self.add(25, "100 or more active users in 30 days"),
            10_000.. => self.add(50, "10,000 or more active users in 30 days"),
        }
    }

    fn priority(&self) -> u16 {
        u16::try_from(self.points.clamp(10, 1000)).unwrap_or_default()
    }
}

/// Whether an application allows no grant.
fn is_unused(names: &ObjectNames<'_>, id: Option<&str>) -> bool {
    let application = id.and_then(|id| names.application(id));
    let grants = application.and_then(|client| client.grant_types.ok());
    grants.is_some_and(|grants| grants.is_empty() == Ok(true))
}

const fn is_for_users(grant: GrantType) -> bool {
    use GrantType::{AuthorizationCode, DeviceCode, Implicit, Password, PasswordRealm};
    matches!(grant, AuthorizationCode | DeviceCode | Implicit | Password | PasswordRealm)
}

/// The same problem on another object is less news each time.
fn lower_repetitions(candidates: &[Candidate<'_>], weighed: &mut [Weighed]) {
    const EACH: i32 = 30;
    const MOST: i32 = 150;
    let mut of_check: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, each) in candidates.iter().enumerate() {
        of_check.entry(&each.key.check_id).or_default().push(at);
    }
    for mut same in of_check.into_values() {
        same.sort_by_key(|at| (Reverse(weighed[*at].points), &candidates[*at].key.resource));
        for (place, at) in same.into_iter().enumerate().skip(1) {
            let less = i32::try_from(place).map_or(MOST, |place| (place * EACH).min(MOST));
            weighed[at].add(-less, "Repeats another object's");
        }
    }
}

/// For each candidate the one that stands for its cause, itself if no other does.
struct Causes {
    of: Vec<usize>,
}

impl Causes {
    fn find(candidates: &[Candidate<'_>], weighed: &[Weighed]) -> Self {
        let by_key: BTreeMap<(&str, &str), usize> = candidates
            .iter()
            .enumerate()
            .map(|(at, each)| ((each.key.check_id.as_str(), each.key.resource.as_str()), at))
            .collect();
        let mut combinations: Vec<(usize, BTreeSet<Shown<'_>>)> = candidates
            .iter()
            .enumerate()
            .filter(|(_, each)| checks::is_combination(&each.key.check_id))
            .map(|(at, each)| (at, shown(each.evidence)))
            .collect();
        // A part of several belongs to the one that comes first.
        combinations.sort_by_key(|(at, _)| (Reverse(weighed[*at].points), candidates[*at].key));
        let of_combination = |at: usize| {
            let each = &candidates[at];
            let is_part = ObjectType::of_resource(&each.key.resource).0 == ObjectType::Tenant
                && !checks::is_combination(&each.key.check_id);
            let own = if is_part { shown(each.evidence) } else { BTreeSet::new() };
            let found = combinations.iter().find(|(_, all)| !own.is_empty() && own.is_subset(all));
            found.map(|(combination, _)| *combination)
        };
        let of_parent = |at: usize| {
            let key = candidates[at].key;
            let parents = checks::find(&key.check_id).into_iter().flat_map(Check::parents);
            parents.into_iter().find_map(|parent| {
                let places = [parent.resource, key.resource.as_str()];
                places.iter().find_map(|place| by_key.get(&(parent.id, *place)).copied())
            })
        };
        let of_grant = first_of_each_grant(candidates, weighed);
        let of = (0..candidates.len()).map(|at| {
            if let Some(first) = of_grant.get(candidates[at].key.resource.as_str()) {
                return *first;
            }
            // Parents come earlier in the catalogue, so this ends.
            let top = std::iter::successors(Some(at), |at| of_parent(*at)).last().unwrap_or(at);
            of_combination(top).or_else(|| of_combination(at)).unwrap_or(top)
        });
        Self { of: of.collect() }
    }

    /// The worst finding of each cause.
    fn worst(&self, candidates: &[Candidate<'_>], weighed: &[Weighed]) -> BTreeMap<usize, usize> {
        let mut worst: BTreeMap<usize, usize> = BTreeMap::new();
        // Of equals, the combination: it says more.
        let order = |at: usize| {
            let key = candidates[at].key;
            let is_part = !checks::is_combination(&key.check_id);
            (Reverse(weighed[at].priority()), is_part, key)
        };
        for (at, cause) in self.of.iter().enumerate() {
            let first = worst.entry(*cause).or_insert(at);
            if order(at) < order(*first) {
                *first = at;
            }
        }
        worst
    }
}

/// The worst finding of each grant. What a grant permits is one cause, whatever it permits.
fn first_of_each_grant<'a>(
    candidates: &[Candidate<'a>],
    weighed: &[Weighed],
) -> BTreeMap<&'a str, usize> {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let order = |at: usize| (Reverse(weighed[at].points), candidates[at].key);
    for (at, each) in candidates.iter().enumerate() {
        let resource = each.key.resource.as_str();
        if matches!(ObjectType::of_resource(resource), (ObjectType::Grant, Some(_))) {
            let best = first.entry(resource).or_insert(at);
            if order(at) < order(*best) {
                *best = at;
            }
        }
    }
    first
}

/// A value that evidence shows.
type Shown<'a> = (ReadingKind, &'a str);

fn shown(evidence: &[Evidence]) -> BTreeSet<Shown<'_>> {
    let wrong = evidence.iter().filter(|each| !each.may_compensate);
    wrong.map(|each| (each.reading, each.pointer.as_str())).collect()
}

/// The highest priority of findings whose cause another one tells: below the first causes.
fn limit_of_parts(worst: &BTreeMap<usize, usize>, weighed: &[Weighed]) -> u16 {
    let mut first: Vec<u16> = worst.values().map(|at| weighed[*at].priority()).collect();
    first.sort_unstable_by_key(|priority| Reverse(*priority));
    first.truncate(CAUSES_FIRST);
    first.last().map_or(1, |last| last.saturating_sub(1)).min(PART_MAX)
}

/// Checks that fail for a tenant as Auth0 creates it.
static NEW_TENANT: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let tenant = new_tenant();
    let outcomes = checks::evaluate(&tenant).outcomes.into_iter();
    let failed = outcomes.filter(|outcome| matches!(outcome.overall, CheckResult::Fail(_)));
    failed.map(|outcome| outcome.check.id).collect()
});

/// The settings of a new tenant, read with every scope.
fn new_tenant() -> Tenant {
    let bodies: Map<String, Value> =
        serde_json::from_str(include_str!("priority/new_tenant.json")).expect("the file is JSON");
    let scopes: BTreeSet<&str> = ReadingKind::ALL.iter().filter_map(|kind| kind.scope()).collect();
    let scopes: Vec<&str> = scopes.into_iter().collect();
    let token = json!({"scope": scopes.join(" "), "expires_in": 86_400});
    let mut tenant = Tenant::new("", Timestamp::UNIX_EPOCH);
    for (name, body) in bodies.into_iter().chain([("token".to_owned(), token)]) {
        let kind = ReadingKind::from_name(&name).expect("the file has readings");
        let reading = kind.decode(body).expect("the file has bodies of readings");
        tenant.insert(kind, Outcome::Read(reading));
    }
    tenant
}

#[cfg(test)]
mod tests;
