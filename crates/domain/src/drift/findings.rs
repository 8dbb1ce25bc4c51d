//! What differs between the results of two syncs, and why: the tenant, the policy or the check.

use std::collections::{BTreeMap, BTreeSet};

use crate::checks::{self, Severity};
use crate::policy::Policy;
use crate::recorded_evaluation::{RecordedEvaluation, RecordedResult, Results};
use crate::tenant::Tenant;

/// One check on one resource whose result differs.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingChange {
    /// Which check.
    pub check_id: String,
    /// On which resource.
    pub resource: String,
    /// The check's title now; its id when it is no longer in the catalogue.
    pub title: String,
    /// Where it fails, after or else before; otherwise the check's own.
    pub severity: Severity,
    /// What happened.
    pub change: FindingChangeKind,
    /// What it said before.
    pub before: ResultState,
    /// What it says after.
    pub after: ResultState,
    /// Why.
    pub causes: Vec<Cause>,
}

/// What a check said of a resource, or why it said nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultState {
    /// It said this.
    Judged(RecordedResult),
    /// The resource was not there, and everything was seen.
    NotThere,
    /// The resource was not seen, and not everything was.
    NotSeen,
    /// The check's optional scopes were not granted.
    NotEnabled,
    /// The catalogue did not have the check.
    NoSuchCheck,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingChangeKind {
    /// It fails now, and it was known that it did not.
    Opened,
    /// It failed, and is known not to now.
    Resolved,
    /// It fails either time, and is better or worse than it was.
    SeverityChanged,
    /// It was judged, and now cannot be: nothing is proved to be better.
    BecameUnknown,
    /// It could not be judged, and now it is.
    BecameKnown,
    /// There is nothing to judge any more; what failed stays as it was.
    BecameNotApplicable,
    /// There was nothing to judge, and now it passes.
    BecameApplicable,
    /// It says nothing either time, for different reasons.
    ReasonChanged,
}

/// Why a result differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// By one policy and today's checks the two snapshots are judged differently; time that passed
    /// counts as the tenant's.
    TenantChanged,
    /// By the two policies the earlier snapshot is judged differently.
    PolicyChanged,
    /// The check is another than it was at one of the syncs.
    CheckChanged,
}

/// From the earlier to the later, the worst first.
pub fn between(
    from: (&RecordedEvaluation, &Tenant),
    to: (&RecordedEvaluation, &Tenant),
) -> Vec<FindingChange> {
    let ((from, before), (to, after)) = (from, to);
    let (then, now) = (Index::of(&from.results), Index::of(&to.results));
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
        again: [Index::of(&as_then), Index::of(&as_now)],
        then_by_present_policy: Index::of(&then_by_present_policy),
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
    /// Version, and whether everything was seen.
    checks: BTreeMap<&'a str, (u16, bool)>,
    results: BTreeMap<Key<'a>, RecordedResult>,
    not_enabled: BTreeSet<&'a str>,
}

impl<'a> Index<'a> {
    fn of(results: &'a Results) -> Self {
        let mut index = Self {
            checks: BTreeMap::new(),
            results: BTreeMap::new(),
            not_enabled: results.not_enabled.iter().map(String::as_str).collect(),
        };
        for check in &results.checks {
            let id = check.check_id.as_str();
            index.checks.insert(id, (check.version, check.is_complete));
            for each in &check.resources {
                // Objects that cannot be named share the collection's key: the worst speaks for them.
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

/// As it was recorded, and as it is judged again.
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

    /// Fails, is fine, has nothing to judge, or nobody knows.
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

/// None where nothing of note differs: an object that comes or goes without failing is told among the
/// settings. What is gone when a collection becomes readable is the collection as a whole, not an object.
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
        // The collection as a whole is told instead.
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
