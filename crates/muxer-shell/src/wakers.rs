//! Who waits for what on a connection, and who is to be woken once the lock is open again.

use std::collections::HashMap;
use std::hash::Hash;
use std::task::Waker;

use crate::free_table;

/// The tasks that wait for their stream.
#[derive(Debug)]
pub(crate) struct Wakers<I> {
    streams: HashMap<I, Waiting>,
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

#[derive(Debug, Default)]
struct Waiting {
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl<I: Copy + Eq + Hash> Wakers<I> {
    pub(crate) fn new() -> Self {
        Wakers { streams: HashMap::new(), flushing: Vec::new(), due: Due::default() }
    }

    /// What is to be done once the lock is open.
    pub(crate) fn due(&mut self) -> &mut Due {
        &mut self.due
    }

    pub(crate) fn wait_to_read(&mut self, stream: I, waker: &Waker) {
        let reader = &mut self.streams.entry(stream).or_default().reader;
        self.due.stale.extend(remember(reader, waker));
    }

    pub(crate) fn wait_to_write(&mut self, stream: I, waker: &Waker) {
        let writer = &mut self.streams.entry(stream).or_default().writer;
        self.due.stale.extend(remember(writer, waker));
    }

    pub(crate) fn wait_to_flush(&mut self, stream: I, waker: &Waker) {
        self.wait_to_write(stream, waker);
        if !self.flushing.contains(&stream) {
            self.flushing.push(stream);
        }
    }

    pub(crate) fn wake_reader(&mut self, stream: I) {
        let waiting = self.streams.get_mut(&stream);
        self.due.tasks.extend(waiting.and_then(|waiting| waiting.reader.take()));
    }

    pub(crate) fn wake_writer(&mut self, stream: I) {
        let waiting = self.streams.get_mut(&stream);
        self.due.tasks.extend(waiting.and_then(|waiting| waiting.writer.take()));
    }

    /// The line has moved: those who wait for it look again.
    pub(crate) fn wake_flushing(&mut self) {
        for stream in std::mem::take(&mut self.flushing) {
            self.wake_writer(stream);
        }
    }

    /// The connection has ended.
    pub(crate) fn wake_all(&mut self) {
        let waiting = std::mem::take(&mut self.streams).into_values();
        self.due
            .tasks
            .extend(waiting.flat_map(|waiting| [waiting.reader, waiting.writer]).flatten());
        self.due.over = true;
    }

    pub(crate) fn forget(&mut self, stream: I) {
        if let Some(waiting) = self.streams.remove(&stream) {
            self.due.stale.extend(waiting.reader.into_iter().chain(waiting.writer));
        }
        free_table(&mut self.streams);
    }
}

/// Keeps a waker, and gives back the one that it takes the place of.
fn remember(place: &mut Option<Waker>, waker: &Waker) -> Option<Waker> {
    match place {
        Some(known) if known.will_wake(waker) => None,
        _ => place.replace(waker.clone()),
    }
}
