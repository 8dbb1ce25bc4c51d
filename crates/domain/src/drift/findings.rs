//! Differences between the results of two syncs, with their causes: tenant, policy or check.

use std::collections::{BTreeMap, BTreeSet};

use crate::checks::{self, Severity};
use crate::named_enum::named_enum;
use crate::policy::Policy;
use crate::recorded_evaluation::{RecordedEvaluation, RecordedResult, Results};
use crate::tenant::Tenant;

/// A difference of a check's result for one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingChange {
    pub check_id: String,
    pub resource: String,
    /// Title of the check, or its id if it is no longer in the catalogue.
    pub title: String,
    /// Severity of the later failure, else of the earlier one, else of the check.
    pub severity: Severity,
    pub change: FindingChangeKind,
    pub before: ResultState,
    pub after: ResultState,
    pub causes: Vec<Cause>,
}

/// Result of a check for a resource, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultState {
    Judged(RecordedResult),
    /// The resource did not exist; all readings were complete.
    NotThere,
    /// The resource was not seen; readings were incomplete.
    NotSeen,
    /// The check's optional scopes were not granted.
    NotEnabled,
    /// The check was not in the catalogue.
    NoSuchCheck,
}

named_enum! {
    pub enum FindingChangeKind {
        /// It fails now and was conclusively not failing.
        Opened = "opened",
        /// It failed and is conclusively not failing now.
        Resolved = "resolved",
        /// It fails in both, with different severities.
        SeverityChanged = "severity_changed",
        /// It was conclusive and is not any more. No improvement.
        BecameUnknown = "became_unknown",
        /// It was not conclusive and now is.
        BecameKnown = "became_known",
        /// It became not applicable; an open finding stays open.
        BecameNotApplicable = "became_not_applicable",
        /// It was not applicable and now passes.
        BecameApplicable = "became_applicable",
        /// It is inconclusive in both, for different reasons.
        ReasonChanged = "reason_changed",
    }
}

named_enum! {
    /// Why a result differs.
    pub enum Cause {
        /// Under one policy and today's checks, the two snapshots differ. Elapsed time counts as a change of
        /// the tenant.
        TenantChanged = "tenant_changed",
        /// The two policies evaluate the earlier snapshot differently.
        PolicyChanged = "policy_changed",
        /// The check itself changed.
        CheckChanged = "check_changed",
    }
}

/// Changes from the earlier to the later sync, worst first.
pub fn between(
    from: (&RecordedEvaluation, &Tenant),
    to: (&RecordedEvaluation, &Tenant),
) -> Vec<FindingChange> {
    let ((from, before), (to, after)) = (from, to);
    let (then, now) = (Index::from_results(&from.results), Index::from_results(&to.results));
    let differing: Vec<_> = (then.keys().chain(now.keys()).collect::<BTreeSet<_>>().into_iter())
        .filter_map(|key| {
            let (before, after) = (then.result_state(key), now.result_state(key));
            let is_whole = checks::find(key.0).is_some_and(|check| check.resource == key.1);
            change(before, after, is_whole).map(|change| (key, before, after, change))
        })
        .collect();
    if differing.is_empty() {
        return Vec::new();
    }
    let again =
        |tenant: &Tenant, policy: &Policy| Results::from(&checks::evaluate_by(tenant, policy));
    let as_then = again(before, &from.policy);
    let as_now = again(after, &to.policy);
    let then_by_present_policy = again(before, &to.policy);
    let judged = Judged {
        recorded: [&then, &now],
        again: [Index::from_results(&as_then), Index::from_results(&as_now)],
        then_by_present_policy: Index::from_results(&then_by_present_policy),
    };
    let mut changes: Vec<_> = (differing.into_iter())
        .map(|(key, before, after, change)| {
            let check = checks::find(key.0);
            let own = check.map_or(Severity::Info, |check| check.severity);
            FindingChange {
                check_id: key.0.to_owned(),
                resource: key.1.to_owned(),
                title: check.map_or(key.0, |check| check.title).to_owned(),
                severity: after.severity().or(before.severity()).unwrap_or(own),
                change,
                before,
                after,
                causes: judged.causes(key),
            }
        })
        .collect();
    changes.sort_by_key(|each| (!each.bears_on_a_failure(), std::cmp::Reverse(each.severity)));
    changes
}

type Key<'a> = (&'a str, &'a str);

/// Results by check and resource.
struct Index<'a> {
    /// Version, and whether the readings were complete.
    checks: BTreeMap<&'a str, (u16, bool)>,
    results: BTreeMap<Key<'a>, RecordedResult>,
    not_enabled: BTreeSet<&'a str>,
}

impl<'a> Index<'a> {
    fn from_results(results: &'a Results) -> Self {
        let mut index = Self {
            checks: BTreeMap::new(),
            results: BTreeMap::new(),
            not_enabled: results.not_enabled.iter().map(String::as_str).collect(),
        };
        for check in &results.checks {
            let id = check.check_id.as_str();
            index.checks.insert(id, (check.version, check.is_complete));
            for each in &check.resources {
                // Objects without an id share the collection's key: the worst result counts.
                let worst = index.results.entry((id, &each.resource)).or_insert(each.result);
                *worst = worse(*worst, each.result);
            }
        }
        index
    }

    fn keys(&self) -> impl Iterator<Item = Key<'a>> {
        self.results.keys().copied()
    }

    fn result_state(&self, key: Key<'_>) -> ResultState {
        match (self.results.get(&key), self.checks.get(key.0)) {
            (Some(recorded), _) => ResultState::Judged(*recorded),
            (None, Some((_, true))) => ResultState::NotThere,
            (None, Some((_, false))) => ResultState::NotSeen,
            (None, None) if self.not_enabled.contains(key.0) => ResultState::NotEnabled,
            (None, None) => ResultState::NoSuchCheck,
        }
    }
}

fn worse(one: RecordedResult, other: RecordedResult) -> RecordedResult {
    let rank = |recorded: RecordedResult| match recorded {
        RecordedResult::Fail { severity } => (3, Some(severity)),
        RecordedResult::Unknown { .. } => (2, None),
        RecordedResult::Pass => (1, None),
        RecordedResult::NotApplicable { .. } => (0, None),
    };
    if rank(other) > rank(one) { other } else { one }
}

/// The recorded result and the result of evaluating again.
struct Judged<'a> {
    recorded: [&'a Index<'a>; 2],
    again: [Index<'a>; 2],
    then_by_present_policy: Index<'a>,
}

impl Judged<'_> {
    fn causes(&self, key: Key<'_>) -> Vec<Cause> {
        let [then, now] = &self.recorded;
        let [as_then, as_now] = &self.again;
        let middle = self.then_by_present_policy.result_state(key);
        let version = |index: &Index<'_>| index.checks.get(key.0).map(|(version, _)| *version);
        let is_another = match (version(then), version(now)) {
            (Some(then), Some(now)) => then != now,
            _ => [then, now].iter().any(|side| side.result_state(key) == ResultState::NoSuchCheck),
        };
        let is_judged_otherwise = then.result_state(key) != as_then.result_state(key)
            || now.result_state(key) != as_now.result_state(key);
        let causes = [
            (Cause::TenantChanged, middle != as_now.result_state(key)),
            (Cause::PolicyChanged, middle != as_then.result_state(key)),
            (Cause::CheckChanged, is_another || is_judged_otherwise),
        ];
        causes.into_iter().filter(|(_, holds)| *holds).map(|(cause, _)| cause).collect()
    }
}

impl FindingChange {
    fn bears_on_a_failure(&self) -> bool {
        self.before.severity().or(self.after.severity()).is_some()
    }
}

impl ResultState {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::Judged(RecordedResult::Fail { severity }) => Some(severity),
            _ => None,
        }
    }

    /// Coarse state of a result.
    const fn change_label(self) -> ChangeLabel {
        match self {
            Self::Judged(RecordedResult::Fail { .. }) => ChangeLabel::Fails,
            Self::Judged(RecordedResult::Pass) => ChangeLabel::Passes,
            Self::Judged(RecordedResult::NotApplicable { .. }) => ChangeLabel::DoesNotApply,
            Self::NotThere => ChangeLabel::Gone,
            Self::Judged(RecordedResult::Unknown { .. })
            | Self::NotSeen
            | Self::NotEnabled
            | Self::NoSuchCheck => ChangeLabel::Unknown,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ChangeLabel {
    Fails,
    Passes,
    DoesNotApply,
    Gone,
    Unknown,
}

/// None if nothing relevant differs: an object that was added or removed without a failure is listed in the
/// settings. When a collection becomes readable, its own key disappears, which is not the removal of an
/// object.
fn change(before: ResultState, after: ResultState, is_whole: bool) -> Option<FindingChangeKind> {
    use ChangeLabel::{DoesNotApply, Fails, Gone, Passes, Unknown};
    use FindingChangeKind as Kind;
    if before == after {
        return None;
    }
    let was_seen_in_part = before == ResultState::NotSeen || after == ResultState::NotSeen;
    match (before.change_label(), after.change_label()) {
        (Fails, Fails) => Some(Kind::SeverityChanged),
        (Passes | DoesNotApply | Gone, Fails) => Some(Kind::Opened),
        (Fails, Passes | Gone) => Some(Kind::Resolved),
        (Unknown, Fails) => Some(Kind::BecameKnown),
        (Fails, Unknown) => Some(Kind::BecameUnknown),
        (Unknown, Gone) | (Gone, Unknown) if !is_whole => None,
        // The collection as a whole is reported instead.
        (Unknown, _) | (_, Unknown) if was_seen_in_part => None,
        (Unknown, Unknown) | (DoesNotApply, DoesNotApply) => Some(Kind::ReasonChanged),
        (Unknown, _) => Some(Kind::BecameKnown),
        (_, Unknown) => Some(Kind::BecameUnknown),
        (Fails | Passes, DoesNotApply) => Some(Kind::BecameNotApplicable),
        (DoesNotApply, Passes) => Some(Kind::BecameApplicable),
        (Passes, Passes | Gone) | (Gone, Passes | DoesNotApply | Gone) | (DoesNotApply, Gone) => {
            None
        }
    }
}
