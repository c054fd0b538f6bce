//! A record that no pooled buffer holds.

use crate::Error;
use crate::budget::{Budget, Lease};

/// A long record on its way, without its prefix.
///
/// Its memory is never more than twice what has come, and every byte of it is counted on the
/// budget of all long records before it is taken.
pub(crate) struct Long {
    pub(crate) bytes: Vec<u8>,
    /// What it holds of the budget; goes along until the plaintext has been handed out.
    pub(crate) lease: Lease,
    /// How long it will be.
    length: usize,
}

impl Long {
    /// Goes on with a record of `length` bytes of which `begun` have come.
    pub(crate) fn new(begun: &[u8], length: usize, budget: &Budget) -> Result<Self, Error> {
        let mut long = Long { bytes: Vec::new(), lease: budget.lease(), length };
        long.grow(begun.len())?;
        long.bytes.extend_from_slice(begun);
        Ok(long)
    }

    /// How much of it has not come.
    pub(crate) fn missing(&self) -> usize {
        self.length.saturating_sub(self.bytes.len())
    }

    /// Makes room for more if there is none.
    pub(crate) fn make_room(&mut self) -> Result<(), Error> {
        if self.bytes.len() < self.bytes.capacity() {
            return Ok(());
        }
        self.grow(self.bytes.len())
    }

    /// Room for twice what has come.
    fn grow(&mut self, come: usize) -> Result<(), Error> {
        let capacity = (2 * come).min(self.length);
        self.lease.grow(capacity)?;
        self.bytes.reserve_exact(capacity - self.bytes.len());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_grows_with_what_has_come_and_not_with_what_was_announced() {
        let budget = Budget::new(10_000);
        let mut long = Long::new(&[1; 1_000], 9_000, &budget).unwrap();
        while long.missing() != 0 {
            long.make_room().unwrap();
            assert!(long.bytes.capacity() <= 2 * long.bytes.len());
            assert_eq!(long.bytes.capacity(), budget.used());
            let room = long.bytes.capacity() - long.bytes.len();
            let come = room.min(700).min(long.missing());
            long.bytes.resize(long.bytes.len() + come, 2);
        }
        assert_eq!(budget.used(), 9_000);
        drop(long);
        assert_eq!(budget.used(), 0);
    }
}
