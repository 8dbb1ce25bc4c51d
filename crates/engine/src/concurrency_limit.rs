//! Turns of heavy work: some at once in this process, and fewer for one organisation, so that none shuts the others out.

use std::sync::Arc;
use std::time::Duration;

use domain::OrganisationId;
use store::OrganisationSemaphores;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The turns of one kind of work.
pub struct Turns {
    all: Arc<Semaphore>,
    organisations: OrganisationSemaphores,
}

/// One turn, released on drop.
pub struct Turn {
    _of_organisation: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Turns {
    /// `total` turns, at most `each` of one organisation.
    pub fn new(total: usize, each: usize) -> Self {
        let organisations = OrganisationSemaphores::new(each);
        Self { all: Arc::new(Semaphore::new(total)), organisations }
    }

    /// Waits for a turn, first among the requests of the organisation, then among the organisations. None: it took too
    /// long.
    pub async fn acquire(&self, organisation: &OrganisationId, wait: Duration) -> Option<Turn> {
        let own = self.organisations.semaphore_of(organisation);
        let turn = async {
            let of_organisation = own.acquire_owned().await.ok()?;
            let of_all = Arc::clone(&self.all).acquire_owned().await.ok()?;
            Some(Turn { _of_organisation: of_organisation, _of_all: of_all })
        };
        tokio::time::timeout(wait, turn).await.ok().flatten()
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
    }
}
