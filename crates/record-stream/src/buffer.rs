//! Buffers that a connection holds only while bytes move, from a small pool of each thread.

use std::cell::RefCell;
use std::mem;
use std::ops::{Deref, DerefMut};

use bytes::BytesMut;

/// Bytes in a buffer of the size they need: none, a small one of their own, or a large one on loan.
///
/// A large one goes back to its pool when it is dropped. Slices that were split off it may live
/// on; the pool hands a buffer out again when they are gone.
#[derive(Default)]
pub(crate) struct Buffer {
    bytes: BytesMut,
    pooled: bool,
}

impl Buffer {
    /// Makes room for at least `additional` more bytes, in a larger buffer if need be.
    ///
    /// Room is there for what, together with what is held, is not more than [`LARGE`].
    pub(crate) fn reserve(&mut self, additional: usize) {
        if self.room() >= additional || self.bytes.try_reclaim(additional) {
            return;
        }
        let mut larger = if self.bytes.len() + additional <= SMALL {
            Buffer { bytes: BytesMut::with_capacity(SMALL), pooled: false }
        } else {
            Buffer { bytes: take(), pooled: true }
        };
        larger.extend_from_slice(&self.bytes);
        *self = larger;
    }

    /// How much fits without another buffer.
    pub(crate) fn room(&self) -> usize {
        self.bytes.capacity() - self.bytes.len()
    }

    /// Gives a large buffer back if what it holds fits a small one.
    pub(crate) fn settle(&mut self) {
        if self.pooled && self.bytes.len() <= SMALL {
            let bytes = BytesMut::from(&self.bytes[..]);
            *self = Buffer { bytes, pooled: false };
        }
    }
}

impl Deref for Buffer {
    type Target = BytesMut;

    fn deref(&self) -> &BytesMut {
        &self.bytes
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut BytesMut {
        &mut self.bytes
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.pooled {
            give(mem::take(&mut self.bytes));
        }
    }
}

/// The pool's last buffer that nobody looks into any more: the most likely to be in a cache.
fn take() -> BytesMut {
    let found = POOL.try_with(|pool| {
        let mut pool = pool.borrow_mut();
        let index = pool.iter_mut().rposition(|bytes| bytes.try_reclaim(LARGE))?;
        Some(pool.remove(index))
    });
    found.ok().flatten().unwrap_or_else(|| BytesMut::with_capacity(LARGE))
}

fn give(mut bytes: BytesMut) {
    bytes.clear();
    // A thread that is ending has no pool; the buffer is then simply freed.
    let _ = POOL.try_with(|pool| {
        let mut pool = pool.borrow_mut();
        if pool.len() == POOL_SIZE {
            pool.remove(0);
        }
        pool.push(bytes);
    });
}

thread_local! {
    static POOL: RefCell<Vec<BytesMut>> = const { RefCell::new(Vec::new()) };
}

/// What one large buffer holds: sixteen of the longest records of TLS or four of 64 KiB, so that a system
/// call moves many frames.
pub(crate) const LARGE: usize = 16 * (5 + 16_384 + 17);

/// Up to here a buffer is cheaper made than kept, and copied than shared.
pub(crate) const SMALL: usize = 4 * 1024;

/// How many large buffers a thread keeps: a few connections' worth, 2 MiB in all.
const POOL_SIZE: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_need_takes_nothing_from_the_pool() {
        let mut buffer = Buffer::default();
        buffer.reserve(100);
        assert!(!buffer.pooled);
        assert_eq!(buffer.capacity(), SMALL);
    }

    #[test]
    fn what_is_held_moves_along_to_a_larger_buffer() {
        let mut buffer = Buffer::default();
        buffer.reserve(5);
        buffer.extend_from_slice(b"hello");
        buffer.reserve(SMALL);
        assert!(buffer.pooled);
        assert_eq!(&buffer[..], b"hello");
        assert_eq!(buffer.room(), LARGE - 5);
        buffer.settle();
        assert!(!buffer.pooled);
        assert_eq!(&buffer[..], b"hello");
    }

    #[test]
    fn the_pool_hands_a_buffer_out_again_only_when_its_slices_are_gone() {
        let mut buffer = Buffer::default();
        buffer.reserve(LARGE);
        buffer.extend_from_slice(&[7; 100]);
        let address = buffer.as_ptr();
        let slice = buffer.split().freeze();
        drop(buffer);
        let mut other = Buffer::default();
        other.reserve(LARGE);
        assert_ne!(other.as_ptr(), address);
        assert_eq!(slice, [7; 100][..]);
        drop(slice);
        let mut again = Buffer::default();
        again.reserve(LARGE);
        assert_eq!(again.as_ptr(), address);
        assert_eq!(again.room(), LARGE);
    }

    #[test]
    fn the_pool_never_holds_more_than_its_bound() {
        let buffers: Vec<_> = (0..3 * POOL_SIZE)
            .map(|_| {
                let mut buffer = Buffer::default();
                buffer.reserve(LARGE);
                buffer
            })
            .collect();
        drop(buffers);
        assert_eq!(POOL.with_borrow(Vec::len), POOL_SIZE);
    }
}
