use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::checks::{self, ResourceResult, Violation};
use crate::tenant::UnknownReason;

const RESOURCES: [&str; 4] = ["a", "b", "c", "d"];

fn fails(severity: Severity) -> CheckResult {
    CheckResult::Fail(Box::new(Violation::shown_by(severity, Vec::new())))
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
    proptest::collection::vec(results, 0..12).prop_map(|all| Evaluation {
        outcomes: all.into_iter().enumerate().map(|(n, results)| outcome(n, results)).collect(),
        not_enabled: Vec::new(),
    })
}

type Waived = BTreeSet<(usize, usize)>;

fn waived() -> impl Strategy<Value = Waived> {
    proptest::collection::btree_set((0..12_usize, 0..RESOURCES.len()), 0..24)
}

fn score_with(evaluation: &Evaluation, waived: &Waived) -> Option<u8> {
    Basis::of(evaluation).score(|check, resource| {
        waived.iter().any(|(c, r)| checks::CATALOGUE[*c].id == check && RESOURCES[*r] == resource)
    })
}

/// The same said the long way: what is waived is a pass, then the check counts at its worst.
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
    fn what_is_accepted_counts_as_if_it_passed(e in evaluations(), waived in waived()) {
        prop_assert_eq!(score_with(&e, &waived), formula(&rewritten(&e, &waived)));
        prop_assert_eq!(score(&e), formula(&e));
    }

    #[test]
    fn accepting_more_never_lowers_the_score(e in evaluations(), few in waived(), more in waived()) {
        let all: Waived = few.union(&more).copied().collect();
        let (before, after) = (score_with(&e, &few), score_with(&e, &all));
        // When all that was judged is accepted beside what is unknown, nothing is judged any more.
        prop_assert!(after.is_none() || after >= before, "{before:?} to {after:?}");
    }

    #[test]
    fn a_basis_survives_storage(e in evaluations()) {
        let basis = Basis::of(&e);
        let stored = serde_json::to_value(&basis).unwrap();
        prop_assert_eq!(serde_json::from_value::<Basis>(stored).unwrap(), basis);
    }
}

#[test]
fn a_basis_is_stored_compactly() {
    let results = vec![fails(Severity::High), CheckResult::Pass];
    let silent = vec![CheckResult::Unknown(UnknownReason::RateLimited)];
    let outcomes =
        vec![outcome(0, results), outcome(1, vec![CheckResult::Pass]), outcome(2, silent)];
    let basis = Basis::of(&Evaluation { outcomes, not_enabled: Vec::new() });
    let [first, second] = [0, 1].map(|n| checks::CATALOGUE[n]);
    assert_eq!(
        serde_json::to_value(basis).unwrap(),
        json!([
            {"check": first.id, "severity": Severity::ALL[0], "failing": {"a": "high"}},
            {"check": second.id, "severity": Severity::ALL[1]},
        ])
    );
}
