//! Judged checks in SAFE's own ingestion format, SAFE Signal 2.0.0 (github.com/Safe-Security/signal): a configuration
//! assessment (`ca`) of a tenant. A pass counts as evidence as much as a failure, so each check and resource is a
//! signal; one without a conclusive result is `unknown`, never a pass.

mod check_fields;
mod schema;
#[cfg(test)]
mod tests;

pub use schema::Signal;

use jiff::Timestamp;
use uuid::Uuid;

use crate::acceptance::Acceptance;
use crate::checks::{self, Check, Confidence, Evidence, Severity};
use crate::clock::rfc3339;
use crate::controls;
use crate::finding::{Finding, FindingState, FindingStatus, LastResult};
use crate::frequency::Frequency;
use crate::ids::{AssetId, FindingId, IntegrationId, SyncId};
use crate::integration::stale_after;
use crate::recorded_evaluation::{RecordedResult, Results};
use schema::{
    ComplianceStatus, Description, Entity, EntityAttributes, Level, SecurityContext,
    SignalEvidence, Source, Status, WorkflowStatus,
};

/// Name of the submitter; never changes.
const SOURCE: &str = "Auth0 for SAFE";
/// Maximum length of the evidence's text, in characters.
const OBSERVATION_MAX: usize = 2_000;

/// The tenant that signals are about.
#[derive(Debug, Clone)]
pub struct SignalTenant<'a> {
    pub integration_id: IntegrationId,
    pub asset_id: AssetId,
    /// The latest successful sync.
    pub sync_id: SyncId,
    pub asset_name: &'a str,
    pub domain: &'a str,
    /// None: nothing was evaluated.
    pub score: Option<u8>,
    pub frequency: &'a Frequency,
    /// When that sync read the tenant.
    pub evaluated_at: Timestamp,
    /// When the integration was deleted.
    pub deleted_at: Option<Timestamp>,
}

/// What one signal reports.
struct Report<'a> {
    check_id: &'a str,
    check: Option<&'static Check>,
    title: &'a str,
    resource: &'a str,
    object_name: Option<&'a str>,
    result: LastResult,
    workflow: Option<WorkflowStatus>,
    severity: Severity,
    confidence: Confidence,
    evidence: &'a [Evidence],
    assessed_at: Timestamp,
    finding: Option<&'a Finding>,
    /// When the resource was found gone, or the integration was deleted.
    revoked_at: Option<Timestamp>,
}

impl SignalTenant<'_> {
    /// The signal of a finding. None: the policy disables its check, so it was not judged. `results`: of the latest
    /// sync, if they are stored.
    pub fn of_finding(
        &self,
        id: Uuid,
        finding: &Finding,
        acceptance: Option<&Acceptance>,
        results: Option<&Results>,
        now: Timestamp,
    ) -> Option<Signal> {
        if finding.state == FindingState::Disabled {
            return None;
        }
        let check = checks::find(&finding.key.check_id);
        let is_gone = finding.state == FindingState::Resolved
            && results
                .is_some_and(|results| results.lacks(&finding.key.check_id, &finding.key.resource));
        let report = Report {
            check_id: &finding.key.check_id,
            check,
            title: &finding.title,
            resource: &finding.key.resource,
            object_name: finding.object_name.as_deref(),
            result: finding.result,
            workflow: Some(match FindingStatus::derive(finding.state, acceptance, now) {
                FindingStatus::Open => WorkflowStatus::New,
                FindingStatus::Accepted => WorkflowStatus::RiskAccepted,
                FindingStatus::Resolved => WorkflowStatus::Resolved,
            }),
            severity: finding.severity,
            confidence: finding
                .confidence
                .or(check.map(|check| check.confidence))
                .unwrap_or(Confidence::Low),
            evidence: &finding.evidence,
            assessed_at: finding.last_evaluated_at,
            finding: Some(finding),
            revoked_at: self.deleted_at.or(finding.resolved_at.filter(|_| is_gone)),
        };
        Some(self.signal(id, &report, now))
    }

    /// The signal of a result without a finding. None: the check does not apply to the resource.
    pub fn of_result(
        &self,
        id: Uuid,
        (check_id, resource): (&str, &str),
        result: RecordedResult,
        now: Timestamp,
    ) -> Option<Signal> {
        let check = checks::find(check_id)?;
        let (result, severity) = match result {
            RecordedResult::Pass => (LastResult::Pass, check.severity),
            RecordedResult::Fail { severity } => (LastResult::Fail, severity),
            RecordedResult::Unknown { reason } => (LastResult::Unknown(reason), check.severity),
            RecordedResult::NotApplicable { .. } => return None,
        };
        let report = Report {
            check_id,
            check: Some(check),
            title: check.title,
            resource,
            object_name: None,
            result,
            workflow: None,
            severity,
            confidence: check.confidence,
            evidence: &[],
            assessed_at: self.evaluated_at,
            finding: None,
            revoked_at: self.deleted_at,
        };
        Some(self.signal(id, &report, now))
    }

    fn signal(&self, id: Uuid, report: &Report<'_>, now: Timestamp) -> Signal {
        let at = |at: Timestamp| Some(rfc3339(at));
        let interval = self.frequency.interval(now).map(|interval| interval.as_mins());
        let compliance = compliance(report.result);
        let modified_at =
            report.revoked_at.or(report.finding.and_then(|finding| finding.resolved_at));
        Signal {
            version: schema::VERSION,
            id,
            name: check_fields::name_of(report.check_id).unwrap_or(report.title).to_owned(),
            source: Source { name: SOURCE, next_submission_interval_in_mins: interval },
            r#type: "default",
            description: self.description(report),
            created_at: rfc3339(now),
            first_seen: report.finding.and_then(|finding| at(finding.first_seen_at)),
            last_seen: report.finding.and_then(|finding| at(finding.last_seen_at)),
            modified_at: modified_at.and_then(at),
            open_since: report.open().and_then(|finding| at(finding.open_since)),
            expires_at: rfc3339(report.assessed_at + stale_after(self.frequency, now)),
            revoked: report.revoked_at.is_some().then_some(true),
            confidence: match report.confidence {
                Confidence::High => 95,
                Confidence::Medium => 70,
                Confidence::Low => 40,
            },
            tags: self.tags(report),
            entity: self.entity(),
            security_context: SecurityContext {
                r#type: "ca",
                status: Status { compliance_status: compliance, workflow_status: report.workflow },
                evidence: report.observation(),
                severity: check_fields::severity(report.severity),
                standards_mapping: report.check.map(check_fields::standards).unwrap_or_default(),
                attack_pattern: report.check.map(check_fields::attack_patterns).unwrap_or_default(),
                degree_of_impact: match compliance {
                    ComplianceStatus::Pass => check_fields::weight(report.severity),
                    ComplianceStatus::Fail => -check_fields::weight(report.severity),
                    // Neither good nor bad news.
                    ComplianceStatus::Unknown => 0.0,
                },
                effect: report.check.map(check_fields::effects).unwrap_or_default(),
                control_type: report.check.map(check_fields::control_type),
                description: report.check.map(|check| Description {
                    business: check.risk,
                    technical: format!("{}: {}", check.title, report.resource),
                    business_impact: check.risk,
                }),
                remediation: report.check.map(check_fields::remediation),
                last_assessed: rfc3339(report.assessed_at),
                open_since_in_source: report.open().and_then(|finding| at(finding.open_since)),
                compliance_map: report.check.map(controls::requirements).unwrap_or_default(),
                owasp_ids: report.check.map(check_fields::automated_threats).unwrap_or_default(),
            },
        }
    }

    fn description(&self, report: &Report<'_>) -> String {
        let object = report.object_name.map(|name| format!("{name} ")).unwrap_or_default();
        format!(
            "{}: {} for {object}{} of {}",
            report.title,
            report.result.name(),
            report.resource,
            self.domain
        )
    }

    fn tags(&self, report: &Report<'_>) -> schema::Tags {
        let finding = report.finding.map(|finding| &finding.id);
        let all = [
            ("integrationId", Some(self.integration_id.to_string())),
            ("assetId", Some(self.asset_id.to_string())),
            ("assetName", Some(self.asset_name.to_owned())),
            ("syncId", Some(self.sync_id.to_string())),
            ("findingId", finding.map(FindingId::to_string)),
            ("checkId", Some(report.check_id.to_owned())),
            ("resource", Some(report.resource.to_owned())),
            ("objectName", report.object_name.map(str::to_owned)),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, [value?]))).collect()
    }

    fn entity(&self) -> Entity {
        Entity {
            r#type: "machine",
            name: self.domain.to_owned(),
            entity_attributes: EntityAttributes {
                r#type: "Auth0 tenant",
                fqdn: self.domain.to_owned(),
                url: format!("https://{}", self.domain),
                domain: self.domain.to_owned(),
                external_source_id: self.asset_id.to_string(),
                asset_type: "Auth0 tenant",
                attack_surface: "SaaS",
                platform: "Auth0",
                internet_facing: "Yes",
                asset_score: self.score.map(|score| score.to_string()),
                // An identity provider: who controls it controls every application behind it.
                criticality: Level::High,
                confidentiality_requirement: Level::High,
                integrity_requirement: Level::High,
                availability_requirement: Level::High,
            },
        }
    }
}

impl Report<'_> {
    fn open(&self) -> Option<&Finding> {
        self.finding.filter(|finding| finding.state == FindingState::Open)
    }

    fn observation(&self) -> SignalEvidence {
        let wrong: Vec<String> = self
            .evidence
            .iter()
            .map(|each| {
                format!(
                    "{}{}: found {}, expected {}",
                    each.reading.resource(),
                    each.pointer,
                    each.found,
                    each.expected
                )
            })
            .collect();
        let mut text = match self.result {
            LastResult::Pass => "The check passed.".to_owned(),
            LastResult::Fail => wrong.join("; "),
            LastResult::Unknown(_) | LastResult::NotApplicable(_) => {
                let reason = self.result.reason().unwrap_or_default();
                format!("Not judged ({reason}).")
            }
        };
        if let Some((end, _)) = text.char_indices().nth(OBSERVATION_MAX) {
            text.truncate(end);
        }
        let pointer = self.evidence.first().map_or("", |each| each.pointer.as_str());
        SignalEvidence { observation_text: text, path: format!("{}#{pointer}", self.resource) }
    }
}

const fn compliance(result: LastResult) -> ComplianceStatus {
    match result {
        LastResult::Pass => ComplianceStatus::Pass,
        LastResult::Fail => ComplianceStatus::Fail,
        LastResult::Unknown(_) | LastResult::NotApplicable(_) => ComplianceStatus::Unknown,
    }
}
