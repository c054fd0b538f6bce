//! A pair that does anything in any order, and in which every byte is accounted for.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use peerloom_core::Role;
use peerloom_muxer_shell::{Error, Read, Session};

use super::Pair;

/// Two sessions whose streams carry numbered bytes, so that each that arrives can be checked.
pub struct World<S: Session> {
    /// The sessions.
    pub pair: Pair<S>,
    streams: HashMap<Role, Vec<S::Id>>,
    sent: HashMap<(Role, S::Id), usize>,
    got: HashMap<(Role, S::Id), usize>,
}

/// Something that one of the sides, the link or the clock does.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// What is done, by chance.
    pub kind: u8,
    /// Who does it.
    pub role: Role,
    /// With which of the streams.
    pub stream: usize,
    /// How much.
    pub amount: usize,
}

impl<S: Session> World<S> {
    /// A pair that has not done anything.
    pub fn new(pair: Pair<S>) -> Self {
        World {
            pair,
            streams: HashMap::from([(Role::Dialer, vec![]), (Role::Listener, vec![])]),
            sent: HashMap::new(),
            got: HashMap::new(),
        }
    }

    /// Takes a step; reading, writing and delivering are the likeliest.
    pub fn take(&mut self, step: Step) {
        self.heed_events();
        let Step { kind, role, stream, amount } = step;
        let chosen = self.stream(role, stream);
        match (kind % 24, chosen) {
            (0, _) => {
                let opened = self.pair.side(role).session.open().unwrap();
                self.streams.entry(role).or_default().extend(opened);
            }
            (1..=2, _) => {
                let accepted = self.pair.side(role).session.accept().unwrap();
                self.streams.entry(role).or_default().extend(accepted);
            }
            (3..=8, Some(stream)) => self.write(role, stream, amount),
            (9..=14, Some(stream)) => drop(self.read(role, stream, amount + 1)),
            (15, Some(stream)) => self.pair.side(role).session.shutdown(stream).unwrap(),
            (16, Some(stream)) => drop(self.pair.side(role).session.flush(stream).unwrap()),
            (17, _) => {
                let milliseconds = u64::try_from(amount % 40).unwrap_or_default();
                self.pair.pass(Duration::from_millis(milliseconds));
            }
            _ => {
                self.pair.cut = amount + 1;
                self.pair.deliver(role).unwrap();
            }
        }
    }

    /// Carries on until everything that was written has been read.
    pub fn finish(&mut self) {
        self.pair.cut = usize::MAX;
        loop {
            self.heed_events();
            self.pair.drive();
            let mut more = false;
            for role in [Role::Dialer, Role::Listener] {
                while let Some(stream) = self.pair.side(role).session.accept().unwrap() {
                    self.streams.entry(role).or_default().push(stream);
                }
                for stream in self.streams.entry(role).or_default().clone() {
                    more |= self.read(role, stream, usize::MAX);
                }
            }
            if !more {
                break;
            }
        }
        for ((role, stream), sent) in &self.sent {
            let got = self.got.get(&(role.other(), *stream)).copied().unwrap_or_default();
            assert_eq!(got, *sent, "{stream:?} written by {role:?}");
        }
    }

    /// Nobody waits here, but a session expects that it is asked.
    fn heed_events(&mut self) {
        self.pair.dialer.events();
        self.pair.listener.events();
    }

    fn stream(&self, role: Role, index: usize) -> Option<S::Id> {
        let streams = self.streams.get(&role)?;
        streams.get(index % streams.len().max(1)).copied()
    }

    fn write(&mut self, role: Role, stream: S::Id, length: usize) {
        let sent = self.sent.entry((role, stream)).or_default();
        let bytes: Vec<u8> = (*sent..*sent + length).map(byte_at).collect();
        match self.pair.side(role).write(stream, &bytes) {
            Ok(written) => *sent += written,
            Err(error) => assert!(matches!(error, Error::Closed), "{error}"),
        }
    }

    /// Reads once, and checks every byte; whether there may be more.
    fn read(&mut self, role: Role, stream: S::Id, limit: usize) -> bool {
        let now = self.pair.now;
        let Read::Data(bytes) = self.pair.side(role).session.read(stream, limit, now).unwrap()
        else {
            return false;
        };
        let got = self.got.entry((role, stream)).or_default();
        for byte in bytes {
            assert_eq!(byte, byte_at(*got), "byte {got} of {stream:?} as {role:?} reads it");
            *got += 1;
        }
        true
    }
}

/// One of our side's verbs, while the remote does what it likes.
pub fn act<S: Session>(session: &mut S, stream: Option<S::Id>, choice: u8, now: Instant) {
    let Some(stream) = stream else {
        drop(session.open());
        return;
    };
    match choice % 8 {
        0 => drop(session.open()),
        1 => drop(session.accept()),
        2 => drop(session.write(stream, 100_000)),
        3 => drop(session.read(stream, 100_000, now)),
        4 => drop(session.shutdown(stream)),
        5 => session.reset(stream),
        6 => session.release(stream, now),
        _ => drop(session.poll_transmit()),
    }
}

/// The byte that every stream has at a place.
fn byte_at(place: usize) -> u8 {
    u8::try_from(place % 251).unwrap_or_default()
}
