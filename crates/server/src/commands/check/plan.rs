//! `--plan` and `--apply`: what fixes the findings, and what changes then. The calls are applied to the readings;
//! nothing is sent to the tenant.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::{Result, bail};
use domain::checks::{self, Severity};
use domain::plan::{Action, ManualAction, Plan, PlannedFinding, Situation, WhatIf};
use domain::preview::Summary;
use domain::remediation::Call;
use serde_json::{Value, json};

use super::document::object;
use crate::cli::{Check, Format};
use crate::print;
use crate::print::plain;

/// The value of `--apply` for all checks.
const WHOLE_PLAN: &str = "plan";

/// The checks to fix.
pub enum Wanted {
    All,
    Checks(BTreeSet<&'static str>),
}

/// The checks of `--apply`. `None`: there are none.
pub fn wanted(options: &Check) -> Result<Option<Wanted>> {
    if !options.plan && options.apply.is_empty() {
        return Ok(None);
    }
    if !matches!(options.format, Format::Table | Format::Json) {
        bail!("--plan and --apply have the formats table and json");
    }
    let mut ids = BTreeSet::new();
    for name in options.apply.iter().filter(|name| *name != WHOLE_PLAN) {
        match checks::find(name) {
            Some(check) => ids.insert(check.id),
            None => bail!("--apply {name}: there is no such check; docs/checks.md lists them"),
        };
    }
    let is_all = options.apply.iter().any(|name| name == WHOLE_PLAN);
    Ok((!options.apply.is_empty()).then_some(if is_all {
        Wanted::All
    } else {
        Wanted::Checks(ids)
    }))
}

/// Prints the plan, or the effect of what is wanted. Returns the severity of the worst finding: now for the plan, and
/// afterwards for the effect.
pub fn print(
    situation: &Situation,
    wanted: Option<&Wanted>,
    format: Format,
) -> Result<Option<Severity>> {
    let is_wanted = |check: &checks::Check| match wanted {
        Some(Wanted::Checks(ids)) => ids.contains(check.id),
        Some(Wanted::All) | None => true,
    };
    let plan = Plan::build(situation, is_wanted, || true);
    let effect = wanted.is_some().then(|| situation.what_if(&plan.actions));
    let text = match (&effect, format) {
        (None, Format::Json) => serde_json::to_string_pretty(&plan_document(&plan))?,
        (None, _) => plan_text(&plan),
        (Some(effect), Format::Json) => {
            serde_json::to_string_pretty(&effect_document(&plan, effect))?
        }
        (Some(effect), _) => effect_text(&plan, effect, wanted),
    };
    print::line(&text);
    let left = effect.map_or(plan.before, |effect| effect.after);
    Ok(left
        .findings
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(severity, _)| severity)
        .max())
}

/// With the names of the API. Findings have no ids, because nothing is stored.
fn plan_document(plan: &Plan) -> Value {
    json!({
        "score_before": plan.before.score,
        "score_after": plan.after.score,
        "actions": plan.actions.iter().map(action).collect::<Vec<_>>(),
        "manual_actions": plan.manual.iter().map(manual).collect::<Vec<_>>(),
        "truncated": plan.is_truncated,
    })
}

fn effect_document(plan: &Plan, effect: &WhatIf) -> Value {
    json!({
        "before": figures(&effect.before),
        "after": figures(&effect.after),
        "resolves": findings(&effect.resolves),
        "opens": findings(&effect.opens),
        "actions": plan.actions.iter().map(action).collect::<Vec<_>>(),
        "manual_actions": plan.manual.iter().map(manual).collect::<Vec<_>>(),
        "truncated": plan.is_truncated,
    })
}

fn figures(summary: &Summary) -> Value {
    let count = |severity: Severity| summary.findings.get(&severity).copied().unwrap_or_default();
    let findings =
        Severity::ALL.map(|severity| (severity.name().to_owned(), json!(count(severity))));
    json!({
        "score": summary.score,
        "coverage_percent": summary.coverage_percent,
        "findings": findings.into_iter().collect::<serde_json::Map<_, _>>(),
    })
}

fn findings(all: &[PlannedFinding]) -> Vec<Value> {
    let each = all.iter().map(|finding| {
        json!({"check_id": finding.key.check_id, "resource": finding.key.resource,
            "object": object(&finding.key.resource, finding.object_name.as_deref()),
            "title": finding.title, "severity": finding.severity})
    });
    each.collect()
}

fn action(action: &Action) -> Value {
    let call =
        |Call { method, path, body }: &Call| json!({"method": method, "path": path, "body": body});
    let after: Vec<String> = action.after.iter().map(ToString::to_string).collect();
    json!({
        "id": action.id.to_string(),
        "effort": action.effort,
        "side_effects": action.side_effects,
        "resolves": findings(&action.resolves),
        "opens": findings(&action.opens),
        "after": after,
        "score_before": action.score_before,
        "score_after": action.score_after,
        "api_call": call(&action.fix.call),
        "undo_call": call(&action.fix.undo),
        "auth0_cli": action.fix.call.auth0_cli(),
        "undo_auth0_cli": action.fix.undo.auth0_cli(),
        "terraform": action.fix.terraform,
        "required_scope": action.required_scope,
    })
}

fn manual(action: &ManualAction) -> Value {
    let remediation = action.check.remediation;
    json!({
        "check_id": action.check.id,
        "title": action.check.title,
        "severity": action.findings.iter().map(|finding| finding.severity).max(),
        "reason": action.reason,
        "steps": remediation.steps,
        "dashboard_path": remediation.dashboard_path,
        "effort": remediation.side_effects.effort(false),
        "side_effects": [remediation.side_effects.text],
        "findings": findings(&action.findings),
        "findings_total": action.findings.len(),
    })
}

fn number(n: Option<u8>) -> String {
    n.map_or_else(|| "none".to_owned(), |n| n.to_string())
}

// Writing to a string cannot fail.

fn plan_text(plan: &Plan) -> String {
    let mut text = String::new();
    for (index, action) in plan.actions.iter().enumerate() {
        let (before, after) = (number(action.score_before), number(action.score_after));
        let _ = writeln!(text, "{}. {}", index + 1, action.fix.call.auth0_cli());
        let _ = writeln!(text, "   undo: {}", action.fix.undo.auth0_cli());
        let scope = action.required_scope.unwrap_or("none");
        let effort = action.effort.name();
        let _ = writeln!(text, "   score {before} -> {after}, effort {effort}, scope {scope}");
        list(&mut text, "   resolves", &action.resolves);
        list(&mut text, "   opens   ", &action.opens);
        for side_effect in &action.side_effects {
            let _ = writeln!(text, "   {side_effect}");
        }
        text.push('\n');
    }
    by_hand(&mut text, plan);
    let (before, after) = (number(plan.before.score), number(plan.after.score));
    let _ = write!(text, "actions: {}; score {before} -> {after}", plan.actions.len());
    text
}

fn effect_text(plan: &Plan, effect: &WhatIf, wanted: Option<&Wanted>) -> String {
    let mut text = String::new();
    list(&mut text, "resolves", &effect.resolves);
    list(&mut text, "opens   ", &effect.opens);
    by_hand(&mut text, plan);
    nothing_to_fix(&mut text, plan, wanted);
    let Summary { score, coverage_percent, .. } = effect.after;
    let _ = write!(
        text,
        "calls: {}; score {} -> {}, coverage {} % -> {} %",
        plan.actions.len(),
        number(effect.before.score),
        number(score),
        number(effect.before.coverage_percent),
        number(coverage_percent),
    );
    text
}

/// The wanted checks that have no open finding.
fn nothing_to_fix(text: &mut String, plan: &Plan, wanted: Option<&Wanted>) {
    let Some(Wanted::Checks(ids)) = wanted else { return };
    let by_call = plan.actions.iter().flat_map(|action| &action.resolves);
    let by_hand = plan.manual.iter().flat_map(|action| &action.findings);
    let open: BTreeSet<&str> = by_call.chain(by_hand).map(|f| f.key.check_id.as_str()).collect();
    for id in ids.iter().filter(|id| !open.contains(**id)) {
        let _ = writeln!(text, "nothing to fix: {id} has no open finding");
    }
}

fn list(text: &mut String, verb: &str, findings: &[PlannedFinding]) {
    for finding in findings {
        let (check, severity) = (&finding.key.check_id, finding.severity.name());
        let resource = plain(&finding.key.resource);
        let name = finding.object_name.as_deref().map_or_else(String::new, plain);
        let line = format!("{verb} {severity:<8} {check:<52} {resource:<44} {name}");
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

fn by_hand(text: &mut String, plan: &Plan) {
    for action in &plan.manual {
        let reason = action.reason.name();
        let _ = writeln!(text, "by hand ({reason}): {}", action.check.title);
        list(text, "  ", &action.findings);
        for step in action.check.remediation.steps {
            let _ = writeln!(text, "   - {step}");
        }
        let _ = writeln!(text, "   {}\n", action.check.remediation.side_effects.text);
    }
    if plan.is_truncated {
        let _ = writeln!(text, "There are more actions: do these first.");
    }
}
