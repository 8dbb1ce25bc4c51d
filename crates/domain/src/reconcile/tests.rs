use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::checks;
use crate::checks::Severity;
use crate::checks::testing::reading;
use crate::readings::ReadingKind;
use crate::test_support::context;

struct Ids(AtomicU64);

impl IdSource for Ids {
    fn next(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)))
    }
}

fn ids() -> Ids {
    Ids(AtomicU64::new(1))
}

fn occasion(second: i64) -> ReconcileContext {
    context(Timestamp::from_second(second).unwrap())
}

/// What passes now has ten attempts.
fn tenant() -> Tenant {
    reading(ReadingKind::BruteForceProtection, serde_json::json!({"max_attempts": 10}))
}

fn violation(found: i64) -> CheckResult {
    let evidence = Evidence::wrong(
        ReadingKind::BruteForceProtection,
        "/max_attempts",
        found.into(),
        10.into(),
    );
    CheckResult::Fail(Box::new(Violation::from_evidence(Severity::High, vec![evidence])))
}

/// An evaluation of the first check of the catalogue over these resources.
fn evaluation(results: Vec<(&str, CheckResult)>, is_complete: bool) -> Evaluation {
    let results: Vec<_> = results
        .into_iter()
        .map(|(resource, result)| checks::ResourceResult { resource: resource.into(), result })
        .collect();
    let overall = results.first().map_or(CheckResult::Pass, |each| each.result.clone());
    let check = checks::CATALOGUE[0];
    Evaluation {
        outcomes: vec![CheckOutcome {
            check,
            severity: check.severity,
            results,
            overall,
            is_complete,
        }],
        not_enabled: Vec::new(),
        disabled: BTreeSet::new(),
        chosen: BTreeMap::new(),
    }
}

/// Applies as the store does: findings replace those with the same id.
fn apply(mut known: Vec<Finding>, out: &Changes) -> Vec<Finding> {
    for new in &out.findings {
        match known.iter_mut().find(|finding| finding.id == new.id) {
            Some(old) => *old = new.clone(),
            None => known.push(new.clone()),
        }
    }
    known
}

fn after(known: Vec<Finding>, e: &Evaluation, second: i64, ids: &Ids) -> (Vec<Finding>, Changes) {
    let out = reconcile(known.clone(), &tenant(), e, &occasion(second), ids);
    (apply(known, &out), out)
}

#[test]
fn a_finding_opens_resolves_and_opens_again_as_the_same_finding() {
    let ids = ids();
    let (known, out) = after(vec![], &evaluation(vec![("r", violation(50))], true), 10, &ids);
    assert_eq!((out.counts.opened, out.transitions[0].kind), (1, TransitionKind::Opened));
    let id = known[0].id;

    let (known, out) = after(known, &evaluation(vec![("r", CheckResult::Pass)], true), 20, &ids);
    assert_eq!((out.counts.resolved, known[0].state), (1, FindingState::Resolved));
    assert_eq!(known[0].resolved_at, Some(occasion(20).now));
    let (was, is) = (&out.transitions[0].before[0], &out.transitions[0].after[0]);
    assert_eq!((&was.found, &is.found), (&50.into(), &10.into()));
    assert_eq!(was.pointer, is.pointer);

    let (known, out) = after(known, &evaluation(vec![("r", violation(60))], true), 30, &ids);
    assert_eq!((out.counts.reopened, known[0].state), (1, FindingState::Open));
    assert_eq!((known[0].id, known[0].reopen_count, known.len()), (id, 1, 1));
    assert_eq!((known[0].open_since, known[0].resolved_at), (occasion(30).now, None));
    assert_eq!(known[0].first_seen_at, occasion(10).now);
}

#[test]
fn neither_unknown_nor_not_applicable_opens_or_resolves() {
    let silent = [
        CheckResult::Unknown(UnknownReason::RateLimited),
        CheckResult::NotApplicable(NotApplicableReason::ParentFailed),
    ];
    for result in silent {
        let ids = ids();
        let (known, out) = after(vec![], &evaluation(vec![("r", result.clone())], false), 1, &ids);
        assert!(known.is_empty() && out == Changes::default());
        let (known, _) = after(vec![], &evaluation(vec![("r", violation(50))], true), 10, &ids);
        let (later, out) = after(known.clone(), &evaluation(vec![("r", result)], false), 20, &ids);
        assert_eq!(later[0].state, FindingState::Open);
        assert_eq!(later[0].last_evaluated_at, known[0].last_evaluated_at);
        assert!(out.transitions.is_empty() && out.counts == FindingCounts::default());
        assert_ne!(later[0].result, LastResult::Fail);
    }
}

#[test]
fn a_resource_that_is_gone_resolves_only_when_everything_was_read() {
    let ids = ids();
    let (known, _) = after(vec![], &evaluation(vec![("r/1", violation(50))], true), 10, &ids);
    let partial = evaluation(vec![("r/2", CheckResult::Pass)], false);
    let (still, _) = after(known.clone(), &partial, 20, &ids);
    assert_eq!(still[0].state, FindingState::Open);
    let (gone, out) = after(known, &evaluation(vec![], true), 20, &ids);
    assert_eq!(gone[0].state, FindingState::Resolved);
    assert_eq!(out.transitions[0].kind, TransitionKind::ResourceGone);
}

#[test]
fn other_evidence_is_the_same_finding_with_a_transition() {
    let ids = ids();
    let (known, _) = after(vec![], &evaluation(vec![("r", violation(50))], true), 10, &ids);
    let (known, out) = after(known, &evaluation(vec![("r", violation(60))], true), 20, &ids);
    assert_eq!((known.len(), out.counts.unchanged), (1, 1));
    assert_eq!(out.transitions[0].kind, TransitionKind::Changed);
    assert_eq!(known[0].open_since, occasion(10).now);
}

fn any_result() -> impl Strategy<Value = CheckResult> {
    prop_oneof![
        Just(CheckResult::Pass),
        (0..3i64).prop_map(violation),
        Just(CheckResult::Unknown(UnknownReason::ApiError)),
        Just(CheckResult::NotApplicable(NotApplicableReason::FeatureOff)),
    ]
}

fn any_evaluation() -> impl Strategy<Value = Evaluation> {
    let results = proptest::collection::btree_map("[abc]", any_result(), 0..3);
    (results, any::<bool>()).prop_map(|(results, is_complete)| {
        let results: Vec<_> = results.iter().map(|(r, x)| (r.as_str(), x.clone())).collect();
        evaluation(results, is_complete)
    })
}

proptest! {
    /// Reading the same tenant twice changes only the times at which it was last seen and evaluated.
    #[test]
    fn the_same_tenant_twice_changes_nothing(history in proptest::collection::vec(any_evaluation(), 1..8)) {
        let ids = ids();
        let mut known = Vec::new();
        for (i, evaluation) in history.iter().enumerate() {
            known = after(known, evaluation, 10 * i64::try_from(i).unwrap(), &ids).0;
        }
        let last = history.last().unwrap();
        let (again, out) = after(known.clone(), last, 1000, &ids);
        prop_assert!(out.transitions.is_empty());
        prop_assert_eq!((out.counts.opened, out.counts.resolved, out.counts.reopened), (0, 0, 0));
        for (before, mut later) in known.into_iter().zip(again) {
            later.last_seen_at = before.last_seen_at;
            later.last_evaluated_at = before.last_evaluated_at;
            prop_assert_eq!(before, later);
        }
    }

    /// A store that keeps the times of the latest evaluation once for the asset, and does not write `times_only`,
    /// reads the same findings as one that writes everything.
    #[test]
    fn times_only_need_no_write(history in proptest::collection::vec((any_evaluation(), any::<bool>()), 1..10)) {
        let ids = ids();
        let (mut written, mut known) = (BTreeMap::new(), Vec::<Finding>::new());
        let mut of_asset = TimesOfAsset::default();
        let again = history.last().cloned();
        for (i, (mut evaluation, is_of_other_check)) in history.into_iter().chain(again).enumerate() {
            if is_of_other_check {
                evaluation.outcomes[0].check = checks::CATALOGUE[1];
            }
            let now = occasion(10 * i64::try_from(i).unwrap()).now;
            let occasion = ReconcileContext { of_asset: of_asset.clone(), ..context(now) };
            let out = reconcile(known.clone(), &tenant(), &evaluation, &occasion, &ids);
            for finding in out.findings.iter().filter(|each| !out.times_only.contains(&each.id)) {
                written.insert(finding.id, finding.clone());
                for (stored, at) in [
                    (&mut of_asset.seen, finding.last_seen_at),
                    (&mut of_asset.evaluated, finding.last_evaluated_at),
                ] {
                    if at == now { stored.insert(finding.id) } else { stored.remove(&finding.id) };
                }
            }
            known = apply(known, &out);
            for finding in &known {
                let mut read = written[&finding.id].clone();
                if of_asset.seen.contains(&finding.id) {
                    read.last_seen_at = now;
                }
                if of_asset.evaluated.contains(&finding.id) {
                    read.last_evaluated_at = now;
                }
                prop_assert_eq!(&read, finding);
            }
        }
        let occasion = ReconcileContext { of_asset, ..occasion(1000) };
        let last = Evaluation { outcomes: Vec::new(), ..evaluation(Vec::new(), false) };
        let out = reconcile(known.clone(), &tenant(), &last, &occasion, &ids);
        prop_assert_eq!(&out.findings.len(), &occasion.of_asset.evaluated.len(), "times that stay are written");
        let out = reconcile(known, &tenant(), &last, &context(occasion.now), &ids);
        prop_assert!(out.findings.is_empty());
    }

    /// Every sequence keeps identity, and state agrees with the latest conclusive result.
    #[test]
    fn state_follows_the_latest_conclusive_result(history in proptest::collection::vec(any_evaluation(), 1..10)) {
        let ids = ids();
        let mut known: Vec<Finding> = Vec::new();
        for (i, evaluation) in history.iter().enumerate() {
            let before = known.clone();
            known = after(known, evaluation, 10 * i64::try_from(i).unwrap(), &ids).0;
            let outcome = &evaluation.outcomes[0];
            for finding in &known {
                let seen = outcome.results.iter().find(|each| each.resource == finding.key.resource);
                let was = before.iter().find(|old| old.id == finding.id).map(|old| old.state);
                let expected = match (seen.map(|each| &each.result), was) {
                    (Some(CheckResult::Fail(_)), _) => FindingState::Open,
                    (Some(CheckResult::Pass), _) => FindingState::Resolved,
                    (None, _) if outcome.is_complete => FindingState::Resolved,
                    (_, Some(was)) => was,
                    (_, None) => panic!("opened without a failure"),
                };
                prop_assert_eq!(finding.state, expected);
                prop_assert_eq!(finding.state == FindingState::Resolved, finding.resolved_at.is_some());
            }
            let mut keys: Vec<_> = known.iter().map(|finding| finding.key.clone()).collect();
            keys.sort();
            keys.dedup();
            prop_assert_eq!(keys.len(), known.len());
        }
    }
}

#[test]
fn a_failed_reading_never_lowers_the_severity_of_a_finding() {
    let failing = |severity, at_worst| {
        let violation = Violation::from_evidence(severity, Vec::new()).or_worse(at_worst);
        evaluation(vec![("r", CheckResult::Fail(Box::new(violation)))], true)
    };
    let ids = ids();
    let (unread, seen) =
        (failing(Severity::Low, Severity::High), failing(Severity::Low, Severity::Low));
    // At first sight the lower one stands.
    let (known, _) = after(vec![], &unread, 10, &ids);
    assert_eq!(known[0].severity, Severity::Low);
    let (known, _) = after(vec![], &failing(Severity::High, Severity::High), 10, &ids);
    let (known, out) = after(known, &unread, 20, &ids);
    assert_eq!((known[0].severity, out.transitions.len()), (Severity::High, 0));
    let (known, _) = after(known, &seen, 30, &ids);
    assert_eq!(known[0].severity, Severity::Low);
}

#[test]
fn findings_of_a_retired_feature_become_not_applicable() {
    let ids = ids();
    let (known, _) = after(vec![], &evaluation(vec![("rules/a", violation(1))], true), 10, &ids);
    let mut retired = tenant();
    let (reason, message) = (UnknownReason::NotSupported, String::new());
    retired.insert(ReadingKind::Rules, Outcome::NotOffered { reason, message });
    let mut nothing = evaluation(vec![], false);
    nothing.outcomes[0].check = checks::find("legacy-rules-or-hooks").unwrap();
    let mut of_rules = known[0].clone();
    of_rules.key.check_id = "legacy-rules-or-hooks".to_owned();
    let out = reconcile(vec![of_rules], &retired, &nothing, &occasion(20), &ids);
    let not_offered = LastResult::NotApplicable(NotApplicableReason::FeatureNotOffered);
    assert_eq!(out.findings[0].result, not_offered);
    assert_eq!(out.findings[0].state, FindingState::Open);
}
