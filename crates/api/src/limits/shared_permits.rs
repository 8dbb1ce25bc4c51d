//! Permits that many holders share, of which each may have a part: one that takes all of its part
//! hinders nobody else.

use std::hash::Hash;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Share, Shares};

/// The permits of one kind.
#[derive(Debug, Clone)]
pub struct SharedPermits<K> {
    all: Arc<Semaphore>,
    shares: Shares<K>,
}

/// One permit; given back with its value.
#[derive(Debug)]
pub struct Permit<K: Hash + Eq + std::fmt::Debug> {
    _of_all: OwnedSemaphorePermit,
    _of_holder: Share<K>,
}

/// Why there is no permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcquireError {
    /// The holder has all of its share.
    ShareExhausted,
    /// All are taken.
    AllTaken,
}

impl<K: Hash + Eq + Clone + std::fmt::Debug> SharedPermits<K> {
    /// So many permits, of which one holder may have so many.
    pub fn new(total: usize, each: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(total)), shares: Shares::new(each) }
    }

    /// A permit for the holder. Never waits.
    pub fn acquire(&self, holder: &K) -> Result<Permit<K>, AcquireError> {
        let of_holder = self.shares.try_acquire(holder).ok_or(AcquireError::ShareExhausted)?;
        let of_all = Arc::clone(&self.all).try_acquire_owned();
        let of_all = of_all.map_err(|_| AcquireError::AllTaken)?;
        Ok(Permit { _of_all: of_all, _of_holder: of_holder })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_at_its_quota_leaves_the_rest_to_others() {
        let permits = SharedPermits::new(3, 2);
        let first = (permits.acquire(&"acme").unwrap(), permits.acquire(&"acme").unwrap());
        assert_eq!(permits.acquire(&"acme").unwrap_err(), AcquireError::ShareExhausted);
        let _other = permits.acquire(&"globex").unwrap();
        assert_eq!(permits.acquire(&"globex").unwrap_err(), AcquireError::AllTaken);
        drop(first);
        assert!(permits.acquire(&"globex").is_ok(), "a refusal keeps nothing");
    }
}
