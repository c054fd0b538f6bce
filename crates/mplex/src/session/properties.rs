//! What holds whatever the two sides do, and whatever a remote sends.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use peerloom_core::Role;
use peerloom_muxer_shell::Session as _;
use peerloom_testkit::session::{Step, World, act};
use proptest::prelude::*;

use super::Session;
use super::tests::{message, new_pair};
use crate::frame::{Kind, Sender};
use crate::{Config, WhenFull};

fn step() -> impl Strategy<Value = Step> {
    let role = prop_oneof![Just(Role::Dialer), Just(Role::Listener)];
    (any::<u8>(), role, 0..8usize, 0..100_000usize).prop_map(|(kind, role, stream, amount)| Step {
        kind,
        role,
        stream,
        amount,
    })
}

/// A message that a remote may come up with, not always whole.
fn any_message() -> impl Strategy<Value = Vec<u8>> {
    let sender = prop_oneof![Just(Sender::Initiator), Just(Sender::Receiver)];
    let kind = (0..6u8, sender).prop_map(|(kind, sender)| match kind {
        0 => Kind::NewStream,
        1 => Kind::Close(sender),
        2 => Kind::Reset(sender),
        _ => Kind::Message(sender),
    });
    let length = prop_oneof![Just(0), 0..20usize, 0..30_000usize, Just(100_000)];
    (kind, 0..12u64, length, any::<bool>()).prop_map(|(kind, number, length, whole)| {
        let mut bytes = message(kind, number, &vec![9; length]);
        bytes.truncate(if whole { bytes.len() } else { bytes.len().saturating_sub(3) });
        bytes
    })
}

fn check_memory(session: &Session) {
    let unread: usize = session.streams.iter().map(|(_, life)| life.unread()).sum();
    assert_eq!(unread, session.streams.unread());
    assert!(unread <= session.config.max_buffered);
    assert!(session.streams.iter().all(|(_, life)| life.unread() <= session.config.max_unread));
    assert!(session.streams.queued() <= session.streams.len());
    assert!(session.streams.len() <= session.config.max_streams);
    assert!(session.refused.len() <= 1024);
}

fn small(when_full: WhenFull) -> Config {
    Config { max_streams: 8, max_unread: 10_000, max_buffered: 30_000, when_full }
}

/// A driver of a session with that remote: offers again what was left, and comes when it is time.
fn survives(config: Config, inputs: &[(Vec<u8>, u8)]) {
    let mut now = Instant::now();
    let mut session = Session::new(config, Role::Listener);
    let mut wire = BytesMut::new();
    for (bytes, choice) in inputs {
        wire.extend_from_slice(bytes);
        let mut left = wire.split().freeze();
        let received = session.receive(&mut left, now);
        let streams: Vec<_> = session.streams.iter().map(|(stream, _)| stream).collect();
        let stream = streams.get(usize::from(*choice) % streams.len().max(1));
        act(&mut session, stream.copied(), *choice, now);
        check_memory(&session);
        while session.poll_event().is_some() {}
        if received.is_err() {
            return;
        }
        wire = left.into();
        now += Duration::from_secs(u64::from(choice % 3));
        session.handle_timeout(now).unwrap();
    }
    for _ in 0..2 * inputs.len() {
        while session.poll_event().is_some() {}
        let mut left: Bytes = wire.split().freeze();
        if session.receive(&mut left, now).is_err() || left.is_empty() {
            return;
        }
        wire = left.into();
        now = session.poll_timeout().expect("somebody is waited for");
        session.handle_timeout(now).unwrap();
    }
    panic!("a stream blocks the others for ever");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_byte_arrives_in_order_though_readers_are_slow(
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let mut world = World::new(new_pair(&Config::default()));
        for step in steps {
            world.take(step);
            check_memory(&world.pair.dialer.session);
            check_memory(&world.pair.listener.session);
        }
        world.finish();
    }

    #[test]
    fn no_messages_panic_take_more_memory_than_allowed_or_stop_the_line_for_ever(
        inputs in prop::collection::vec((any_message(), any::<u8>()), 1..60),
    ) {
        survives(small(WhenFull::Wait(Duration::from_secs(5))), &inputs);
        survives(small(WhenFull::Reset), &inputs);
    }

    #[test]
    fn no_bytes_panic(
        inputs in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..40), any::<u8>()), 1..20),
    ) {
        survives(small(WhenFull::Wait(Duration::from_secs(5))), &inputs);
    }
}
