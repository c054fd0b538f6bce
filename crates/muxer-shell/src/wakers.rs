//! Who waits for what on a connection, and who is to be woken once the lock is open again.

use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::task::Waker;

use crate::idle::{Table, free_table};

/// The tasks that wait for their stream. One that does not wait takes no room.
#[derive(Debug)]
pub(crate) struct Wakers<I> {
    readers: Table<I, Waker>,
    writers: Table<I, Waker>,
    /// Streams whose writer waits until its bytes have left.
    flushing: Vec<I>,
    due: Due,
}

/// What is to be done once the lock is open.
#[derive(Debug, Default)]
pub(crate) struct Due {
    pub(crate) tasks: Vec<Waker>,
    /// Wakers to drop: that may end a task, and with it streams of this very connection.
    stale: Vec<Waker>,
    /// How many streams can be accepted, and opened.
    pub(crate) incoming: usize,
    pub(crate) openable: usize,
    /// Whether nothing more can be opened.
    pub(crate) closing: bool,
    /// Whether the connection has ended.
    pub(crate) over: bool,
}

impl Due {
    fn is_empty(&self) -> bool {
        let nobody = self.tasks.is_empty() && self.stale.is_empty();
        nobody && self.incoming + self.openable == 0 && !self.closing && !self.over
    }
}

impl<I: Copy + Eq + Hash> Wakers<I> {
    pub(crate) fn new() -> Self {
        let (readers, writers) = (Table::default(), Table::default());
        Wakers { readers, writers, flushing: Vec::new(), due: Due::default() }
    }

    /// What is to be done once the lock is open.
    pub(crate) fn due(&mut self) -> &mut Due {
        &mut self.due
    }

    /// Takes it, if there is anything.
    pub(crate) fn take_due(&mut self) -> Option<Due> {
        (!self.due.is_empty()).then(|| std::mem::take(&mut self.due))
    }

    pub(crate) fn wait_to_read(&mut self, stream: I, waker: &Waker) {
        self.due.stale.extend(remember(&mut self.readers, stream, waker));
    }

    pub(crate) fn wait_to_write(&mut self, stream: I, waker: &Waker) {
        self.due.stale.extend(remember(&mut self.writers, stream, waker));
    }

    pub(crate) fn wait_to_flush(&mut self, stream: I, waker: &Waker) {
        self.wait_to_write(stream, waker);
        if !self.flushing.contains(&stream) {
            self.flushing.push(stream);
        }
    }

    /// Whether somebody waits for what comes on a stream.
    pub(crate) fn has_reader(&self, stream: I) -> bool {
        self.readers.contains_key(&stream)
    }

    pub(crate) fn wake_reader(&mut self, stream: I) {
        self.due.tasks.extend(self.readers.remove(&stream));
    }

    pub(crate) fn wake_writer(&mut self, stream: I) {
        self.due.tasks.extend(self.writers.remove(&stream));
    }

    /// The line has moved: those who wait for it look again.
    pub(crate) fn wake_flushing(&mut self) {
        for stream in std::mem::take(&mut self.flushing) {
            self.wake_writer(stream);
        }
    }

    /// The connection has ended.
    pub(crate) fn wake_all(&mut self) {
        for waiting in [&mut self.readers, &mut self.writers] {
            self.due.tasks.extend(std::mem::take(waiting).into_values());
        }
        self.due.over = true;
    }

    pub(crate) fn forget(&mut self, stream: I) {
        for waiting in [&mut self.readers, &mut self.writers] {
            self.due.stale.extend(waiting.remove(&stream));
            free_table(waiting);
        }
    }
}

/// Keeps the waker of a stream, and gives back the one that it takes the place of.
fn remember<I: Eq + Hash>(
    waiting: &mut Table<I, Waker>,
    stream: I,
    waker: &Waker,
) -> Option<Waker> {
    match waiting.entry(stream) {
        Entry::Vacant(place) => {
            place.insert(waker.clone());
            None
        }
        Entry::Occupied(known) if known.get().will_wake(waker) => None,
        Entry::Occupied(mut known) => Some(known.insert(waker.clone())),
    }
}
