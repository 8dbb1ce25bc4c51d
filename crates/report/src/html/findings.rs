//! The findings of each check: what is wrong, how to fix it, how to undo the fix.

use domain::checks::{Check, Evidence};
use domain::finding::Finding;
use domain::remediation::Fix;
use maud::{Markup, html};

use super::severity;
use crate::grouping::{Group, Room, group};
use crate::{Cover, Document, text};

/// Maximum size of the findings, in bytes.
const FINDINGS_BYTES_MAX: usize = 2 * 1024 * 1024;

pub fn section(document: &Document) -> Markup {
    let Document { cover, report } = document;
    let mut room = Room(FINDINGS_BYTES_MAX);
    let mut shown = 0;
    let groups: Vec<Markup> = group(&report.findings)
        .iter()
        .map_while(|group| {
            let findings = group.findings.iter().map(|finding| one(finding, group, cover));
            let findings: Vec<Markup> =
                findings.take_while(|finding| room.admits(&finding.0)).collect();
            shown += findings.len();
            (!findings.is_empty()).then(|| of_check(group, &findings))
        })
        .collect();
    html! {
        section {
            h2 { "Findings" }
            @if report.findings_total == 0 { p { "There are no open findings." } }
            @for group in &groups { (group) }
            @if shown < report.findings_total {
                p.more {
                    (report.findings_total - shown) " further findings of lower priority are not in this report."
                }
            }
        }
    }
}

fn of_check(group: &Group<'_>, findings: &[Markup]) -> Markup {
    html! {
        article.check {
            h3 { (severity(group.severity)) " " (text::line(group.title)) }
            @if let Some(check) = group.check { p.risk { (check.risk) } }
            @for finding in findings { (finding) }
            @if let Some(check) = group.check { (steps(check)) }
        }
    }
}

fn one(finding: &Finding, group: &Group<'_>, cover: &Cover) -> Markup {
    let fix = group.check.zip(finding.change.clone());
    let fix = fix.and_then(|(check, change)| Fix::for_change(check, &finding.key.resource, change));
    let object = text::object(finding.object_name.as_deref(), &finding.key);
    html! {
        div.finding {
            h4 {
                bdi { (object) }
                @if finding.object_name.is_some() { " " code { (text::line(&finding.key.resource)) } }
                @if finding.severity != group.severity { " " (severity(finding.severity)) }
                @if let Some(mark) = cover.marks.get(&finding.key) { " " span.mark { (mark) } }
            }
            @if !finding.ranking.reasons.is_empty() {
                p.reasons {
                    "Priority " (finding.ranking.priority) ": "
                    (text::line(&finding.ranking.reasons.join("; ")))
                }
            }
            table.evidence {
                thead { tr { th { "Setting" } th { "Found" } th { "Expected" } } }
                tbody {
                    @for each in finding.evidence.iter().take(text::EVIDENCE_MAX) { (evidence(each)) }
                }
            }
            @if finding.evidence.len() > text::EVIDENCE_MAX {
                p.more { "And " (finding.evidence.len() - text::EVIDENCE_MAX) " more." }
            }
            @if let Some(fix) = fix {
                (command("Fix", &fix.call.auth0_cli()))
                (command("Undo", &fix.undo.auth0_cli()))
            }
        }
    }
}

fn evidence(each: &Evidence) -> Markup {
    html! {
        tr {
            td { code { (text::place(each)) } }
            td {
                code { (text::value(&each.found)) }
                @if let Some(assumed) = &each.assumed { " (taken as " code { (text::value(assumed)) } ")" }
            }
            td {
                @if each.may_compensate { "may compensate" } @else { code { (text::value(&each.expected)) } }
            }
        }
    }
}

fn command(label: &str, text: &str) -> Markup {
    html! {
        div.command {
            span { (label) }
            @match text::command(text) {
                Some(text) => pre { code { (text) } },
                None => p { "Too long for this report. The finding of the API has it." },
            }
        }
    }
}

fn steps(check: &Check) -> Markup {
    let remediation = check.remediation;
    html! {
        div.steps {
            p { strong { (remediation.dashboard_path) } }
            ol { @for step in remediation.steps { li { (step) } } }
            p.effects { (remediation.side_effects.text) }
        }
    }
}
