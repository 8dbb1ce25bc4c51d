//! Maps with a maximum number of entries.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

/// Inserts an entry. A new one evicts the entry with the smallest `worth` from a full map.
pub fn insert_bounded<K: Eq + Hash + Clone, V, W: Ord>(
    map: &mut HashMap<K, V, impl BuildHasher>,
    capacity: usize,
    (key, value): (K, V),
    worth: impl Fn(&V) -> W,
) {
    if map.len() >= capacity && !map.contains_key(&key) {
        let least = map.iter().min_by_key(|(_, value)| worth(value)).map(|(key, _)| key.clone());
        if let Some(least) = least {
            map.remove(&least);
        }
    }
    map.insert(key, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_map_evicts_what_is_worth_least_for_a_new_key_only() {
        let mut map = HashMap::from([("a", 2), ("b", 1)]);
        insert_bounded(&mut map, 2, ("b", 0), |value| *value);
        assert_eq!(map, HashMap::from([("a", 2), ("b", 0)]));
        insert_bounded(&mut map, 2, ("c", -1), |value| *value);
        assert_eq!(map, HashMap::from([("a", 2), ("c", -1)]));
    }
}
