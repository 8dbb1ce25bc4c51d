//! The report as Markdown (GitHub's), for pull requests, job summaries and wikis. Texts from a tenant are in code spans,
//! where neither markup nor HTML nor a mention has a meaning.

mod syntax;

use std::fmt::Write as _;

use domain::checks::Severity;
use domain::finding::Finding;
use domain::plan::{Plan, PlannedFinding};
use domain::remediation::Fix;
use domain::report::{ControlStatus, Report};

use crate::grouping::{Group, Room, group};
use crate::{AcceptedRisk, Cover, Document, text};
use syntax::{code, escaped, fenced};

/// Maximum size of the findings, in bytes. Job summaries of GitHub have 1 MiB.
const FINDINGS_BYTES_MAX: usize = 512 * 1024;
/// Maximum number of findings that a step of the plan lists.
const LISTED_MAX: usize = 5;

// Writing to a string cannot fail.

pub fn markdown(document: &Document) -> String {
    let Document { cover, report } = document;
    let mut page = String::new();
    let _ = writeln!(page, "# Auth0 security report: {}\n", code(&cover.title));
    let _ = writeln!(page, "{}, read {}\n", code(&cover.tenant), text::instant(report.observed_at));
    summary(&mut page, document);
    findings(&mut page, document);
    plan(&mut page, &report.plan);
    unjudged(&mut page, report);
    accepted(&mut page, cover);
    controls(&mut page, report);
    page
}

fn summary(page: &mut String, Document { cover, report }: &Document) {
    let figures = &report.figures;
    let (score, coverage) = (text::score(figures.score), text::percent(figures.coverage_percent));
    let _ =
        writeln!(page, "**Score {score} of 100, coverage {coverage}.** {}\n", text::basis(report));
    let counts = Severity::ALL.map(|severity| {
        let count = figures.findings.get(&severity).copied().unwrap_or_default();
        format!("{count} {}", severity.name())
    });
    let _ =
        writeln!(page, "Open findings: {}. Accepted: {}.\n", counts.join(", "), figures.accepted);
    for line in &cover.comparison {
        let _ = writeln!(page, "- {}", code(line));
    }
    if !cover.comparison.is_empty() {
        page.push('\n');
    }
}

fn findings(page: &mut String, Document { cover, report }: &Document) {
    page.push_str("## Findings\n\n");
    if report.findings_total == 0 {
        page.push_str("There are no open findings.\n\n");
    }
    let mut room = Room(FINDINGS_BYTES_MAX);
    let mut shown = 0;
    for group in group(&report.findings) {
        let findings = group.findings.iter().map(|finding| one(finding, &group, cover));
        let findings: Vec<String> = findings.take_while(|each| room.admits(each)).collect();
        if findings.is_empty() {
            break;
        }
        shown += findings.len();
        let _ = writeln!(page, "### {}: {}\n", group.severity.name(), escaped(group.title));
        if let Some(check) = group.check {
            let _ = writeln!(page, "{}\n", escaped(check.risk));
        }
        page.extend(findings);
        let Some(check) = group.check else { continue };
        let _ = writeln!(page, "**{}**\n", escaped(check.remediation.dashboard_path));
        for (step, n) in check.remediation.steps.iter().zip(1..) {
            let _ = writeln!(page, "{n}. {}", escaped(step));
        }
        let _ = writeln!(page, "\n{}\n", escaped(check.remediation.side_effects.text));
    }
    if shown < report.findings_total {
        let left = report.findings_total - shown;
        let _ =
            writeln!(page, "{left} further findings of lower priority are not in this report.\n");
    }
}

fn one(finding: &Finding, group: &Group<'_>, cover: &Cover) -> String {
    let mut item =
        format!("- {}", code(&text::object(finding.object_name.as_deref(), &finding.key)));
    if finding.object_name.is_some() {
        let _ = write!(item, " ({})", code(&finding.key.resource));
    }
    if finding.severity != group.severity {
        let _ = write!(item, ", {}", finding.severity.name());
    }
    if let Some(mark) = cover.marks.get(&finding.key) {
        let _ = write!(item, ", **{mark}**");
    }
    item.push('\n');
    for each in finding.evidence.iter().take(text::EVIDENCE_MAX) {
        let _ =
            write!(item, "  - {} is {}", code(&text::place(each)), code(&text::value(&each.found)));
        if each.may_compensate {
            item.push_str(", which may compensate\n");
        } else {
            let _ = writeln!(item, ", expected {}", code(&text::value(&each.expected)));
        }
    }
    let change = group.check.zip(finding.change.clone());
    let fix =
        change.and_then(|(check, change)| Fix::for_change(check, &finding.key.resource, change));
    let Some(fix) = fix else { return item + "\n" };
    for (label, call) in [("Fix", fix.call), ("Undo", fix.undo)] {
        if let Some(command) = text::command(&call.auth0_cli()) {
            let _ = writeln!(item, "\n  {label}:\n\n{}", fenced(&command, "  "));
        }
    }
    item + "\n"
}

fn plan(page: &mut String, plan: &Plan) {
    if plan.actions.is_empty() && plan.manual.is_empty() {
        return;
    }
    let (before, after) = (text::score(plan.before.score), text::score(plan.after.score));
    let _ = writeln!(page, "## Plan\n\n{} calls, score {before} → {after}.\n", plan.actions.len());
    for (action, n) in plan.actions.iter().zip(1..) {
        let call = code(&format!("{} {}", action.fix.call.method.name(), action.fix.call.path));
        let (score, effort) = (text::score(action.score_after), action.effort.name());
        let _ = writeln!(page, "{n}. {call}: score {score}, effort {effort}");
        list(page, "resolves", &action.resolves);
        list(page, "opens", &action.opens);
    }
    if plan.is_truncated {
        page.push_str("\nThere are more calls: do these first.\n");
    }
    if !plan.manual.is_empty() {
        page.push_str("\nBy hand:\n\n");
    }
    for action in &plan.manual {
        let reason = text::words(action.reason.name());
        let _ = writeln!(
            page,
            "- {} ({reason}): {}",
            escaped(action.check.title),
            action.findings.len()
        );
    }
    page.push('\n');
}

fn list(page: &mut String, verb: &str, findings: &[PlannedFinding]) {
    for finding in findings.iter().take(LISTED_MAX) {
        let object = code(&text::object(finding.object_name.as_deref(), &finding.key));
        let _ = writeln!(page, "   - {verb} {}: {object}", escaped(&finding.title));
    }
    if findings.len() > LISTED_MAX {
        let _ = writeln!(page, "   - {verb} {} more", findings.len() - LISTED_MAX);
    }
}

fn unjudged(page: &mut String, report: &Report) {
    page.push_str("## What is not known\n\n");
    if report.unknown.is_empty() && report.not_enabled.is_empty() {
        page.push_str("Every check has a result, or does not apply to the tenant.\n");
    }
    for each in report.unknown.iter().chain(&report.not_enabled) {
        let scopes = each.scopes.iter().map(|scope| code(scope)).collect::<Vec<_>>().join(", ");
        let needs = if scopes.is_empty() { scopes } else { format!(", needs {scopes}") };
        let _ =
            writeln!(page, "- {}: {}{needs}", escaped(each.check.title), text::words(each.reason));
    }
    for check in &report.disabled {
        let _ = writeln!(page, "- {}: disabled by the policy", code(check));
    }
    page.push('\n');
}

fn accepted(page: &mut String, cover: &Cover) {
    if cover.accepted.is_empty() {
        return;
    }
    page.push_str("## Accepted risks\n\n");
    for AcceptedRisk { key, title, object_name, severity, acceptance } in &cover.accepted {
        let object = code(&text::object(object_name.as_deref(), key));
        let terms = &acceptance.terms;
        let until = terms
            .expires_at
            .map_or_else(|| "without an end".to_owned(), |at| format!("until {}", text::date(at)));
        let _ = writeln!(page, "- {}: {} at {object}", severity.name(), escaped(title));
        let reason = text::words(terms.reason.name());
        let by = code(&acceptance.accepted_by);
        let _ = writeln!(
            page,
            "  - {reason}, by {by} on {}, {until}",
            text::date(acceptance.accepted_at)
        );
        let _ = writeln!(page, "  - {}", code(&terms.rationale));
    }
    if cover.has_more_accepted {
        page.push_str("- There are more accepted findings.\n");
    }
    page.push('\n');
}

fn controls(page: &mut String, report: &Report) {
    page.push_str("## Controls\n\n| Framework | Failing | Accepted | Not decided | Passing |\n|---|---|---|---|---|\n");
    for framework in &report.frameworks {
        let with = |status: ControlStatus| -> Vec<&str> {
            let controls = framework.controls.iter().filter(|each| each.status == status);
            controls.map(|each| each.name).collect()
        };
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} |",
            framework.name,
            with(ControlStatus::Failing).join(", "),
            with(ControlStatus::Accepted).join(", "),
            with(ControlStatus::NotDecided).len(),
            with(ControlStatus::Passing).len(),
        );
    }
}
