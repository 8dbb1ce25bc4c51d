//! A map with a capacity: evicts the least recently used value that is not in use.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use domain::bounded::insert_bounded;

/// Shared values by key, at most `capacity` of them.
#[derive(Debug)]
pub(crate) struct BoundedMap<K, V> {
    entries: HashMap<K, (u64, Arc<V>)>,
    capacity: usize,
    uses: u64,
}

impl<K: Eq + Hash + Clone, V> BoundedMap<K, V> {
    pub fn new(capacity: usize) -> Self {
        Self { entries: HashMap::new(), capacity: capacity.max(1), uses: 0 }
    }

    pub fn get(&mut self, key: &K) -> Option<Arc<V>> {
        self.uses += 1;
        let (used, value) = self.entries.get_mut(key)?;
        *used = self.uses;
        Some(Arc::clone(value))
    }

    /// Values in use are evicted last, so that what their users learn is not lost.
    pub fn insert(&mut self, key: K, value: Arc<V>) {
        self.uses += 1;
        let entry = (key, (self.uses, value));
        insert_bounded(&mut self.entries, self.capacity, entry, |(used, value)| {
            (Arc::strong_count(value) > 1, *used)
        });
    }

    pub fn remove(&mut self, key: &K) {
        self.entries.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_entry_is_evicted() {
        let mut map = BoundedMap::new(2);
        map.insert("a", Arc::new(1));
        map.insert("b", Arc::new(2));
        map.get(&"a");
        map.insert("c", Arc::new(3));
        assert!(map.get(&"a").is_some() && map.get(&"b").is_none() && map.get(&"c").is_some());
    }

    #[test]
    fn entries_in_use_stay_while_an_idle_one_can_be_evicted() {
        let mut map = BoundedMap::new(2);
        let held = Arc::new(1);
        map.insert("held", Arc::clone(&held));
        map.insert("idle", Arc::new(2));
        map.insert("new", Arc::new(3));
        assert!(map.get(&"held").is_some() && map.get(&"idle").is_none());
        map.insert("new", Arc::new(4));
        assert_eq!(map.get(&"new").as_deref(), Some(&4));
    }
}
