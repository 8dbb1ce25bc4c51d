//! A semaphore for each organisation that uses one, so that no organisation takes all of what they share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::OrganisationId;
use tokio::sync::Semaphore;

#[derive(Debug)]
pub struct OrganisationSemaphores {
    each: usize,
    /// Of organisations that have a permit or wait for one.
    used: Mutex<HashMap<OrganisationId, Arc<Semaphore>>>,
}

impl OrganisationSemaphores {
    /// `each` permits of one organisation.
    pub fn new(each: usize) -> Self {
        Self { each, used: Mutex::default() }
    }

    pub fn semaphore_of(&self, organisation: &OrganisationId) -> Arc<Semaphore> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        // A permit and a wait for one hold the semaphore.
        used.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        let own = used.entry(organisation.clone());
        Arc::clone(own.or_insert_with(|| Arc::new(Semaphore::new(self.each))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn semaphores_that_no_one_uses_take_no_memory() {
        let all = OrganisationSemaphores::new(1);
        let [acme, globex] = ["acme", "globex"].map(|name| OrganisationId::parse(name).unwrap());
        let held = all.semaphore_of(&acme).try_acquire_owned().unwrap();
        assert!(all.semaphore_of(&acme).try_acquire_owned().is_err());
        assert!(all.semaphore_of(&globex).try_acquire_owned().is_ok());
        drop(held);
        assert!(all.semaphore_of(&acme).try_acquire_owned().is_ok());
        assert_eq!(all.used.lock().unwrap().len(), 1);
    }
}
