//! `check --format sarif` and `junit`.

use std::process::Output;

use roxmltree::Document;
use serde_json::Value;
use simulator::{Effect, Fault, SimulatedTenant};

use crate::check::{file, run, tenant, text};

/// A name that each format has to escape.
const HOSTILE: &str = "<b>\"a\" & 'b'</b> ]]> {0} [x](javascript:alert(1)) \u{1b}[2J\u{1}";
const SECRET: &str = "simulated-weak-secret";

/// The output for a snapshot of the tenant in which every application has a hostile name.
async fn check_hostile(weak: &SimulatedTenant, format: &str) -> Output {
    let at = weak.origin();
    let snapshot = run(weak, SECRET, &["snapshot", "--api-identifier", &at]).await;
    let mut snapshot: Value = serde_json::from_slice(&snapshot.stdout).unwrap();
    for client in snapshot["readings"]["clients"]["body"].as_array_mut().unwrap() {
        client["name"] = HOSTILE.into();
    }
    let file = file(&format!("hostile-{format}"), &snapshot.to_string());
    let arguments = ["check", "--format", format, "--snapshot", file.to_str().unwrap()];
    let output = run(weak, SECRET, &arguments).await;
    std::fs::remove_file(&file).unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    output
}

/// The results of the tenant in another format.
async fn findings(weak: &SimulatedTenant) -> Value {
    let at = weak.origin();
    let output = run(weak, SECRET, &["check", "--format", "json", "--api-identifier", &at]).await;
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn sarif_fulfils_the_published_schema_and_has_every_finding() {
    let schema = include_str!("../data/sarif-schema-2.1.0.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let weak = tenant("weak").await;
    weak.fault(Fault::on_get("/api/v2/guardian", Effect::NotFound));
    let document = findings(&weak).await;
    let output = check_hostile(&weak, "sarif").await;
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    let faults: Vec<String> = validator.iter_errors(&log).map(|e| e.to_string()).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let mut broken = log.clone();
    broken["runs"][0]["results"][0]["level"] = "critical".into();
    assert!(!validator.is_valid(&broken), "the schema is not applied");

    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    let expected = document["findings"].as_array().unwrap();
    assert_eq!(results.len(), expected.len());
    for (result, finding) in results.iter().zip(expected) {
        assert_eq!(result["ruleId"], finding["check_id"]);
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        let level = match finding["severity"].as_str().unwrap() {
            "critical" | "high" => "error",
            "medium" => "warning",
            _ => "note",
        };
        assert_eq!(result["level"], level);
        assert!(result.get("baselineState").is_none());
    }
    let notes = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    let warnings = notes.iter().filter(|note| note["level"] == "warning");
    let unknown: Vec<&Value> = warnings.map(|note| &note["associatedRule"]["id"]).collect();
    let expected = document["unknown_checks"].as_array().unwrap();
    assert_eq!(unknown, expected.iter().map(|check| &check["check_id"]).collect::<Vec<_>>());
    assert!(!unknown.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn junit_is_well_formed_and_an_unknown_check_is_an_error() {
    let weak = tenant("weak").await;
    weak.fault(Fault::on_get("/api/v2/guardian", Effect::NotFound));
    let document = findings(&weak).await;
    let output = text(&check_hostile(&weak, "junit").await);
    let report = Document::parse(&output).unwrap();
    let suite = report.root_element().first_element_child().unwrap();
    let cases: Vec<_> = suite.children().filter(|node| node.has_tag_name("testcase")).collect();
    let with = |tag: &str| {
        cases.iter().filter(|case| case.children().any(|child| child.has_tag_name(tag))).count()
    };
    for (attribute, count) in [
        ("tests", cases.len()),
        ("failures", with("failure")),
        ("errors", with("error")),
        ("skipped", with("skipped")),
    ] {
        assert_eq!(suite.attribute(attribute), Some(count.to_string().as_str()), "{attribute}");
    }
    assert_eq!(with("failure"), document["findings"].as_array().unwrap().len());
    for unknown in document["unknown_checks"].as_array().unwrap() {
        let id = unknown["check_id"].as_str();
        let mut of_check = cases.iter().filter(|case| case.attribute("classname") == id);
        assert!(of_check.any(|case| case.first_element_child().is_some_and(|child| {
            child.has_tag_name("error") && child.attribute("type") == unknown["reason"].as_str()
        })));
    }
    assert!(with("error") >= document["unknown_checks"].as_array().unwrap().len());
    let message = cases.iter().filter_map(|case| case.first_element_child()?.attribute("message"));
    let shown = HOSTILE.replace(char::is_control, "\u{fffd}");
    assert!(message.into_iter().any(|message| message.contains(&shown)), "{output}");
    assert!(!output.contains('\u{1b}'));
}
