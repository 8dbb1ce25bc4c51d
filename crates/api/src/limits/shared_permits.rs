//! Permits that all holders share, with a limit for each holder, so that no holder can take all of them.

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

/// One permit, released on drop.
#[derive(Debug)]
pub struct Permit<K: Hash + Eq + std::fmt::Debug> {
    _of_all: OwnedSemaphorePermit,
    _of_holder: Share<K>,
}

/// Why no permit was acquired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcquireError {
    /// The holder has reached its limit.
    ShareExhausted,
    /// All permits are taken.
    AllTaken,
}

impl<K: Hash + Eq + Clone + std::fmt::Debug> SharedPermits<K> {
    /// `total` permits, at most `each` for one holder.
    pub fn new(total: usize, each: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(total)), shares: Shares::new(each) }
    }

    /// Acquires a permit for the holder without waiting.
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
