//! The report as one HTML page: without script, without anything to load, for screens and paper.

mod chart;
mod coverage;
mod findings;
mod plan;

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::checks::Severity;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::{Document, text};

const STYLE: &str = include_str!("html/style.css");

static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
});

/// The Content-Security-Policy of the page: it loads and runs nothing. The page itself has it, too.
pub fn content_security_policy() -> &'static str {
    &POLICY
}

pub fn html(document: &Document) -> String {
    let Document { cover, report } = document;
    let title = text::line(&cover.title);
    let page: Markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(content_security_policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { "Auth0 security report: " (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    header {
                        p.kicker { "Auth0 security report" }
                        h1 { bdi { (title) } }
                        p.meta {
                            bdi { (text::line(&cover.tenant)) }
                            " · read " (text::instant(report.observed_at))
                            " · made " (text::instant(cover.made_at))
                        }
                    }
                    (summary(document))
                    (chart::chart(&cover.history))
                    (findings::section(document))
                    (plan::section(&report.plan))
                    (coverage::unjudged(report))
                    (coverage::accepted(cover))
                    (coverage::controls(report))
                    footer {
                        "Made by Auth0 for SAFE " (env!("CARGO_PKG_VERSION"))
                        ". The tenant was only read; nothing was changed."
                    }
                }
            }
        }
    };
    page.into_string()
}

fn summary(document: &Document) -> Markup {
    let Document { cover, report } = document;
    let figures = &report.figures;
    html! {
        section.summary aria-label="Summary" {
            (chart::ring(figures.score))
            div {
                p.coverage {
                    strong { "Coverage " (text::percent(figures.coverage_percent)) }
                    " of the enabled checks. " (text::basis(report))
                }
                ul.counts {
                    @for severity in Severity::ALL {
                        li class=(severity.name()) {
                            strong { (figures.findings.get(&severity).copied().unwrap_or_default()) }
                            " " (severity.name())
                        }
                    }
                    li { strong { (figures.accepted) } " accepted" }
                }
                @if !cover.comparison.is_empty() {
                    ul.comparison { @for line in &cover.comparison { li { (text::line(line)) } } }
                }
            }
        }
    }
}

fn severity(severity: Severity) -> Markup {
    html! { span class={ "severity " (severity.name()) } { (severity.name()) } }
}
