//! Results as a log of SARIF 2.1.0 (Static Analysis Results Interchange Format), as code scanning of GitHub reads it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::checks::{Check, Confidence, Severity};
use domain::controls;
use domain::report::Unjudged;
use serde_json::{Value, json};

use super::baseline::Standing;
use super::document::{object, remediation};
use super::results::{Failed, Results, evidence_text};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// Name of the fingerprint. A change of what it consists of needs a new version.
const FINGERPRINT: &str = "checkAndResource/v1";
/// The fingerprint that GitHub compares. Without it, GitHub would compute one from a source file, which does not exist.
const GITHUB_FINGERPRINT: &str = "primaryLocationLineHash";

/// One run with a result for each finding. Unknown and not enabled checks are notifications of the run.
pub fn log(results: &Results<'_>) -> Value {
    let unjudged = || results.unknown.iter().chain(&results.not_enabled);
    let checks = results.failed.iter().map(|failed| failed.check);
    let checks = checks.chain(unjudged().map(|each| each.check));
    let by_id: BTreeMap<&str, &'static Check> = checks.map(|check| (check.id, check)).collect();
    let index = |check: &Check| by_id.keys().position(|id| *id == check.id);
    let unknown = results.unknown.iter().map(|each| {
        let text = format!("{} is unknown: {}.{}", each.check.id, each.reason, needs(each));
        notification("warning", index(each.check), each.check, &text)
    });
    let not_enabled = results.not_enabled.iter().map(|each| {
        let text = format!("{} is not enabled.{}", each.check.id, needs(each));
        notification("note", index(each.check), each.check, &text)
    });
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "safe-auth0",
                "fullName": "Auth0 for SAFE",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": by_id.values().map(|check| rule(check)).collect::<Vec<_>>(),
            }},
            // Tells apart the runs for several tenants in one repository.
            "automationDetails": {"id": format!("safe-auth0/{}/", results.tenant.client_id)},
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": unknown.chain(not_enabled).collect::<Vec<_>>(),
            }],
            "results": results.failed.iter().map(|each| result(each, index(each.check))).collect::<Vec<_>>(),
        }],
    })
}

fn rule(check: &'static Check) -> Value {
    let (steps, place) = (check.remediation.steps, check.remediation.dashboard_path);
    let techniques = controls::techniques(check).into_iter().map(|technique| technique.id);
    let tags: Vec<&str> = ["security", "auth0"].into_iter().chain(techniques).take(10).collect();
    let numbered = steps.iter().zip(1..).map(|(step, n)| format!("{n}. {step}"));
    let numbered = numbered.collect::<Vec<_>>().join("\n");
    json!({
        "id": check.id,
        "shortDescription": {"text": message(check.title)},
        "fullDescription": {"text": message(check.risk)},
        "help": {
            "text": message(&format!("{place}: {}", steps.join(" "))),
            "markdown": message(&format!("**{place}**\n\n{numbered}")),
        },
        "defaultConfiguration": {"level": level(check.severity)},
        "properties": {
            "tags": tags,
            "precision": precision(check.confidence),
            "security-severity": security_severity(check.severity),
            "controls": controls::requirements(check),
        },
    })
}

fn result(failed: &Failed<'_>, rule_index: Option<usize>) -> Value {
    let Failed { key, name, check, violation, ranking, standing } = failed;
    let shown = name.as_deref().unwrap_or(&key.resource);
    let evidence = violation.evidence.iter().map(evidence_text).collect::<Vec<_>>().join("; ");
    let text = format!("{}: {shown} ({}). {evidence}", check.title, key.resource);
    let fingerprint = format!("{}:{}", key.check_id, key.resource);
    let mut result = json!({
        "ruleId": check.id,
        "ruleIndex": rule_index,
        "level": level(violation.severity),
        "rank": f64::from(ranking.priority) / 10.0,
        "message": {"text": message(&text)},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": relative_uri(&key.resource)},
                "region": {"startLine": 1},
            },
            "logicalLocations": [{
                "name": shown, "fullyQualifiedName": key.resource, "kind": "resource",
            }],
        }],
        "partialFingerprints": {FINGERPRINT: fingerprint, GITHUB_FINGERPRINT: fingerprint},
        "properties": {
            "severity": violation.severity,
            "confidence": failed.confidence(),
            "priority": ranking.priority,
            "priorityReasons": ranking.reasons,
            "object": object(&key.resource, name.as_deref()),
            "evidence": violation.evidence,
            "remediation": remediation(check, &key.resource, violation.change.as_ref()),
        },
    });
    if let Some(standing) = standing {
        result["baselineState"] = json!(match standing {
            Standing::New => "new",
            Standing::Worse => "updated",
            Standing::Known => "unchanged",
        });
    }
    result
}

fn needs(each: &Unjudged) -> String {
    if each.scopes.is_empty() {
        return String::new();
    }
    format!(" It needs {}.", each.scopes.join(", "))
}

fn notification(level: &str, index: Option<usize>, check: &Check, text: &str) -> Value {
    json!({
        "level": level,
        "message": {"text": message(text)},
        "associatedRule": {"id": check.id, "index": index},
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

const fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}

/// In the middle of GitHub's ranges: critical from 9.0, high from 7.0, medium from 4.0, low from 0.1.
const fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.0",
    }
}

/// SARIF gives a meaning to braces (placeholders), brackets (links) and backslashes.
fn message(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '{' => escaped.push_str("{{"),
            '}' => escaped.push_str("}}"),
            '[' | ']' | '\\' => escaped.extend(['\\', character]),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// A resource key as a relative reference: every other character than those of a plain path is percent-encoded, so that
/// an id of a tenant adds neither a scheme nor a segment `..`.
fn relative_uri(resource: &str) -> String {
    let mut uri = String::from("auth0");
    for segment in resource.split('/').filter(|segment| !segment.is_empty()) {
        uri.push('/');
        let is_dots = segment.bytes().all(|byte| byte == b'.');
        for byte in segment.bytes() {
            match byte {
                b'.' if is_dots => uri.push_str("%2E"),
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    uri.push(char::from(byte));
                }
                _ => {
                    // Writing to a string cannot fail.
                    let _ = write!(uri, "%{byte:02X}");
                }
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_a_path_below_auth0() {
        for (resource, uri) in [
            ("attack-protection/captcha", "auth0/attack-protection/captcha"),
            ("clients/a b?c#d", "auth0/clients/a%20b%3Fc%23d"),
            ("clients/../..", "auth0/clients/%2E%2E/%2E%2E"),
            ("https://evil.example", "auth0/https%3A/evil.example"),
        ] {
            assert_eq!(relative_uri(resource), uri);
        }
    }

    #[test]
    fn a_message_has_neither_links_nor_placeholders() {
        assert_eq!(message(r"[a](b) {0} \"), r"\[a\](b) {{0}} \\");
    }
}
