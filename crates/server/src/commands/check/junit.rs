//! Results as a JUnit report, which most CI systems show: a test case for each check and resource.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::checks::CheckResult;
use domain::inconclusive::NotApplicableReason;

use super::baseline::Standing;
use super::results::{Failed, Results, evidence_text};

/// By check and resource.
type Findings<'a> = BTreeMap<(&'a str, &'a str), &'a Failed<'a>>;

/// What a test case says.
enum Case {
    Passed,
    /// With a type, a message and the details.
    Failed(&'static str, String, String),
    /// Unknown: neither passed nor failed.
    Error(&'static str, String),
    Skipped(String),
}

/// One test suite. A known finding is skipped; an unknown check is an error, so that it does not look passed.
pub fn report(results: &Results<'_>) -> String {
    let failed = results.failed.iter();
    let failed = failed.map(|each| ((each.check.id, each.key.resource.as_str()), each)).collect();
    let mut cases: Vec<(&str, String, Case)> = Vec::new();
    for outcome in &results.evaluation.outcomes {
        let (id, resource) = (outcome.check.id, outcome.check.resource);
        if outcome.results.is_empty() {
            cases.push((id, resource.to_owned(), case(&failed, id, resource, &outcome.overall)));
        }
        for each in &outcome.results {
            let case = case(&failed, id, &each.resource, &each.result);
            cases.push((id, each.resource.clone(), case));
        }
    }
    for each in &results.not_enabled {
        let message = format!("not enabled: needs {}", each.scopes.join(", "));
        cases.push((each.check.id, each.check.resource.to_owned(), Case::Skipped(message)));
    }
    for check in &results.evaluation.disabled {
        cases.push((check, "tenant".to_owned(), Case::Skipped("disabled by the policy".into())));
    }
    let count =
        |wanted: fn(&Case) -> bool| cases.iter().filter(|(_, _, case)| wanted(case)).count();
    let counts = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
        cases.len(),
        count(|case| matches!(case, Case::Failed(..))),
        count(|case| matches!(case, Case::Error(..))),
        count(|case| matches!(case, Case::Skipped(_))),
    );
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n<testsuite name=\"safe-auth0\" {counts}>\n"
    );
    for (check, resource, case) in &cases {
        write_case(&mut xml, check, resource, case);
    }
    xml.push_str("</testsuite>\n</testsuites>");
    xml
}

fn case(failed: &Findings<'_>, check: &str, resource: &str, result: &CheckResult) -> Case {
    match result {
        CheckResult::Pass => Case::Passed,
        CheckResult::Unknown(reason) => {
            Case::Error(reason.name(), format!("unknown: {}", reason.name()))
        }
        CheckResult::NotApplicable(NotApplicableReason::ParentFailed) => {
            Case::Skipped("a check that includes this one fails".to_owned())
        }
        CheckResult::NotApplicable(reason) => {
            Case::Skipped(format!("not applicable: {}", reason.name()))
        }
        CheckResult::Fail(_) => {
            failed_case(failed.get(&(check, resource)).expect("every failure is a finding"))
        }
    }
}

fn failed_case(failed: &Failed<'_>) -> Case {
    let severity = failed.violation.severity.name();
    if failed.standing == Some(Standing::Known) {
        return Case::Skipped(format!("{severity}, in the baseline: {}", failed.check.title));
    }
    let name = failed.name.as_ref().map_or_else(String::new, |name| format!("{name}: "));
    let evidence = failed.violation.evidence.iter().map(evidence_text);
    let remediation = failed.check.remediation;
    let lines = [failed.check.risk.to_owned()].into_iter().chain(evidence);
    let lines = lines.chain([remediation.dashboard_path.to_owned()]);
    let lines = lines.chain(remediation.steps.iter().map(|step| format!("- {step}")));
    let details = lines.collect::<Vec<_>>().join("\n");
    Case::Failed(severity, format!("{name}{}", failed.check.title), details)
}

// Writing to a string cannot fail.

fn write_case(xml: &mut String, check: &str, resource: &str, case: &Case) {
    let _ =
        write!(xml, "<testcase classname=\"{}\" name=\"{}\"", escaped(check), escaped(resource));
    let _ = match case {
        Case::Passed => writeln!(xml, "/>"),
        Case::Failed(severity, message, details) => writeln!(
            xml,
            "><failure type=\"{severity}\" message=\"{}\">{}</failure></testcase>",
            escaped(message),
            escaped(details)
        ),
        Case::Error(reason, message) => {
            writeln!(xml, "><error type=\"{reason}\" message=\"{}\"/></testcase>", escaped(message))
        }
        Case::Skipped(message) => {
            writeln!(xml, "><skipped message=\"{}\"/></testcase>", escaped(message))
        }
    };
}

/// For an attribute or a text. Characters that XML 1.0 does not have are replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => {
                escaped.push('\u{fffd}');
            }
            _ => escaped.push(character),
        }
    }
    escaped
}
