//! Turns of heavy work: some at once in this process, and fewer for one organisation, so that none shuts the others out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::OrganisationId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The turns of one kind of work.
pub struct Turns {
    all: Arc<Semaphore>,
    each: usize,
    /// Of organisations that have a turn or wait for one.
    organisations: Mutex<HashMap<OrganisationId, Arc<Semaphore>>>,
}

/// One turn, released on drop.
pub struct Turn {
    _of_organisation: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Turns {
    /// `total` turns, at most `each` of one organisation.
    pub fn new(total: usize, each: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(total)), each, organisations: Mutex::default() }
    }

    /// Waits for a turn, first among the requests of the organisation, then among the organisations. None: it took too
    /// long.
    pub async fn acquire(&self, organisation: &OrganisationId, wait: Duration) -> Option<Turn> {
        let own = self.of_organisation(organisation);
        let turn = async {
            let of_organisation = own.acquire_owned().await.ok()?;
            let of_all = Arc::clone(&self.all).acquire_owned().await.ok()?;
            Some(Turn { _of_organisation: of_organisation, _of_all: of_all })
        };
        tokio::time::timeout(wait, turn).await.ok().flatten()
    }

    fn of_organisation(&self, organisation: &OrganisationId) -> Arc<Semaphore> {
        let mut all = self.organisations.lock().unwrap_or_else(PoisonError::into_inner);
        // A turn and a wait for one hold the semaphore.
        all.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        let own = all.entry(organisation.clone());
        Arc::clone(own.or_insert_with(|| Arc::new(Semaphore::new(self.each))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_organisation_has_its_share_and_waits_for_itself_alone() {
        let [acme, globex, initech] =
            ["acme", "globex", "initech"].map(|name| OrganisationId::parse(name).unwrap());
        let turns = Arc::new(Turns::new(2, 1));
        let wait = Duration::from_secs(5);
        let first = turns.acquire(&acme, wait).await.unwrap();
        // Its second and third wait without a place among the others.
        let second = {
            let (turns, acme) = (Arc::clone(&turns), acme.clone());
            tokio::spawn(async move { turns.acquire(&acme, wait).await })
        };
        assert!(turns.acquire(&acme, Duration::from_millis(1)).await.is_none());
        let other = turns.acquire(&globex, wait).await.unwrap();
        assert!(turns.acquire(&initech, Duration::from_millis(1)).await.is_none(), "two at once");
        drop(first);
        let second = second.await.unwrap();
        assert!(second.is_some());
        drop((second, other));
        assert!(turns.acquire(&acme, wait).await.is_some());
        assert_eq!(turns.organisations.lock().unwrap().len(), 1, "idle ones take no memory");
    }
}
