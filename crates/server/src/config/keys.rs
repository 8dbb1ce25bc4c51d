//! The list of all keys, in the order of the reference, and the refusal of unknown ones.

use super::key::Key;
use super::reader::Reader;
use super::source::SettingSource;
use super::{database, http, log, rates, tenants, tokens, worker};

/// Every variable that starts so is ours.
const PREFIX: &str = "SAFE_AUTH0_";

/// A heading of the reference and its keys.
pub type Section = (&'static str, &'static [&'static Key]);

/// Every key, by section.
pub const SECTIONS: &[Section] = &[
    ("Database and data directory", database::KEYS),
    ("HTTP", http::KEYS),
    ("Rate limits, of each process for itself", rates::KEYS),
    ("Callers' tokens and encryption", tokens::KEYS),
    ("Tenants", tenants::KEYS),
    ("Worker", worker::KEYS),
    ("Logs", log::KEYS),
];

/// Refuses variables that start with our prefix and are no key: most of them are typing errors.
pub fn refuse_unknown(reader: &mut Reader<'_>, source: &dyn SettingSource) {
    let known = known_names();
    let mut unknown: Vec<String> = source
        .names()
        .into_iter()
        .filter(|name| name.starts_with(PREFIX) && !known.contains(name))
        .collect();
    unknown.sort();
    for name in unknown {
        let nearest = known.iter().min_by_key(|key| distance(&name, key));
        let nearest = nearest.expect("there are keys");
        reader.refuse_name(&name, format!("is not a key of this service; is {nearest} meant?"));
    }
}

fn known_names() -> Vec<String> {
    let keys = SECTIONS.iter().flat_map(|(_, keys)| keys.iter());
    keys.flat_map(|key| [Some(key.name.to_owned()), key.file_twin()]).flatten().collect()
}

/// The number of single-character edits between two names (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_key_is_declared_twice_and_all_but_the_database_have_the_prefix() {
        let names = known_names();
        let once: BTreeSet<&String> = names.iter().collect();
        assert_eq!(once.len(), names.len());
        for name in names {
            assert!(name.starts_with(PREFIX) || name.starts_with("DATABASE_URL"), "{name}");
        }
    }

    #[test]
    fn the_distance_counts_edits() {
        assert_eq!(distance("LISTEN", "LISTEN"), 0);
        assert_eq!(distance("LISTN", "LISTEN"), 1);
        assert_eq!(distance("", "abc"), 3);
    }
}
