//! Limits concurrent work of each holder. A share is released on drop, so only holders with work in progress use
//! memory.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// The shares in use, for each holder.
#[derive(Debug)]
pub struct Shares<K> {
    each: usize,
    taken: Arc<Mutex<HashMap<K, usize>>>,
}

/// One share, released on drop.
pub struct Share<K: Hash + Eq> {
    holder: K,
    taken: Arc<Mutex<HashMap<K, usize>>>,
}

impl<K: Hash + Eq + Clone> Shares<K> {
    /// At most `each` for one holder.
    pub fn new(each: usize) -> Self {
        Self { each, taken: Arc::default() }
    }

    /// Acquires a share if one is left.
    pub fn try_acquire(&self, holder: &K) -> Option<Share<K>> {
        let mut all = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if all.get(holder).copied().unwrap_or(0) >= self.each {
            return None;
        }
        *all.entry(holder.clone()).or_insert(0) += 1;
        Some(Share { holder: holder.clone(), taken: Arc::clone(&self.taken) })
    }
}

impl<K> Clone for Shares<K> {
    fn clone(&self) -> Self {
        Self { each: self.each, taken: Arc::clone(&self.taken) }
    }
}

impl<K: Hash + Eq + fmt::Debug> fmt::Debug for Share<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Share").field(&self.holder).finish()
    }
}

impl<K: Hash + Eq> Drop for Share<K> {
    fn drop(&mut self) {
        let mut all = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&self.holder) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.holder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_holder_has_its_own_quota_and_releases_it() {
        let shares = Shares::new(2);
        let held = [shares.try_acquire(&"acme"), shares.try_acquire(&"acme")];
        assert!(held.iter().all(Option::is_some));
        assert!(shares.try_acquire(&"acme").is_none());
        assert!(shares.try_acquire(&"globex").is_some());
        drop(held);
        assert!(shares.try_acquire(&"acme").is_some());
        assert!(shares.taken.lock().unwrap().is_empty());
    }
}
