//! The query string: each parameter once, each known, each read.

use std::collections::BTreeMap;

use url::form_urlencoded;

/// The parameters of one request.
#[derive(Debug, Default)]
pub struct Parameters {
    pairs: Vec<(String, String)>,
    asked_for: Vec<&'static str>,
    /// Those among them that may be repeated: each occurrence adds to one list.
    lists: Vec<&'static str>,
}

/// What is wrong with the query as a whole.
#[derive(Debug, PartialEq, Eq)]
pub struct NotUtf8(pub String);

impl Parameters {
    /// Takes the query apart.
    pub fn parse(query: &str) -> Result<Self, NotUtf8> {
        let mut pairs = Vec::new();
        for raw in query.split('&').filter(|raw| !raw.is_empty()) {
            for (name, value) in form_urlencoded::parse(raw.as_bytes()) {
                // The decoder puts U+FFFD where bytes are not UTF-8.
                let is_replaced = |text: &str| text.contains('\u{fffd}');
                let is_meant = raw.to_ascii_uppercase().contains("%EF%BF%BD");
                if !is_meant && (is_replaced(&name) || is_replaced(&value)) {
                    return Err(NotUtf8(shorten(&name)));
                }
                pairs.push((name.into_owned(), value.into_owned()));
            }
        }
        Ok(Self { pairs, ..Self::default() })
    }

    /// The items of a list: separated by commas, and those of every occurrence. From then on the
    /// parameter is known.
    pub fn items(&mut self, name: &'static str) -> Option<impl Iterator<Item = &str>> {
        self.asked_for.push(name);
        self.lists.push(name);
        let mut given = self.pairs.iter().filter(move |(each, _)| each == name).peekable();
        given.peek()?;
        Some(given.flat_map(|(_, value)| value.split(',').map(str::trim)))
    }

    /// The value, and from then on the parameter is known.
    pub fn get(&mut self, name: &'static str) -> Option<&str> {
        self.asked_for.push(name);
        self.pairs.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str())
    }

    /// Names that nobody asked for, and names that are there more than once.
    pub fn faults(&self) -> Vec<(String, &'static str)> {
        let mut faults: Vec<(String, &'static str)> = Vec::new();
        for (index, (name, _)) in self.pairs.iter().enumerate() {
            let short = shorten(name);
            let detail = if !self.asked_for.contains(&name.as_str()) {
                "is not a known parameter: leave it out"
            } else if !self.lists.contains(&name.as_str())
                && self.pairs[..index].iter().any(|(earlier, _)| earlier == name)
            {
                "must be given once"
            } else {
                continue;
            };
            if !faults.iter().any(|(known, _)| *known == short) {
                faults.push((short, detail));
            }
        }
        faults
    }

    /// Everything that bears on which items a list has, in one form: not the page, not the sort. A list
    /// has the same items however they are spread over occurrences, and in whatever order.
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

    /// The whole query, whatever the order it came in; empty when there is none.
    pub fn in_order(&self) -> String {
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

/// A client's own text comes back in the answer; a huge one would make a huge answer.
fn shorten(name: &str) -> String {
    name.chars().take(100).collect()
}
