//! Refuses variables that have the prefix of this service and are no key: most of them are typing errors.

use super::key::Key;
use super::reader::Reader;
use super::source::SettingSource;

/// Every variable with this prefix belongs to this service.
const PREFIX: &str = "SAFE_AUTH0_";

/// To be called after every key was read.
pub fn refuse(reader: &mut Reader<'_>, source: &dyn SettingSource) {
    let known: Vec<String> = reader.keys().iter().flat_map(Key::names).collect();
    let mut unknown: Vec<String> = source
        .names()
        .into_iter()
        .filter(|name| name.starts_with(PREFIX) && !known.contains(name))
        .collect();
    unknown.sort();
    for name in unknown {
        let nearest = known.iter().min_by_key(|key| strsim::levenshtein(&name, key));
        let nearest = nearest.expect("there are keys");
        reader.refuse(&name, format!("is not a key of this service; is {nearest} meant?"));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::config::Config;

    #[test]
    fn no_key_is_declared_twice_and_all_but_the_database_have_the_prefix() {
        let source = BTreeMap::new();
        let mut reader = Reader::new(&source);
        Config::read(&mut reader, &source);
        let names: Vec<String> = reader.keys().iter().flat_map(Key::names).collect();
        let unique: BTreeSet<&String> = names.iter().collect();
        assert_eq!(unique.len(), names.len());
        for name in names {
            assert!(name.starts_with(PREFIX) || name.starts_with("DATABASE_URL"), "{name}");
        }
    }
}
