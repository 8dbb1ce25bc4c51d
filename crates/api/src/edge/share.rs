//! How many things of one organisation may go on at once. A share is given back with its value, so
//! that only organisations that have something under way take memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::OrganisationId;

/// What is under way, for each organisation.
#[derive(Debug, Clone)]
pub struct Shares {
    each: usize,
    taken: Arc<Mutex<HashMap<OrganisationId, usize>>>,
}

/// One thing under way.
#[derive(Debug)]
pub struct Share {
    organisation: OrganisationId,
    of: Shares,
}

impl Shares {
    /// So many for each organisation.
    pub fn new(each: usize) -> Self {
        Self { each, taken: Arc::default() }
    }

    /// One more, if there is one left.
    pub fn take(&self, organisation: &OrganisationId) -> Option<Share> {
        let mut all = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if all.get(organisation).copied().unwrap_or(0) >= self.each {
            return None;
        }
        *all.entry(organisation.clone()).or_insert(0) += 1;
        Some(Share { organisation: organisation.clone(), of: self.clone() })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut all = self.of.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&self.organisation) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.organisation);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_organisation_has_its_own_share_and_gives_it_back() {
        let (acme, globex) = ("acme", "globex");
        let [acme, globex] = [acme, globex].map(|name| OrganisationId::parse(name).unwrap());
        let shares = Shares::new(2);
        let held = [shares.take(&acme), shares.take(&acme)];
        assert!(held.iter().all(Option::is_some));
        assert!(shares.take(&acme).is_none());
        assert!(shares.take(&globex).is_some());
        drop(held);
        assert!(shares.take(&acme).is_some());
        assert!(shares.taken.lock().unwrap().is_empty());
    }
}
