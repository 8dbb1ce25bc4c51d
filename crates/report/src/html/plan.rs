//! The plan: what to do, in order, with the score after each step.

use domain::plan::{Action, ManualAction, Plan, PlannedFinding};
use maud::{Markup, html};

use super::severity;
use crate::text;

/// Maximum number of findings that a step lists.
const LISTED_MAX: usize = 10;

pub fn section(plan: &Plan) -> Markup {
    html! {
        @if !plan.actions.is_empty() || !plan.manual.is_empty() {
            section {
                h2 { "Plan" }
                p {
                    (plan.actions.len()) " calls in this order raise the score from "
                    (text::score(plan.before.score)) " to " (text::score(plan.after.score))
                    ". Each score is computed by applying the call to what was read."
                }
                table.plan {
                    thead { tr { th { "Step" } th { "Call" } th { "Resolves" } th { "Effort" } th { "Score" } } }
                    tbody { @for (action, n) in plan.actions.iter().zip(1..) { (step(action, n)) } }
                }
                @if plan.is_truncated { p.more { "There are more calls: do these first." } }
                @if !plan.manual.is_empty() {
                    h3 { "By hand" }
                    ul.manual { @for action in &plan.manual { (by_hand(action)) } }
                }
            }
        }
    }
}

fn step(action: &Action, n: usize) -> Markup {
    let call = &action.fix.call;
    html! {
        tr {
            td { (n) }
            td { code { (call.method.name()) " " (text::line(&call.path)) } }
            td {
                (findings(&action.resolves))
                @if !action.opens.is_empty() { p { "Opens:" } (findings(&action.opens)) }
            }
            td { (action.effort.name()) }
            td.score { (text::score(action.score_after)) }
        }
    }
}

fn findings(findings: &[PlannedFinding]) -> Markup {
    html! {
        ul {
            @for finding in findings.iter().take(LISTED_MAX) {
                li {
                    (severity(finding.severity)) " " (text::line(&finding.title)) ": "
                    bdi { (text::object(finding.object_name.as_deref(), &finding.key)) }
                }
            }
            @if findings.len() > LISTED_MAX { li { "and " (findings.len() - LISTED_MAX) " more" } }
        }
    }
}

fn by_hand(action: &ManualAction) -> Markup {
    html! {
        li {
            strong { (action.check.title) }
            " (" (text::words(action.reason.name())) ", effort "
            (action.check.remediation.side_effects.effort(false).name()) ")"
            (findings(&action.findings))
        }
    }
}
