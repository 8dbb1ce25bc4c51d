//! Compares the expectations of a step with the result. An unknown member is an error of the case.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use support::App;

/// What a sync left.
#[derive(Debug, Default)]
pub struct Seen {
    sync: Value,
    findings: Vec<Value>,
    unknown: BTreeMap<String, String>,
    coverage: Value,
    score: Option<f64>,
    calls: Vec<String>,
    waited_s: i64,
}

impl Seen {
    /// Runs a sync and looks at everything it left.
    pub async fn after_sync(app: &App, tenant: usize, id: &str) -> Self {
        let began = app.now();
        let sync = app.sync(id).await;
        let waited_s = app.now().duration_since(began).as_secs();
        let requests = app.tenant_at(tenant).requests();
        let calls = requests.iter().map(|request| {
            let path = request.path.split('?').next().unwrap_or_default();
            format!("{} {path}", request.method)
        });
        let findings =
            app.findings(&format!("integration_id={id}&state=open&sort=-priority")).await;
        let assets = app.get(&format!("/v1/assets?integration_id={id}")).await.expect(200).json;
        let asset = &assets["items"][0];
        let unknown = asset["unknown_checks"].as_array().into_iter().flatten();
        let unknown = unknown.map(|check| (text(&check["check_id"]), text(&check["reason"])));
        let coverage = app.get(&format!("/v1/integrations/{id}/coverage")).await.expect(200).json;
        Self {
            sync,
            findings,
            unknown: unknown.collect(),
            coverage,
            score: asset["score"].as_f64(),
            calls: calls.collect(),
            waited_s,
        }
    }

    fn finding(&self, check: &str, resource: &str) -> Option<&Value> {
        self.findings.iter().find(|finding| {
            finding["check_id"] == check && (resource == "*" || finding["resource"] == resource)
        })
    }

    fn line(&self, check: &str) -> &Value {
        let lines = self.coverage["checks"].as_array().into_iter().flatten();
        lines.clone().find(|line| line["check_id"] == check).expect("a line of the coverage")
    }

    fn reading(&self, name: &str) -> String {
        let reports = self.sync["readings"].as_array().into_iter().flatten();
        let report = reports.clone().find(|report| report["reading"] == name);
        let report = report.unwrap_or_else(|| panic!("{name} was not read"));
        match report["outcome"].as_str() {
            Some("unreadable") => text(&report["reason"]),
            _ => text(&report["outcome"]),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().unwrap_or_else(|| panic!("{value} is no object")).iter()
}

/// Rows of texts.
fn rows(value: &Value) -> impl Iterator<Item = Vec<String>> {
    let rows = value.as_array().unwrap_or_else(|| panic!("{value} is no list")).iter();
    rows.map(|row| row.as_array().expect("a row").iter().map(text).collect())
}

/// Compares a connection test with what is expected of it.
pub fn check_test(expected: &Value, report: &Value, name: &str) {
    let step = |reading: &str| {
        let steps = report["steps"].as_array().expect("steps").iter();
        let found = steps.clone().find(|s| s["reading"] == reading || s["name"] == reading);
        found.unwrap_or_else(|| panic!("{name}: no step {reading}"))
    };
    let hint = |reading: &str| step(reading)["hint"].as_str().unwrap_or_default().to_owned();
    for (member, value) in members(expected) {
        match member.as_str() {
            "outcome" => assert_eq!(&report["outcome"], value, "{name}: {report:#}"),
            "steps" => members(value).for_each(|(reading, code)| {
                assert_eq!(&step(reading)["code"], code, "{name}: {:#}", step(reading));
            }),
            "hints" => members(value).for_each(|(reading, part)| {
                let hint = hint(reading);
                assert!(hint.contains(&text(part)), "{name}: {reading}: {hint}");
            }),
            "hints_without" => members(value).for_each(|(reading, part)| {
                let hint = hint(reading);
                assert!(!hint.contains(&text(part)), "{name}: {reading}: {hint}");
            }),
            "missing_required" | "missing_optional" | "unneeded" => {
                assert_eq!(&report["scopes"][member], value, "{name}: {member}");
            }
            "not_runnable" => members(value).for_each(|(check, why)| {
                let lines = report["coverage"]["not_runnable"].as_array().expect("lines").iter();
                let line = lines.clone().find(|line| line["check_id"] == **check);
                let line = line.unwrap_or_else(|| panic!("{name}: {check} is runnable"));
                let found = json!([line["reason"], line["scopes"][0]]);
                assert_eq!(&found, why, "{name}: {check}");
            }),
            // Of the Save that runs the same test.
            "refusal" => {}
            other => panic!("{name}: {other} is not known"),
        }
    }
}

/// Compares what a sync left with what is expected of it, and with what the one before it left.
pub fn check_sync(expected: &Value, seen: &Seen, before: &Seen, name: &str) {
    let sync = &seen.sync;
    for (member, value) in members(expected) {
        match member.as_str() {
            "state" => assert_eq!(&sync["state"], value, "{name}: {sync:#}"),
            "failure" => members(value).for_each(|(part, value)| {
                assert_eq!(&sync["failure"][part], value, "{name}: {:#}", sync["failure"]);
            }),
            "failure_says" => {
                let message = text(&sync["failure"]["message"]);
                assert!(message.contains(&text(value)), "{name}: {message}");
            }
            "coverage_at_least" => {
                let coverage = sync["coverage_percent"].as_u64().expect("a number");
                assert!(Some(coverage) >= value.as_u64(), "{name}: {coverage} %");
            }
            "readings" => members(value).for_each(|(reading, outcome)| {
                assert_eq!(seen.reading(reading), text(outcome), "{name}: {reading}");
            }),
            "unknown" => members(value).for_each(|(check, reason)| {
                let found = seen.unknown.get(check).cloned();
                assert_eq!(found, Some(text(reason)), "{name}: {check}");
            }),
            "known" => value.as_array().expect("a list").iter().for_each(|check| {
                assert!(!seen.unknown.contains_key(&text(check)), "{name}: {check} is unknown");
            }),
            "not_enabled" => members(value).for_each(|(check, scopes)| {
                let line = seen.line(check);
                let found = (&line["result"], &line["scopes"]);
                assert_eq!(found, (&json!("not_enabled"), scopes), "{name}: {check}");
                assert!(!seen.unknown.contains_key(check), "{name}: {check}");
            }),
            "opened" | "resolved" | "reopened" => {
                assert_eq!(&sync["findings"][member], value, "{name}: {member}");
            }
            "calls_at_most" => members(value).for_each(|(call, most)| {
                let count = seen.calls.iter().filter(|each| *each == call).count() as u64;
                assert!(count <= most.as_u64().expect("a number"), "{name}: {count} × {call}");
            }),
            "waits_s" => {
                let bound = |index: usize| value[index].as_i64().expect("seconds");
                let range = bound(0)..=bound(1);
                assert!(range.contains(&seen.waited_s), "{name}: waited {} s", seen.waited_s);
            }
            "score" => {
                assert_eq!(value, "not_higher", "{name}");
                assert!(
                    seen.score <= before.score,
                    "{name}: {:?} > {:?}",
                    seen.score,
                    before.score
                );
            }
            _ => check_findings(member, value, seen, before, name),
        }
    }
}

fn check_findings(member: &str, value: &Value, seen: &Seen, before: &Seen, name: &str) {
    match member {
        "reports" => rows(value).for_each(|row| {
            let found = seen.finding(&row[0], &row[1]).is_some();
            assert!(found, "{name}: {row:?} is not reported: {:#}", seen.line(&row[0]));
        }),
        "first_ten" => rows(value).for_each(|row| {
            let first = seen.findings.iter().take(10);
            let keys: Vec<_> = first.map(|f| (&f["check_id"], &f["resource"])).collect();
            let place = keys.iter().position(|(check, resource)| {
                **check == json!(row[0]) && (row[1] == "*" || **resource == json!(row[1]))
            });
            assert!(place.is_some(), "{name}: {row:?} is not among the first ten: {keys:#?}");
        }),
        "silent" => rows(value).for_each(|row| {
            let found = seen.finding(&row[0], &row[1]);
            assert!(found.is_none(), "{name}: {row:?} is reported: {found:#?}");
        }),
        "severities" | "confidences" => rows(value).for_each(|row| {
            let finding = seen.finding(&row[0], &row[1]);
            let finding = finding.unwrap_or_else(|| panic!("{name}: {row:?} is not reported"));
            let kind = if member == "severities" { "severity" } else { "confidence" };
            assert_eq!(finding[kind], row[2], "{name}: {row:?}");
        }),
        "as_before" => rows(value).for_each(|row| {
            let of = |seen: &Seen| {
                let finding = seen.finding(&row[0], &row[1]).expect("a finding").clone();
                ["id", "last_seen_at", "reopen_count", "severity"].map(|of| finding[of].clone())
            };
            assert_eq!(of(seen), of(before), "{name}: {row:?}");
        }),
        "same_ids" => rows(value).for_each(|row| {
            let id = |seen: &Seen| seen.finding(&row[0], &row[1]).expect("a finding")["id"].clone();
            assert_eq!(id(seen), id(before), "{name}: {row:?}");
        }),
        other => panic!("{name}: {other} is not known"),
    }
}
