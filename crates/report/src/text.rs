//! Values as short texts.

use domain::checks::Evidence;
use domain::finding::FindingKey;
use domain::report::Report;
use domain::sync::CheckCounts;
use jiff::Timestamp;
use serde_json::Value;

/// Maximum length of a value of the evidence, in characters. A longer one is cut.
const VALUE_MAX: usize = 400;
/// Maximum number of lines of evidence of a finding.
pub const EVIDENCE_MAX: usize = 20;
/// Maximum length of a command, in bytes. A longer one is left out, because half a command is worse than none.
const COMMAND_MAX: usize = 8 * 1024;

pub fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

pub fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

pub fn score(score: Option<u8>) -> String {
    score.map_or_else(|| "none".to_owned(), |score| score.to_string())
}

pub fn percent(percent: Option<u8>) -> String {
    percent.map_or_else(|| "none".to_owned(), |percent| format!("{percent} %"))
}

/// A name of the API in words.
pub fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// What the score rests on.
pub fn basis(report: &Report) -> String {
    let CheckCounts { passed, failed, unknown, not_applicable, not_enabled } = report.counts;
    let all = passed + failed + unknown + not_applicable + not_enabled;
    format!(
        "{} of {all} checks have a result: {passed} passed, {failed} failed. {unknown} are unknown, {not_enabled} not \
         enabled and {not_applicable} not applicable; the score says nothing about them.",
        passed + failed,
    )
}

/// Replaces control characters, and those that change the direction of the text around them.
pub fn clean(text: &str) -> String {
    let is_unsafe = |each: char| {
        each.is_control() && each != '\n'
            || matches!(each, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
    };
    text.replace(is_unsafe, "\u{fffd}")
}

/// On one line.
pub fn line(text: &str) -> String {
    clean(text).replace('\n', " ")
}

pub fn value(value: &Value) -> String {
    let mut text = line(&value.to_string());
    if let Some((end, _)) = text.char_indices().nth(VALUE_MAX) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// None: too long to show.
pub fn command(text: &str) -> Option<String> {
    (text.len() <= COMMAND_MAX).then(|| clean(text))
}

/// Where the value of the evidence is.
pub fn place(evidence: &Evidence) -> String {
    line(&format!("{}{}", evidence.reading.name(), evidence.pointer))
}

/// The object of a finding, or its resource.
pub fn object(name: Option<&str>, key: &FindingKey) -> String {
    line(name.unwrap_or(&key.resource))
}
