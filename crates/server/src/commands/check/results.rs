//! What a check found, in the order in which every format lists it.

use domain::checks::{Check, CheckResult, Confidence, Evaluation, Evidence, Violation};
use domain::finding::{FindingKey, Ranking};
use domain::object::ObjectNames;
use domain::priority::{self, Candidate};
use domain::report::{self, Unjudged};
use domain::tenant::Tenant;
use serde_json::Value;

use super::baseline::{Baseline, Comparison, Standing};

/// Maximum length of a value of the evidence, in characters. A longer one is cut.
const VALUE_MAX: usize = 200;

pub struct Results<'a> {
    pub tenant: &'a Tenant,
    pub evaluation: &'a Evaluation,
    /// By descending priority.
    pub failed: Vec<Failed<'a>>,
    /// Checks without a conclusive result.
    pub unknown: Vec<Unjudged>,
    /// Checks that did not run, without those that the policy disables.
    pub not_enabled: Vec<Unjudged>,
    /// None: there is no baseline.
    pub comparison: Option<Comparison>,
}

/// A failing check on one resource.
pub struct Failed<'a> {
    pub key: FindingKey,
    /// Name of the object that the resource names.
    pub name: Option<String>,
    pub check: &'static Check,
    pub violation: &'a Violation,
    pub ranking: Ranking<FindingKey>,
    /// None: there is no baseline.
    pub standing: Option<Standing>,
}

impl<'a> Results<'a> {
    pub fn new(
        tenant: &'a Tenant,
        evaluation: &'a Evaluation,
        baseline: Option<&Baseline>,
    ) -> Self {
        let mut results = Self {
            tenant,
            evaluation,
            failed: failed(tenant, evaluation),
            unknown: report::unknown(evaluation, tenant),
            not_enabled: report::not_enabled(evaluation, tenant),
            comparison: None,
        };
        if let Some(baseline) = baseline {
            for failed in &mut results.failed {
                failed.standing = Some(baseline.standing(&failed.key, failed.violation.severity));
            }
            let failed = results.failed.iter().map(|failed| (&failed.key, failed.standing));
            let unjudged = results.unknown.iter().chain(&results.not_enabled);
            let unjudged = unjudged.map(|each| each.check.id);
            results.comparison = Some(baseline.compare(evaluation, failed, unjudged));
        }
        results
    }

    /// The findings that are not in the baseline as they are now.
    pub fn news(&self) -> impl Iterator<Item = &Failed<'a>> {
        self.failed.iter().filter(|failed| failed.standing != Some(Standing::Known))
    }

    /// Whether something is unknown that, if there is a baseline, was not unknown there.
    pub fn is_newly_unknown(&self) -> bool {
        match &self.comparison {
            None => !self.unknown.is_empty(),
            Some(comparison) => {
                !comparison.newly_unknown.is_empty() || !comparison.undecided.is_empty()
            }
        }
    }
}

impl Failed<'_> {
    /// The violation's confidence, or else the check's.
    pub fn confidence(&self) -> Confidence {
        self.violation.confidence.unwrap_or(self.check.confidence)
    }
}

/// What was found and what is expected, on one line.
pub fn evidence_text(each: &Evidence) -> String {
    let place = format!("{}{}", each.reading.name(), each.pointer);
    let found = cut(&each.found);
    if each.may_compensate {
        return format!("{place} is {found}, which may compensate");
    }
    format!("{place} is {found}, expected {}", cut(&each.expected))
}

fn cut(value: &Value) -> String {
    let mut text = value.to_string();
    if let Some((end, _)) = text.char_indices().nth(VALUE_MAX) {
        text.truncate(end);
        text.push('…');
    }
    text
}

fn failed<'a>(tenant: &Tenant, evaluation: &'a Evaluation) -> Vec<Failed<'a>> {
    let each = evaluation.outcomes.iter().flat_map(|o| o.results.iter().map(move |r| (o.check, r)));
    let failed = each.filter_map(|(check, result)| match &result.result {
        CheckResult::Fail(violation) => {
            let resource = result.resource.clone();
            Some((FindingKey { check_id: check.id.to_owned(), resource }, check, &**violation))
        }
        _ => None,
    });
    let failed: Vec<_> = failed.collect();
    let candidates = failed.iter().map(|(key, _, violation)| Candidate {
        key,
        severity: violation.severity,
        confidence: violation.confidence,
        evidence: &violation.evidence,
    });
    let names = ObjectNames::new(tenant);
    let ranked = priority::rank(tenant, &names, &candidates.collect::<Vec<_>>());
    let mut ranked: Vec<Failed<'_>> = failed
        .iter()
        .zip(ranked)
        .map(|((key, check, violation), of)| Failed {
            key: key.clone(),
            name: names.name_of(&key.resource),
            check,
            violation,
            ranking: of.with_ids(|at| failed[at].0.clone()),
            standing: None,
        })
        .collect();
    ranked.sort_by(|a, b| {
        (b.ranking.priority.cmp(&a.ranking.priority)).then_with(|| a.key.cmp(&b.key))
    });
    ranked
}
