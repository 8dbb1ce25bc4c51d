use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::checks::{self, ResourceResult, Violation};
use crate::inconclusive::UnknownReason;
use crate::test_support;

const RESOURCES: [&str; 4] = ["a", "b", "c", "d"];

fn fails(severity: Severity) -> CheckResult {
    CheckResult::Fail(Box::new(Violation::from_evidence(severity, Vec::new())))
}

fn result() -> impl Strategy<Value = CheckResult> {
    prop_oneof![
        Just(CheckResult::Pass),
        (0..Severity::ALL.len()).prop_map(|n| fails(Severity::ALL[n])),
        Just(CheckResult::Unknown(UnknownReason::RateLimited)),
        Just(CheckResult::NotApplicable(NotApplicableReason::FeatureOff)),
    ]
}

/// The worst of several, as the evaluation says it.
fn worst(results: &[ResourceResult]) -> CheckResult {
    let key = |result: &CheckResult| match result {
        CheckResult::Fail(violation) => (3, Some(violation.severity)),
        CheckResult::Unknown(_) => (2, None),
        CheckResult::Pass => (1, None),
        CheckResult::NotApplicable(_) => (0, None),
    };
    let results = results.iter().map(|each| each.result.clone());
    results.max_by_key(key).unwrap_or(CheckResult::Pass)
}

fn outcome(check: usize, results: Vec<CheckResult>) -> CheckOutcome {
    let results: Vec<ResourceResult> = (results.into_iter().zip(RESOURCES))
        .map(|(result, resource)| ResourceResult { resource: resource.to_owned(), result })
        .collect();
    let overall = worst(&results);
    // Any, as an organisation may choose.
    let severity = Severity::ALL[check % Severity::ALL.len()];
    CheckOutcome { check: checks::CATALOGUE[check], severity, results, overall, is_complete: true }
}

/// Up to twelve checks on up to four resources each; some are hidden by a failing parent.
fn evaluations() -> impl Strategy<Value = Evaluation> {
    let hidden = CheckResult::NotApplicable(NotApplicableReason::ParentFailed);
    let results = prop_oneof![
        4 => proptest::collection::vec(result(), 0..=RESOURCES.len()),
        1 => Just(vec![hidden]),
    ];
    proptest::collection::vec(results, 0..12).prop_map(|all| {
        let outcomes = all.into_iter().enumerate().map(|(n, results)| outcome(n, results));
        evaluation(outcomes.collect())
    })
}

fn evaluation(outcomes: Vec<CheckOutcome>) -> Evaluation {
    Evaluation {
        outcomes,
        not_enabled: Vec::new(),
        disabled: std::collections::BTreeSet::new(),
        chosen: BTreeMap::new(),
    }
}

type Waived = BTreeSet<(usize, usize)>;

fn waived() -> impl Strategy<Value = Waived> {
    proptest::collection::btree_set((0..12_usize, 0..RESOURCES.len()), 0..24)
}

fn score_with(evaluation: &Evaluation, waived: &Waived) -> Option<u8> {
    ScoreInputs::from_evaluation(evaluation, []).score(|check, resource| {
        waived.iter().any(|(c, r)| checks::CATALOGUE[*c].id == check && RESOURCES[*r] == resource)
    })
}

/// Reference implementation: waived failures are passes; the check counts with its worst resource.
fn rewritten(evaluation: &Evaluation, waived: &Waived) -> Evaluation {
    let mut evaluation = evaluation.clone();
    for (n, outcome) in evaluation.outcomes.iter_mut().enumerate() {
        for (r, each) in outcome.results.iter_mut().enumerate() {
            let counts_as_failing = matches!(
                each.result,
                CheckResult::Fail(_)
                    | CheckResult::NotApplicable(NotApplicableReason::ParentFailed)
            );
            if counts_as_failing && waived.contains(&(n, r)) {
                each.result = CheckResult::Pass;
            }
        }
        outcome.overall = worst(&outcome.results);
    }
    evaluation
}

/// The formula, of the overall results alone.
fn formula(evaluation: &Evaluation) -> Option<u8> {
    let (mut passed, mut judged) = (0, 0);
    for outcome in &evaluation.outcomes {
        let own = weight(outcome.severity);
        match &outcome.overall {
            CheckResult::Pass => (passed, judged) = (passed + own, judged + own),
            CheckResult::Fail(violation) => judged += weight(violation.severity),
            CheckResult::NotApplicable(NotApplicableReason::ParentFailed) => judged += own,
            CheckResult::Unknown(_) | CheckResult::NotApplicable(_) => {}
        }
    }
    (judged > 0).then(|| u8::try_from((200 * passed + judged) / (2 * judged)).unwrap())
}

proptest! {
    #[test]
    fn waived_failures_count_as_passes(e in evaluations(), waived in waived()) {
        prop_assert_eq!(score_with(&e, &waived), formula(&rewritten(&e, &waived)));
        prop_assert_eq!(score(&e), formula(&e));
    }

    #[test]
    fn accepting_more_never_lowers_the_score(e in evaluations(), few in waived(), more in waived()) {
        let all: Waived = few.union(&more).copied().collect();
        let (before, after) = (score_with(&e, &few), score_with(&e, &all));
        // If every conclusive resource is accepted and others are unknown, the check does not count.
        prop_assert!(after.is_none() || after >= before, "{before:?} to {after:?}");
    }

    #[test]
    fn score_inputs_round_trip(e in evaluations()) {
        let basis = ScoreInputs::from_evaluation(&e, []);
        let stored = serde_json::to_value(&basis).unwrap();
        prop_assert_eq!(serde_json::from_value::<ScoreInputs>(stored).unwrap(), basis);
    }
}

#[test]
fn score_inputs_are_stored_compactly() {
    let results = vec![fails(Severity::High), CheckResult::Pass];
    let silent = vec![CheckResult::Unknown(UnknownReason::RateLimited)];
    let outcomes =
        vec![outcome(0, results), outcome(1, vec![CheckResult::Pass]), outcome(2, silent)];
    let basis = ScoreInputs::from_evaluation(&evaluation(outcomes), []);
    let [first, second] = [0, 1].map(|n| checks::CATALOGUE[n]);
    assert_eq!(
        serde_json::to_value(basis).unwrap(),
        json!([
            {"check": first.id, "severity": Severity::ALL[0], "failing": {"a": "high"}},
            {"check": second.id, "severity": Severity::ALL[1]},
        ])
    );
}

/// A finding of a check of the catalogue, as the last evaluation left it.
fn finding(check: usize, resource: &str, result: LastResult) -> Finding {
    let id = checks::CATALOGUE[check].id;
    let finding = test_support::finding(id, resource, jiff::Timestamp::UNIX_EPOCH);
    Finding { severity: Severity::High, result, ..finding }
}

const UNREAD: LastResult = LastResult::Unknown(UnknownReason::RateLimited);

fn unread() -> CheckResult {
    CheckResult::Unknown(UnknownReason::RateLimited)
}

/// One check of severity high that passes, and one without a conclusive result.
fn half_unread() -> Evaluation {
    let mut passes = outcome(0, vec![CheckResult::Pass]);
    passes.severity = Severity::High;
    evaluation(vec![passes, outcome(1, vec![unread()])])
}

#[test]
fn an_open_finding_without_a_conclusive_result_counts_as_failing() {
    let evaluation = half_unread();
    let score = |findings: &[Finding]| {
        ScoreInputs::from_evaluation(&evaluation, findings).score(|_, _| false)
    };
    assert_eq!(score(&[]), Some(100));
    assert_eq!(score(&[finding(1, "a", UNREAD)]), Some(50));
    // Objects of a collection that could not be read at all.
    assert_eq!(score(&[finding(1, "x/1", UNREAD), finding(1, "x/2", UNREAD)]), Some(50));
    let resolved = Finding { state: FindingState::Resolved, ..finding(1, "a", UNREAD) };
    let off = LastResult::NotApplicable(NotApplicableReason::FeatureOff);
    assert_eq!(score(&[resolved, finding(1, "b", off)]), Some(100));
}

#[test]
fn an_accepted_finding_without_a_conclusive_result_counts_as_a_pass() {
    let basis = ScoreInputs::from_evaluation(&half_unread(), &[finding(1, "a", UNREAD)]);
    assert_eq!(basis.score(|_, resource| resource == "a"), Some(100));
}

#[test]
fn an_inconclusive_check_has_the_weight_of_the_policy() {
    let mut evaluation = half_unread();
    evaluation.chosen.insert(checks::CATALOGUE[1].id.to_owned(), Severity::Critical);
    let basis = ScoreInputs::from_evaluation(&evaluation, &[finding(1, "a", UNREAD)]);
    assert_eq!(basis.score(|_, _| false), Some(33));
}

#[test]
fn a_disabled_check_counts_while_its_finding_is_open() {
    let mut evaluation = half_unread();
    let gone = evaluation.outcomes.pop().unwrap();
    evaluation.not_enabled.push(gone.check);
    assert_eq!(ScoreInputs::from_evaluation(&evaluation, []).score(|_, _| false), Some(100));
    let basis = ScoreInputs::from_evaluation(&evaluation, &[finding(1, "a", UNREAD)]);
    assert_eq!(basis.score(|_, _| false), Some(50));
}

#[test]
fn a_check_stays_hidden_while_its_failed_parent_is_inconclusive() {
    let position = |id: &str| checks::CATALOGUE.iter().position(|check| check.id == id).unwrap();
    let (parent, child) =
        (position("risk-assessment-off"), position("risk-device-remembered-too-long"));
    let of = |check: usize, result| {
        let check = checks::CATALOGUE[check];
        let results = vec![ResourceResult { resource: check.resource.to_owned(), result }];
        let overall = worst(&results);
        CheckOutcome { check, severity: check.severity, results, overall, is_complete: true }
    };
    let evaluation = evaluation(vec![of(parent, unread()), of(child, CheckResult::Pass)]);
    assert_eq!(ScoreInputs::from_evaluation(&evaluation, []).score(|_, _| false), Some(100));
    let open = finding(parent, checks::CATALOGUE[parent].resource, UNREAD);
    assert_eq!(ScoreInputs::from_evaluation(&evaluation, &[open]).score(|_, _| false), Some(0));
}
