//! What holds whatever the two sides do, and whatever a remote sends.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use peerloom_core::Role;
use proptest::prelude::*;

use super::pair::Pair;
use super::{Read, Session};
use crate::frame::{HEADER_LENGTH, StreamId};
use crate::window::INITIAL_WINDOW;
use crate::{Config, Error};

/// Something that one of the sides, the link or the clock does.
#[derive(Clone, Copy, Debug)]
enum Step {
    Open(Role),
    Accept(Role),
    Write(Role, usize, usize),
    Read(Role, usize, usize),
    Shutdown(Role, usize),
    Flush(Role, usize),
    Deliver(Role, usize),
    Pass(u64),
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Dialer), Just(Role::Listener)]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => role().prop_map(Step::Open),
        2 => role().prop_map(Step::Accept),
        6 => (role(), 0..8usize, 0..100_000usize).prop_map(|(r, s, n)| Step::Write(r, s, n)),
        6 => (role(), 0..8usize, 1..100_000usize).prop_map(|(r, s, n)| Step::Read(r, s, n)),
        1 => (role(), 0..8usize).prop_map(|(r, s)| Step::Shutdown(r, s)),
        1 => (role(), 0..8usize).prop_map(|(r, s)| Step::Flush(r, s)),
        6 => (role(), 1..70_000usize).prop_map(|(r, cut)| Step::Deliver(r, cut)),
        1 => (1..40u64).prop_map(Step::Pass),
    ]
}

/// Two sessions whose streams carry numbered bytes, so that each that arrives can be checked.
struct World {
    pair: Pair,
    streams: HashMap<Role, Vec<StreamId>>,
    sent: HashMap<(Role, StreamId), usize>,
    got: HashMap<(Role, StreamId), usize>,
}

impl World {
    fn new() -> Self {
        World {
            pair: Pair::new(),
            streams: HashMap::from([(Role::Dialer, vec![]), (Role::Listener, vec![])]),
            sent: HashMap::new(),
            got: HashMap::new(),
        }
    }

    fn take(&mut self, step: Step) {
        let now = self.pair.now;
        match step {
            Step::Open(role) => {
                let opened = self.pair.side(role).session.open().unwrap();
                self.streams.get_mut(&role).unwrap().extend(opened);
            }
            Step::Accept(role) => {
                let accepted = self.pair.side(role).session.accept().unwrap();
                self.streams.get_mut(&role).unwrap().extend(accepted);
            }
            Step::Write(role, stream, length) => {
                let Some(stream) = self.stream(role, stream) else { return };
                let sent = self.sent.entry((role, stream)).or_default();
                let bytes: Vec<u8> = (*sent..*sent + length).map(byte_at).collect();
                match self.pair.side(role).write(stream, &bytes) {
                    Ok(written) => *sent += written,
                    Err(error) => assert!(matches!(error, Error::Closed)),
                }
            }
            Step::Read(role, stream, limit) => {
                if let Some(stream) = self.stream(role, stream) {
                    self.read(role, stream, limit);
                }
            }
            Step::Shutdown(role, stream) => {
                if let Some(stream) = self.stream(role, stream) {
                    self.pair.side(role).session.shutdown(stream).unwrap();
                }
            }
            Step::Flush(role, stream) => {
                if let Some(stream) = self.stream(role, stream) {
                    self.pair.side(role).session.flush(stream).unwrap();
                }
            }
            Step::Deliver(role, cut) => {
                self.pair.cut = cut;
                self.pair.deliver(role).unwrap();
            }
            Step::Pass(milliseconds) => {
                let time = Duration::from_millis(milliseconds);
                self.pair.now = now + time;
                self.pair.dialer.session.handle_timeout(now + time).unwrap();
                self.pair.listener.session.handle_timeout(now + time).unwrap();
            }
        }
        self.check_memory();
    }

    fn stream(&self, role: Role, index: usize) -> Option<StreamId> {
        let streams = &self.streams[&role];
        streams.get(index % streams.len().max(1)).copied()
    }

    /// Reads once, and checks every byte; whether there may be more.
    fn read(&mut self, role: Role, stream: StreamId, limit: usize) -> bool {
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

    /// Nothing is buffered that was not granted.
    fn check_memory(&self) {
        for session in [&self.pair.dialer.session, &self.pair.listener.session] {
            let unread: usize = session.streams.values().map(|state| state.inbox.len()).sum();
            assert_eq!(unread, session.unread);
            assert!(unread <= session.config.max_buffered);
            assert!(session.control.len() <= session.streams.len());
        }
    }

    /// Carries on until everything that was written has been read.
    fn finish(&mut self) {
        self.pair.cut = usize::MAX;
        loop {
            self.pair.drive();
            let mut more = false;
            for role in [Role::Dialer, Role::Listener] {
                while let Some(stream) = self.pair.side(role).session.accept().unwrap() {
                    self.streams.get_mut(&role).unwrap().push(stream);
                }
                for stream in self.streams[&role].clone() {
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
}

/// The byte that every stream has at a place.
fn byte_at(place: usize) -> u8 {
    u8::try_from(place % 251).unwrap()
}

/// A frame that a remote may come up with.
fn frame() -> impl Strategy<Value = Vec<u8>> {
    let length = prop_oneof![0..20u32, 0..300_000u32, INITIAL_WINDOW - 2..INITIAL_WINDOW + 2];
    (0..5u8, 0..17u8, 0..12u8, length, any::<bool>()).prop_map(
        |(kind, flags, stream, length, whole)| {
            let mut bytes = vec![0, kind, 0, flags, 0, 0, 0, stream];
            bytes.extend(length.to_be_bytes());
            if kind == 0 && whole {
                bytes.resize(HEADER_LENGTH + length as usize, 9);
            }
            bytes
        },
    )
}

/// What our side does meanwhile.
fn act(session: &mut Session, choice: u8, pair: &Pair) {
    let streams: Vec<StreamId> = session.streams.keys().copied().collect();
    let stream = streams.get(usize::from(choice) % streams.len().max(1)).copied();
    let Some(stream) = stream else {
        let _ = session.open();
        return;
    };
    match choice % 8 {
        0 => drop(session.open()),
        1 => drop(session.accept()),
        2 => drop(session.write(stream, 100_000)),
        3 => drop(session.read(stream, 100_000, pair.now)),
        4 => drop(session.shutdown(stream)),
        5 => session.reset(stream),
        6 => session.release(stream, pair.now),
        _ => drop(session.poll_transmit()),
    }
}

fn survives(inputs: &[(Vec<u8>, u8)]) {
    let pair = Pair::new();
    let config = Config { max_buffered: 1 << 20, max_streams: 8, ..Config::default() };
    let mut session = Session::new(config, Role::Listener, pair.now);
    for (bytes, choice) in inputs {
        let received = session.receive(Bytes::copy_from_slice(bytes), pair.now);
        act(&mut session, *choice, &pair);
        let unread: usize = session.streams.values().map(|state| state.inbox.len()).sum();
        assert_eq!(unread, session.unread);
        assert!(unread <= 1 << 20);
        assert!(session.streams.len() <= 8);
        assert!(session.replies.len() <= 1024);
        while session.poll_event().is_some() {}
        if received.is_err() {
            return;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_byte_arrives_in_order_and_no_window_is_overrun(
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let mut world = World::new();
        steps.into_iter().for_each(|step| world.take(step));
        world.finish();
    }

    #[test]
    fn no_frames_panic_or_take_more_memory_than_allowed(
        inputs in prop::collection::vec((frame(), any::<u8>()), 1..60),
    ) {
        survives(&inputs);
    }

    #[test]
    fn no_bytes_panic(
        inputs in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..40), any::<u8>()), 1..20),
    ) {
        survives(&inputs);
    }
}
