//! The priorities of the open findings after an evaluation, and the names of their objects.

use super::Run;
use crate::finding::{Finding, FindingState, Ranking};
use crate::ids::FindingId;
use crate::priority::{self, Candidate};

impl Run<'_> {
    /// Ranks what is open, and names its objects. A name that was not read stays.
    pub(super) fn rank(&mut self) {
        let is_open = |finding: &&Finding| finding.state == FindingState::Open;
        let open: Vec<&Finding> = self.out.findings.iter().filter(is_open).collect();
        let candidates: Vec<Candidate<'_>> = open
            .iter()
            .map(|finding| Candidate {
                key: &finding.key,
                severity: finding.severity,
                confidence: finding.confidence,
                evidence: &finding.evidence,
            })
            .collect();
        let ranked = priority::rank(self.tenant, &self.names, &candidates);
        let ids: Vec<FindingId> = open.iter().map(|finding| finding.id).collect();
        let mut ranked = ranked.into_iter().map(|of| of.with_ids(|at| ids[at]));
        for finding in &mut self.out.findings {
            let (mut ranking, mut name) = (Ranking::default(), None);
            if finding.state == FindingState::Open {
                ranking = ranked.next().unwrap_or_default();
                name = self.names.name_of(&finding.key.resource);
            }
            let name = name.or_else(|| finding.object_name.clone());
            if finding.ranking != ranking || finding.object_name != name {
                finding.ranking = ranking;
                finding.object_name = name;
                self.out.times_only.remove(&finding.id);
            }
        }
    }
}
