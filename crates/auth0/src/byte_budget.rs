//! A budget of bytes: how much of tenants' answers is in memory at once, in the whole process and of one session.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The bytes in use. A session's budget is a share of that of the process.
#[derive(Debug)]
pub(crate) struct ByteBudget {
    most: usize,
    held: AtomicUsize,
    whole: Option<Arc<Self>>,
}

/// Bytes of a budget, released on drop.
#[derive(Debug)]
pub(crate) struct HeldBytes {
    budget: Arc<ByteBudget>,
    bytes: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OverBudget;

impl ByteBudget {
    /// Of the process.
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, held: AtomicUsize::new(0), whole: None })
    }

    /// A share of this budget.
    pub fn share(self: &Arc<Self>, most: usize) -> Arc<Self> {
        Arc::new(Self { most, held: AtomicUsize::new(0), whole: Some(Arc::clone(self)) })
    }

    /// Nothing yet.
    pub fn hold(self: &Arc<Self>) -> HeldBytes {
        HeldBytes { budget: Arc::clone(self), bytes: 0 }
    }

    fn reserve(&self, bytes: usize) -> Result<(), OverBudget> {
        if let Some(whole) = &self.whole {
            whole.reserve(bytes)?;
        }
        let held = self.held.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        if held > self.most {
            self.release(bytes);
            return Err(OverBudget);
        }
        Ok(())
    }

    fn release(&self, bytes: usize) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
        if let Some(whole) = &self.whole {
            whole.release(bytes);
        }
    }
}

impl HeldBytes {
    /// Holds so many more.
    pub fn grow(&mut self, by: usize) -> Result<(), OverBudget> {
        self.budget.reserve(by)?;
        self.bytes += by;
        Ok(())
    }

    /// Releases what is over this.
    pub fn shrink_to(&mut self, bytes: usize) {
        let over = self.bytes.saturating_sub(bytes);
        self.budget.release(over);
        self.bytes -= over;
    }

    pub fn len(&self) -> usize {
        self.bytes
    }
}

impl Drop for HeldBytes {
    fn drop(&mut self) {
        self.budget.release(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_its_share_and_all_sessions_the_whole() {
        let whole = ByteBudget::new(100);
        let [one, other] = [whole.share(60), whole.share(60)];
        let (mut first, mut second) = (one.hold(), one.hold());
        assert_eq!(first.grow(40), Ok(()));
        assert_eq!(second.grow(21), Err(OverBudget), "its share");
        assert_eq!(second.grow(20), Ok(()));
        let mut third = other.hold();
        assert_eq!(third.grow(41), Err(OverBudget), "the whole");
        assert_eq!(third.grow(40), Ok(()));
        assert_eq!((first.len(), third.len()), (40, 40));
        drop(first);
        assert_eq!(third.grow(20), Ok(()));
        third.shrink_to(30);
        third.shrink_to(70);
        assert_eq!((third.len(), second.grow(20)), (30, Ok(())));
        drop((second, third));
        assert_eq!(whole.held.load(Ordering::Relaxed), 0);
    }
}
