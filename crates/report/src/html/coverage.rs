//! What is not known, what is accepted, and the controls of each framework.

use domain::report::{Control, ControlStatus, Framework, Report, Unjudged};
use maud::{Markup, html};

use super::severity;
use crate::{AcceptedRisk, Cover, text};

pub fn unjudged(report: &Report) -> Markup {
    html! {
        section {
            h2 { "What is not known" }
            @if report.unknown.is_empty() && report.not_enabled.is_empty() {
                p { "Every check has a result, or does not apply to the tenant." }
            } @else {
                p { "These checks have neither passed nor failed. A scope that would decide a check is named." }
                table {
                    thead { tr { th { "Check" } th { "Why" } th { "Scope" } } }
                    tbody { @for each in report.unknown.iter().chain(&report.not_enabled) { (row(each)) } }
                }
            }
            @if !report.disabled.is_empty() {
                p { "Disabled by the policy: " @for check in &report.disabled { code { (check) } " " } }
            }
        }
    }
}

fn row(each: &Unjudged) -> Markup {
    html! {
        tr {
            td { (each.check.title) }
            td { (text::words(each.reason)) }
            td { @for scope in &each.scopes { code { (scope) } " " } }
        }
    }
}

pub fn accepted(cover: &Cover) -> Markup {
    html! {
        @if !cover.accepted.is_empty() {
            section {
                h2 { "Accepted risks" }
                @for risk in &cover.accepted { (accepted_risk(risk)) }
                @if cover.has_more_accepted { p.more { "There are more accepted findings." } }
            }
        }
    }
}

fn accepted_risk(risk: &AcceptedRisk) -> Markup {
    let terms = &risk.acceptance.terms;
    html! {
        article.accepted {
            h3 { (severity(risk.severity)) " " (text::line(&risk.title)) }
            p { bdi { (text::object(risk.object_name.as_deref(), &risk.key)) } }
            p {
                strong { (text::words(terms.reason.name())) }
                @if terms.reason.counts_as_pass() { ", counted as a pass" }
                ". Accepted by " bdi { (text::line(&risk.acceptance.accepted_by)) } " on "
                (text::date(risk.acceptance.accepted_at))
                @match terms.expires_at {
                    Some(at) => { ", until " (text::date(at)) "." },
                    None => { ", without an end." },
                }
            }
            blockquote { (text::clean(&terms.rationale)) }
        }
    }
}

pub fn controls(report: &Report) -> Markup {
    html! {
        section {
            h2 { "Controls" }
            p {
                "A control fails if one of its checks does. It is not decided if one of them is unknown or not enabled. "
                "The checks cover only the part of a control that is a setting of Auth0."
            }
            @for framework in &report.frameworks { (of_framework(framework)) }
        }
    }
}

fn of_framework(framework: &Framework) -> Markup {
    let with = |status: ControlStatus| -> Vec<&Control> {
        framework.controls.iter().filter(|control| control.status == status).collect()
    };
    html! {
        article.framework {
            h3 { (framework.name) }
            @for status in ControlStatus::ALL {
                @let controls = with(status);
                @if !controls.is_empty() {
                    p {
                        strong { (controls.len()) " " (text::words(status.name())) } " "
                        @for control in &controls {
                            span class={ "control " (status.name()) } {
                                (control.name) @if control.failing > 1 { " ×" (control.failing) }
                            } " "
                        }
                    }
                }
            }
        }
    }
}
