//! The query string. Unknown and repeated parameters are faults.

use std::collections::{BTreeMap, HashSet};

use url::form_urlencoded;

use super::encoding::{EncodingError, form_decode};

/// Parameters of a query at most.
const PARAMETERS_MAX: usize = 100;

/// The parameters of one request.
#[derive(Debug, Default)]
pub struct Parameters {
    pairs: Vec<(String, String)>,
    known: Vec<&'static str>,
    /// Lists, which may be repeated: each occurrence adds items.
    lists: Vec<&'static str>,
    /// Names of parameters that cannot be decoded.
    unreadable: Vec<(String, EncodingError)>,
    /// The first parameter beyond the limit. The rest of the query is ignored.
    excess: Option<String>,
}

impl Parameters {
    /// Parses a query in linear time.
    pub fn parse(query: &str) -> Self {
        let mut parameters = Self::default();
        for (index, raw) in query.split('&').filter(|raw| !raw.is_empty()).enumerate() {
            let (name, value) = raw.split_once('=').unwrap_or((raw, ""));
            let decode = |text: &str| form_decode(text.as_bytes()).map(|text| text.to_string());
            if index == PARAMETERS_MAX {
                parameters.excess = Some(shorten(&decode(name).unwrap_or_else(|_| name.into())));
                break;
            }
            match (decode(name), decode(value)) {
                (Ok(name), Ok(value)) => parameters.pairs.push((name, value)),
                (Ok(name), Err(error)) => parameters.unreadable.push((shorten(&name), error)),
                (Err(error), _) => parameters.unreadable.push((shorten(name), error)),
            }
        }
        parameters
    }

    /// The items of a list parameter, in all its occurrences. Marks the parameter as known.
    pub fn items(&mut self, name: &'static str) -> Option<impl Iterator<Item = &str>> {
        self.known.push(name);
        self.lists.push(name);
        let mut given = self.pairs.iter().filter(move |(each, _)| each == name).peekable();
        given.peek()?;
        Some(given.flat_map(|(_, value)| value.split(',').map(str::trim)))
    }

    /// The value. Marks the parameter as known.
    pub fn get(&mut self, name: &'static str) -> Option<&str> {
        self.known.push(name);
        self.pairs.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str())
    }

    /// Parameters that cannot be decoded: name and detail.
    pub fn unreadable(&self) -> impl Iterator<Item = (&str, &'static str)> {
        self.unreadable.iter().map(|(name, error)| (name.as_str(), error.detail()))
    }

    /// Unknown parameters, repeated ones, and the first one beyond the limit.
    pub fn faults(&self) -> Vec<(String, String)> {
        let (mut faults, mut reported, mut seen) = (Vec::new(), HashSet::new(), HashSet::new());
        for (name, _) in &self.pairs {
            let is_repeated = !seen.insert(name);
            let detail = if !self.known.contains(&name.as_str()) {
                "is not a known parameter: leave it out"
            } else if is_repeated && !self.lists.contains(&name.as_str()) {
                "must be given once"
            } else {
                continue;
            };
            let short = shorten(name);
            if reported.insert(short.clone()) {
                faults.push((short, detail.to_owned()));
            }
        }
        if let Some(name) = &self.excess {
            let detail = format!("is one parameter too many: send at most {PARAMETERS_MAX}");
            faults.push((name.clone(), detail));
        }
        faults
    }

    /// The filters in canonical form, without page and sort. The items of a list parameter are sorted, in whatever
    /// occurrences they came.
    pub fn filters(&self) -> Vec<(String, String)> {
        let mut filters: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, value) in &self.pairs {
            let name = name.as_str();
            let items = filters.entry(name).or_default();
            if self.lists.contains(&name) {
                items.extend(value.split(',').map(str::trim));
            } else if !matches!(name, "cursor" | "limit" | "sort") {
                items.push(value);
            }
        }
        let named = filters.into_iter().filter(|(_, items)| !items.is_empty());
        let sorted = named.map(|(name, mut items)| {
            items.sort_unstable();
            (name.to_owned(), items.join(","))
        });
        sorted.collect()
    }

    /// The whole query, sorted; empty when there is none.
    pub fn canonical(&self) -> String {
        let mut pairs = self.pairs.clone();
        pairs.sort_unstable();
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    }

    /// The same query with another cursor.
    pub fn with_cursor(&self, cursor: &str) -> String {
        let kept = self.pairs.iter().filter(|(name, _)| name != "cursor");
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(kept).append_pair("cursor", cursor);
        query.finish()
    }
}

/// Names are echoed in the response, which must not become huge.
fn shorten(name: &str) -> String {
    name.chars().take(100).collect()
}
