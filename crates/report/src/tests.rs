use std::collections::BTreeMap;

use domain::acceptance::{AcceptanceTerms, Reason};
use domain::checks::CATALOGUE;
use domain::finding::LastResult;
use domain::plan::{Plan, Situation};
use domain::policy::Policy;
use domain::readings::ReadingKind;
use domain::tenant::{Outcome, Tenant};
use serde_json::{Value, json};

use super::*;

/// What a name of a tenant could do to a page.
const HOSTILE: &str = "</style></code><script>alert(1)</script><img src=x onerror='a(\"b\")'>`` [x](javascript:a) @all \u{202e}\n# h";

fn tenant(bodies: &[(ReadingKind, Value)]) -> Tenant {
    let mut tenant = Tenant::new("client", "2026-11-30T12:00:00Z".parse().unwrap());
    for (kind, body) in bodies {
        tenant.insert(*kind, Outcome::Read(kind.decode(body.clone()).unwrap()));
    }
    tenant
}

/// With the scopes that its checks need.
fn with_applications(count: usize, name: &str) -> Tenant {
    let clients: Vec<Value> = (0..count)
        .map(|n| json!({"client_id": format!("c{n:05}"), "name": name, "app_type": "spa", "oidc_conformant": false,
            "callbacks": [format!("http://{name}.example/")], "grant_types": ["implicit", "password"]}))
        .collect();
    tenant(&[
        (ReadingKind::Clients, json!(clients)),
        (
            ReadingKind::TokenFacts,
            json!({"scope": "read:clients read:connections", "expires_in": 3600}),
        ),
    ])
}

fn document(tenant: Tenant) -> Document {
    let situation = Situation::of_tenant(tenant, Policy::default());
    let plan = Plan::build(&situation, |_| true, || true);
    let at = "2026-11-30T13:00:00Z".parse().unwrap();
    let cover = Cover::new(HOSTILE.to_owned(), HOSTILE.to_owned(), at);
    Document { cover, report: Report::build(&situation, plan) }
}

fn hostile() -> Document {
    let mut document = document(with_applications(3, HOSTILE));
    assert!(document.report.findings.len() > 3, "{:?}", document.report.counts);
    let first = document.report.findings[0].clone();
    document.cover.marks = BTreeMap::from([(first.key.clone(), "new")]);
    document.cover.comparison = vec![HOSTILE.to_owned()];
    document.cover.accepted = vec![AcceptedRisk {
        key: FindingKey { check_id: HOSTILE.to_owned(), resource: HOSTILE.to_owned() },
        title: HOSTILE.to_owned(),
        object_name: Some(HOSTILE.to_owned()),
        severity: Severity::High,
        acceptance: Acceptance {
            terms: AcceptanceTerms {
                reason: Reason::WontFix,
                rationale: HOSTILE.to_owned(),
                expires_at: None,
            },
            accepted_by: HOSTILE.to_owned(),
            accepted_at: first.first_seen_at,
        },
    }];
    document
}

#[test]
fn a_hostile_name_stays_text_in_html() {
    let page = html(&hostile());
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{page}");
    assert!(!page.contains('\u{202e}'));
    // Every tag of the page is one of these, so no text has become one.
    let allowed = [
        "!DOCTYPE",
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "header",
        "footer",
        "section",
        "article",
        "div",
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "ul",
        "ol",
        "li",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "code",
        "pre",
        "bdi",
        "span",
        "strong",
        "blockquote",
        "svg",
        "circle",
        "text",
        "line",
        "polyline",
    ];
    for tag in page.split('<').skip(1) {
        let name: &str = tag.trim_start_matches('/').split([' ', '>']).next().unwrap();
        assert!(allowed.contains(&name), "<{name}");
    }
    for attribute in [" style=", " onerror=\"", " href=", " src=\""] {
        assert!(!page.contains(attribute), "{attribute}");
    }
}

#[test]
fn a_hostile_name_stays_in_code_spans_in_markdown() {
    let page = markdown(&hostile());
    assert!(page.contains("``` </style>"), "{page}");
    assert!(!page.contains("\n# h") && !page.contains('\u{202e}'));
    // Whatever is outside code spans and blocks is text of the catalogue.
    let mut outside = String::new();
    let mut rest = page.as_str();
    while let Some(start) = rest.find('`') {
        outside.push_str(&rest[..start]);
        let fence: String = rest[start..].chars().take_while(|each| *each == '`').collect();
        let inner = &rest[start + fence.len()..];
        let end = inner.match_indices(&fence).find(|(at, _)| {
            !inner[at + fence.len()..].starts_with('`') && !inner[..*at].ends_with('`')
        });
        rest = &inner[end.unwrap().0 + fence.len()..];
    }
    outside.push_str(rest);
    // The title of an accepted finding is escaped.
    let outside = outside.replace("\\<", "").replace("\\[", "");
    for forbidden in ["<script", "<img", "[x]("] {
        assert!(!outside.contains(forbidden), "{forbidden}: {outside}");
    }
}

#[test]
fn the_style_of_the_page_is_the_one_that_its_policy_allows() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let page = html(&hostile());
    let (_, rest) = page.split_once("<style>").unwrap();
    let (style, _) = rest.split_once("</style>").unwrap();
    let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style));
    assert!(content_security_policy().contains(&format!("style-src 'sha256-{hash}'")));
    assert!(content_security_policy().starts_with("default-src 'none';"));
    assert_eq!(page.matches("<style").count(), 1);
}

#[test]
fn a_report_has_every_part() {
    let mut document = document(with_applications(2, "Shop"));
    let at = |day: i64| Timestamp::from_second(day * 86_400).unwrap();
    let point = |day, score| Point { at: at(day), score: Some(score), coverage_percent: Some(90) };
    document.cover.history = vec![point(0, 20), point(9, 60)];
    let finding = &document.report.findings[0];
    assert_eq!(finding.result, LastResult::Fail);
    let check = domain::checks::find(&finding.key.check_id).unwrap();
    let (page, text) = (html(&document), markdown(&document));
    let score = document.report.figures.score.unwrap();
    assert!(
        page.contains(&format!("Score {score} of 100"))
            && text.contains(&format!("Score {score} of 100"))
    );
    for part in [
        "Findings",
        "Plan",
        "What is not known",
        "Controls",
        "Fix",
        "Undo",
        "auth0 api patch",
        "Shop",
    ] {
        assert!(page.contains(part) && text.contains(part), "{part}");
    }
    assert!(page.contains("<h2>Trend</h2>") && page.contains("<polyline"));
    assert!(page.contains(&maud::html! { (check.remediation.steps[0]) }.0));
    let unknown = &document.report.not_enabled[0];
    assert!(page.contains(&unknown.scopes[0]) && text.contains(&unknown.scopes[0]));
    assert!(page.contains("ISO/IEC 27001:2022") && text.contains("ISO/IEC 27001:2022"));
}

#[test]
fn the_size_is_bounded_and_what_is_left_out_is_counted() {
    let document = document(with_applications(400, &"n".repeat(150)));
    let total = document.report.findings_total;
    assert!(total > domain::report::FINDINGS_MAX, "{total}");
    let (page, text) = (html(&document), markdown(&document));
    assert!(
        page.len() < 3 * 1024 * 1024 && text.len() < 768 * 1024,
        "{} {}",
        page.len(),
        text.len()
    );
    for text in [&page, &text] {
        let left = "further findings of lower priority are not in this report";
        assert!(text.contains(left));
    }
    assert!(CATALOGUE.len() > 100, "the rest is bounded by the catalogue");
}
