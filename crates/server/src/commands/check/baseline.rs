//! `--baseline`: the document of an earlier `check --format json`. A finding fails only if it is new or worse.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use domain::checks::{CheckResult, Evaluation, Severity};
use domain::finding::FindingKey;
use domain::inconclusive::NotApplicableReason;
use serde_json::Value;

use crate::print::plain;

pub struct Baseline {
    findings: BTreeMap<FindingKey, Severity>,
    /// Checks that were unknown or not enabled.
    unjudged: BTreeSet<String>,
}

/// A finding compared with the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    New,
    /// Its severity is higher than in the baseline.
    Worse,
    Known,
}

/// What changed since the baseline.
pub struct Comparison {
    /// Number of findings that are new or worse.
    pub new: usize,
    /// Number of the others.
    pub known: usize,
    /// Findings of the baseline whose check passes now, or whose resource is gone.
    pub resolved: Vec<FindingKey>,
    /// Findings of the baseline without a conclusive result now.
    pub undecided: Vec<FindingKey>,
    /// Checks that are unknown or not enabled and were neither in the baseline.
    pub newly_unknown: Vec<&'static str>,
}

impl Standing {
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Worse => "worse",
            Self::Known => "known",
        }
    }
}

impl Comparison {
    /// The numbers, and what became unknown, which the findings do not show.
    pub fn lines(&self) -> Vec<String> {
        let numbers = format!(
            "compared with the baseline: {} new or worse, {} known, {} resolved, {} no longer decided",
            self.new,
            self.known,
            self.resolved.len(),
            self.undecided.len(),
        );
        let undecided = self.undecided.iter().map(|FindingKey { check_id, resource }| {
            format!("no longer decided: {} on {}", plain(check_id), plain(resource))
        });
        let unknown = self.newly_unknown.iter();
        let unknown = unknown.map(|check| format!("unknown since the baseline: {check}"));
        [numbers].into_iter().chain(undecided).chain(unknown).collect()
    }
}

impl Baseline {
    pub fn read(file: &Path) -> Result<Self> {
        let name = file.display();
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
        let document: Value =
            serde_json::from_str(&text).with_context(|| format!("{name} is not a baseline"))?;
        Self::parse(&document).map_err(|what| {
            anyhow!("{name} is not a baseline, a document of `check --format json`: {what}")
        })
    }

    fn parse(document: &Value) -> Result<Self, String> {
        let mut findings = BTreeMap::new();
        for (index, finding) in list(document, "findings")?.iter().enumerate() {
            let text = |member: &str| {
                let value = finding[member].as_str();
                value.ok_or_else(|| format!("/findings/{index}/{member} is not a text"))
            };
            let name = text("severity")?;
            let severity = Severity::ALL.into_iter().find(|severity| severity.name() == name);
            let severity =
                severity.ok_or_else(|| format!("/findings/{index}/severity is not a severity"))?;
            let key = FindingKey {
                check_id: text("check_id")?.to_owned(),
                resource: text("resource")?.to_owned(),
            };
            findings.insert(key, severity);
        }
        let mut unjudged = BTreeSet::new();
        for member in ["unknown_checks", "not_enabled_checks"] {
            for (index, check) in list(document, member)?.iter().enumerate() {
                let id = check["check_id"].as_str();
                let id = id.ok_or_else(|| format!("/{member}/{index}/check_id is not a text"))?;
                unjudged.insert(id.to_owned());
            }
        }
        Ok(Self { findings, unjudged })
    }

    pub fn standing(&self, key: &FindingKey, severity: Severity) -> Standing {
        match self.findings.get(key) {
            None => Standing::New,
            Some(before) if severity > *before => Standing::Worse,
            Some(_) => Standing::Known,
        }
    }

    /// `failed`: all findings with their standing. `unjudged`: the checks that are unknown or not enabled.
    pub fn compare<'a>(
        &self,
        evaluation: &Evaluation,
        failed: impl Iterator<Item = (&'a FindingKey, Option<Standing>)>,
        unjudged: impl Iterator<Item = &'static str>,
    ) -> Comparison {
        let failing: BTreeMap<&FindingKey, Option<Standing>> = failed.collect();
        let (mut resolved, mut undecided) = (Vec::new(), Vec::new());
        for key in self.findings.keys().filter(|key| !failing.contains_key(key)) {
            match result_of(key, evaluation) {
                Now::Resolved => resolved.push(key.clone()),
                Now::Undecided => undecided.push(key.clone()),
                Now::LeftOut => {}
            }
        }
        let newly_unknown = unjudged.filter(|id| !self.unjudged.contains(*id)).collect();
        let known = failing.values().filter(|each| **each == Some(Standing::Known)).count();
        let new = failing.len() - known;
        Comparison { new, known, resolved, undecided, newly_unknown }
    }
}

/// What became of a finding of the baseline that does not fail.
enum Now {
    Resolved,
    Undecided,
    /// Another setting or the policy decides that the check does not apply.
    LeftOut,
}

fn result_of(key: &FindingKey, evaluation: &Evaluation) -> Now {
    if evaluation.disabled.contains(key.check_id.as_str()) {
        return Now::LeftOut;
    }
    let outcome = evaluation.outcomes.iter().find(|outcome| outcome.check.id == key.check_id);
    let Some(outcome) = outcome else { return Now::Undecided };
    let result = outcome.results.iter().find(|each| each.resource == key.resource);
    match result.map(|each| &each.result) {
        // Every failure is in the results.
        Some(CheckResult::Pass | CheckResult::Fail(_)) => Now::Resolved,
        Some(
            CheckResult::Unknown(_)
            | CheckResult::NotApplicable(NotApplicableReason::FeatureNotOffered),
        ) => Now::Undecided,
        Some(CheckResult::NotApplicable(_)) => Now::LeftOut,
        // The resource is gone if everything was read.
        None if outcome.is_complete => Now::Resolved,
        None => Now::Undecided,
    }
}

fn list<'a>(document: &'a Value, member: &str) -> Result<&'a Vec<Value>, String> {
    document[member].as_array().ok_or_else(|| format!("/{member} is not a list"))
}
