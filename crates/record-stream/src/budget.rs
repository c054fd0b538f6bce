//! Memory that all long records of one configuration share.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::Error;

/// How much memory records may take that are longer than a pooled buffer; a clone is the same one.
#[derive(Clone, Debug)]
pub struct Budget {
    most: usize,
    used: Arc<AtomicUsize>,
}

impl Budget {
    /// A budget of so many bytes.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Budget { most, used: Arc::default() }
    }

    /// The bytes there are in all.
    #[must_use]
    pub fn most(&self) -> usize {
        self.most
    }

    /// The bytes that are taken now.
    #[must_use]
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Nothing yet, of which there can be more.
    pub(crate) fn lease(&self) -> Lease {
        Lease { budget: self.clone(), held: 0 }
    }
}

/// What one record has of a budget; given back when it is dropped.
pub(crate) struct Lease {
    budget: Budget,
    held: usize,
}

impl Lease {
    /// Takes as much more as makes `bytes`.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), Error> {
        let Budget { most, used } = &self.budget;
        let more = bytes.saturating_sub(self.held);
        let sum = |used: usize| used.checked_add(more).filter(|sum| sum <= most);
        // Only the number is shared; no other memory hangs on it.
        used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, sum)
            .map_err(|_| Error::OverBudget { budget: *most })?;
        self.held += more;
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.held, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leases_share_what_there_is_and_give_it_back() {
        let budget = Budget::new(100);
        let (mut first, mut second) = (budget.lease(), budget.clone().lease());
        first.grow(40).unwrap();
        first.grow(60).unwrap();
        second.grow(40).unwrap();
        assert_eq!(second.grow(41), Err(Error::OverBudget { budget: 100 }));
        assert_eq!(first.grow(usize::MAX), Err(Error::OverBudget { budget: 100 }));
        assert_eq!(budget.used(), 100);
        drop(first);
        second.grow(100).unwrap();
        drop(second);
        assert_eq!(budget.used(), 0);
    }
}
