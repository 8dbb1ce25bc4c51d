//! Findings of the same check together, in the order of their most urgent one.

use std::collections::HashMap;

use domain::checks::{self, Check, Severity};
use domain::finding::Finding;

pub struct Group<'a> {
    /// None: no longer in the catalogue.
    pub check: Option<&'static Check>,
    pub title: &'a str,
    /// The highest one.
    pub severity: Severity,
    /// Not empty; by descending priority.
    pub findings: Vec<&'a Finding>,
}

pub fn group(findings: &[Finding]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for finding in findings {
        let id = finding.key.check_id.as_str();
        let place = *places.entry(id).or_insert_with(|| {
            groups.push(Group {
                check: checks::find(id),
                title: &finding.title,
                severity: finding.severity,
                findings: Vec::new(),
            });
            groups.len() - 1
        });
        let group = &mut groups[place];
        group.severity = group.severity.max(finding.severity);
        group.findings.push(finding);
    }
    groups
}

/// What is left of the size that the findings of a report may have.
pub struct Room(pub usize);

impl Room {
    /// Whether the text fits. After the first one that does not, none does.
    pub fn admits(&mut self, text: &str) -> bool {
        match self.0.checked_sub(text.len()) {
            Some(left) => self.0 = left,
            None => self.0 = 0,
        }
        self.0 > 0
    }
}
