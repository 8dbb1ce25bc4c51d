//! Entity tags (RFC 9110 section 8.8.3): strong, the version in quotes.

use engine::ExpectedVersion;
use http::HeaderMap;
use http::HeaderValue;

/// `"3"`.
pub fn entity_tag(version: i64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{version}\""))
        .expect("a number in quotes is a valid header value")
}

/// A list of entity tags.
#[derive(Debug, PartialEq, Eq)]
pub enum Tags {
    /// `*`.
    Any,
    /// (is weak, the text between the quotes).
    List(Vec<(bool, String)>),
}

/// Parses `If-Match` or `If-None-Match`. None when absent. Repeated headers form one list.
pub fn parse(headers: &HeaderMap, name: &str) -> Option<Result<Tags, ()>> {
    let values: Vec<_> = headers.get_all(name).iter().collect();
    if values.is_empty() {
        return None;
    }
    let mut texts = Vec::with_capacity(values.len());
    for value in values {
        let Ok(text) = std::str::from_utf8(value.as_bytes()) else { return Some(Err(())) };
        texts.push(text);
    }
    Some(parse_list(&texts.join(",")).ok_or(()))
}

fn parse_list(text: &str) -> Option<Tags> {
    if text.trim() == "*" {
        return Some(Tags::Any);
    }
    let mut tags = Vec::new();
    let mut rest = text.trim_start_matches([' ', '\t', ',']);
    while !rest.is_empty() {
        let (is_weak, quoted) = match rest.strip_prefix("W/") {
            Some(after) => (true, after),
            None => (false, rest),
        };
        let (tag, after) = quoted.strip_prefix('"')?.split_once('"')?;
        if tag.chars().any(|c| c.is_control() || c == ' ') {
            return None;
        }
        tags.push((is_weak, tag.to_owned()));
        let after = after.trim_start_matches([' ', '\t']);
        if !after.is_empty() && !after.starts_with(',') {
            return None;
        }
        rest = after.trim_start_matches([' ', '\t', ',']);
    }
    (!tags.is_empty()).then_some(Tags::List(tags))
}

impl Tags {
    /// Strong comparison: weak tags and invalid versions match nothing.
    pub fn into_expected(self) -> ExpectedVersion {
        match self {
            Self::Any => ExpectedVersion::Any,
            Self::List(tags) => ExpectedVersion::OneOf(
                tags.into_iter()
                    .filter_map(|(weak, tag)| version(&tag).filter(|_| !weak))
                    .collect(),
            ),
        }
    }
}

/// Whether `If-None-Match` names this version (weak comparison), so that the response is 304.
pub fn matches_none(tags: Option<&Tags>, present: i64) -> bool {
    match tags {
        None => false,
        Some(Tags::Any) => true,
        Some(Tags::List(tags)) => tags.iter().any(|(_, tag)| version(tag) == Some(present)),
    }
}

/// Canonical numbers only: `+1` and `01` are not version 1.
fn version(tag: &str) -> Option<i64> {
    tag.parse::<i64>().ok().filter(|version| version.to_string() == tag)
}
