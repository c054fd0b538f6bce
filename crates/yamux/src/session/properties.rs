//! What holds whatever the two sides do, and whatever a remote sends.

use std::time::Instant;

use bytes::Bytes;
use peerloom_core::Role;
use peerloom_muxer_shell::Session as _;
use peerloom_testkit::session::{Step, World, act};
use proptest::prelude::*;

use super::Session;
use super::tests::new_pair;
use crate::Config;
use crate::frame::HEADER_LENGTH;
use crate::window::INITIAL_WINDOW;

fn step() -> impl Strategy<Value = Step> {
    let role = prop_oneof![Just(Role::Dialer), Just(Role::Listener)];
    (any::<u8>(), role, 0..8usize, 0..100_000usize).prop_map(|(kind, role, stream, amount)| Step {
        kind,
        role,
        stream,
        amount,
    })
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

/// Nothing is buffered that was not granted.
fn check_memory(session: &Session) {
    let unread: usize = session.streams.iter().map(|(_, life)| life.unread()).sum();
    assert_eq!(unread, session.streams.unread());
    assert!(unread <= session.config.max_buffered);
    assert!(session.streams.queued() <= session.streams.len());
}

fn survives(inputs: &[(Vec<u8>, u8)]) {
    let now = Instant::now();
    let config = Config { max_buffered: 1 << 20, max_streams: 8, ..Config::default() };
    let mut session = Session::new(config, Role::Listener, now);
    for (bytes, choice) in inputs {
        let received = session.receive(&mut Bytes::copy_from_slice(bytes), now);
        let streams: Vec<_> = session.streams.iter().map(|(stream, _)| stream).collect();
        let stream = streams.get(usize::from(*choice) % streams.len().max(1));
        act(&mut session, stream.copied(), *choice, now);
        check_memory(&session);
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
        let mut world = World::new(new_pair(&Config::default()));
        for step in steps {
            world.take(step);
            check_memory(&world.pair.dialer.session);
            check_memory(&world.pair.listener.session);
        }
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
