//! How a session behaves, step by step.

use std::time::{Duration, Instant};

use bytes::Bytes;
use peerloom_core::Role;
use peerloom_muxer_shell::{LINGER, MAX_BACKLOG, Session as _};
use peerloom_testkit::session::{Pair, Side};

use super::{Event, Read, Session};
use crate::frame::{Frame, Kind, Sender, StreamId};
use crate::{Config, Error, Violation, WhenFull};

const PATIENCE: Duration = Duration::from_secs(5);

/// Two sessions of that configuration.
pub(super) fn new_pair(config: &Config) -> Pair<Session> {
    Pair::new(|role, _| Session::new(config.clone(), role))
}

/// Small bounds, so that tests reach them.
fn small(when_full: WhenFull) -> Config {
    Config { max_unread: 1000, max_buffered: 2500, when_full, ..Config::default() }
}

/// A stream of the dialer's.
fn id(number: u64) -> StreamId {
    StreamId::new(number, Role::Dialer)
}

/// A message as it is on the wire.
pub(super) fn message(kind: Kind, number: u64, data: &[u8]) -> Vec<u8> {
    let frame = Frame::new(kind, number, u32::try_from(data.len()).unwrap()).unwrap();
    [frame.encode().as_ref(), data].concat()
}

fn opening(number: u64) -> Vec<u8> {
    message(Kind::NewStream, number, b"name")
}

/// Data from the side that opened the stream.
fn data(number: u64, data: &[u8]) -> Vec<u8> {
    message(Kind::Message(Sender::Initiator), number, data)
}

fn close(number: u64) -> Vec<u8> {
    message(Kind::Close(Sender::Initiator), number, b"")
}

fn reset(number: u64) -> Vec<u8> {
    message(Kind::Reset(Sender::Initiator), number, b"")
}

/// What a test of mplex wants of a side beside what every muxer's does.
trait Messages {
    /// The messages on the wire, but for their data; takes them off it.
    fn messages(&mut self) -> Vec<(Kind, u64)>;

    /// Gives the session bytes as if they came from the remote. How many it left.
    fn hear(&mut self, bytes: impl AsRef<[u8]>, now: Instant) -> Result<usize, Error>;
}

impl Messages for Side<Session> {
    fn messages(&mut self) -> Vec<(Kind, u64)> {
        self.transmit();
        let (mut wire, mut messages) = (self.wire.split(), Vec::new());
        while !wire.is_empty() {
            let (frame, length) = Frame::decode(&wire).unwrap().unwrap();
            drop(wire.split_to(length + frame.length() as usize));
            messages.push((frame.kind(), frame.number()));
        }
        messages
    }

    fn hear(&mut self, bytes: impl AsRef<[u8]>, now: Instant) -> Result<usize, Error> {
        let mut bytes = Bytes::copy_from_slice(bytes.as_ref());
        self.session.receive(&mut bytes, now)?;
        Ok(bytes.len())
    }
}

#[test]
fn a_new_stream_and_its_first_data_go_together() {
    let mut pair = new_pair(&Config::default());
    let stream = pair.dialer.session.open().unwrap().unwrap();
    pair.dialer.transmit();
    assert!(pair.dialer.wire.is_empty(), "opening says nothing");
    let segment = pair.dialer.session.write(stream, 5).unwrap().unwrap();
    assert_eq!(segment.header.as_ref(), [0, 1, b'0', 2, 5], "its name is its number");
    let segment = pair.dialer.session.write(stream, 3).unwrap().unwrap();
    assert_eq!(segment.header.as_ref(), [2, 3]);
}

#[test]
fn reading_or_flushing_announces_a_stream() {
    let mut pair = new_pair(&Config::default());
    let (read, flushed) = (
        pair.dialer.session.open().unwrap().unwrap(),
        pair.dialer.session.open().unwrap().unwrap(),
    );
    assert_eq!(pair.dialer.session.read(read, 9, pair.now).unwrap(), Read::Later);
    assert!(pair.dialer.session.flush(flushed).unwrap());
    assert_eq!(pair.dialer.messages(), [(Kind::NewStream, 0), (Kind::NewStream, 1)]);
    assert!(!pair.dialer.session.flush(flushed).unwrap());
}

#[test]
fn a_finish_comes_after_the_announcement_and_once() {
    let mut pair = new_pair(&Config::default());
    let stream = pair.dialer.session.open().unwrap().unwrap();
    pair.dialer.session.shutdown(stream).unwrap();
    pair.dialer.session.shutdown(stream).unwrap();
    let said = pair.dialer.messages();
    assert_eq!(said, [(Kind::NewStream, 0), (Kind::Close(Sender::Initiator), 0)]);
    assert!(matches!(pair.dialer.session.write(stream, 1), Err(Error::Closed)));
}

#[test]
fn both_sides_streams_of_one_number_are_two() {
    let mut pair = new_pair(&Config::default());
    let ours = pair.dialer.session.open().unwrap().unwrap();
    let theirs = pair.listener.session.open().unwrap().unwrap();
    assert_eq!((ours.number(), theirs.number()), (0, 0));
    assert_ne!(u64::from(ours), u64::from(theirs));
    pair.dialer.write(ours, b"from the dialer").unwrap();
    pair.listener.write(theirs, b"from the listener").unwrap();
    pair.drive();
    assert_eq!(pair.listener.session.accept().unwrap(), Some(ours));
    assert_eq!(pair.dialer.session.accept().unwrap(), Some(theirs));
    pair.listener.write(ours, b"answer").unwrap();
    pair.drive();
    assert_eq!(pair.listener.read(ours, pair.now).unwrap(), b"from the dialer");
    assert_eq!(pair.dialer.read(theirs, pair.now).unwrap(), b"from the listener");
    assert_eq!(pair.dialer.read(ours, pair.now).unwrap(), b"answer");
    pair.dialer.session.reset(ours);
    pair.drive();
    pair.listener.write(theirs, b"lives on").unwrap();
    pair.drive();
    assert_eq!(pair.dialer.read(theirs, pair.now).unwrap(), b"lives on");
    assert!(matches!(pair.listener.session.read(ours, 1, pair.now), Err(Error::Reset)));
}

#[test]
fn a_message_of_a_mebibyte_is_taken_in_pieces_and_a_longer_one_is_refused() {
    let config = Config { max_unread: 2 << 20, ..Config::default() };
    let mut pair = new_pair(&config);
    pair.listener.hear(opening(7), pair.now).unwrap();
    let whole = data(7, &vec![5; 1 << 20]);
    let (first, rest) = whole.split_at(1000);
    pair.listener.hear(first, pair.now).unwrap();
    assert_eq!(pair.listener.read(id(7), pair.now).unwrap().len(), 1000 - 4, "what is there");
    pair.listener.hear(rest, pair.now).unwrap();
    assert_eq!(pair.listener.read(id(7), pair.now).unwrap().len(), whole.len() - 1000);
    let too_long = [58, 0x81, 0x80, 0x40];
    let error = pair.listener.hear(too_long, pair.now).unwrap_err();
    assert!(matches!(error, Error::Violation(Violation::MessageTooLong(1_048_577))));
}

#[test]
fn no_message_of_ours_is_longer_than_64_kib() {
    let mut pair = new_pair(&Config::default());
    let stream = pair.dialer.session.open().unwrap().unwrap();
    assert_eq!(pair.dialer.write(stream, &[7; 200_000]).unwrap(), 200_000);
    let said = pair.dialer.messages();
    assert_eq!(said.len(), 1 + 4);
    let segment = pair.dialer.session.write(stream, usize::MAX).unwrap().unwrap();
    assert_eq!(segment.length, 64 * 1024);
}

#[test]
fn a_name_is_told_and_an_endless_one_costs_little() {
    let mut pair = new_pair(&Config::default());
    pair.listener.hear(message(Kind::NewStream, 3, b"echo"), pair.now).unwrap();
    assert_eq!(pair.listener.session.name(id(3)).unwrap(), "echo");
    pair.listener.hear(message(Kind::NewStream, 4, &[b'x'; 1 << 20]), pair.now).unwrap();
    assert_eq!(pair.listener.session.name(id(4)).unwrap().len(), 64);
    pair.listener.hear(message(Kind::NewStream, 5, &[0xff]), pair.now).unwrap();
    assert_eq!(pair.listener.session.name(id(5)).unwrap(), "\u{fffd}");
    assert_eq!(pair.listener.session.streams.unread(), 0, "a name is no data");
    pair.listener.hear(data(4, b"and data"), pair.now).unwrap();
    assert_eq!(pair.listener.read(id(4), pair.now).unwrap(), b"and data");
}

#[test]
fn a_stream_that_is_full_stops_the_line_until_half_of_it_has_been_read() {
    let mut pair = new_pair(&small(WhenFull::Wait(PATIENCE)));
    pair.listener.hear([opening(0), opening(1)].concat(), pair.now).unwrap();
    pair.listener.events();
    let wire = [data(0, &[7; 1500]), data(1, b"behind it")].concat();
    let left = pair.listener.hear(&wire, pair.now).unwrap();
    assert_eq!(left, 500 + 2 + 9, "nothing but what there is room for");
    assert_eq!(pair.listener.session.streams.unread(), 1000);
    pair.listener.session.read(id(0), 499, pair.now).unwrap();
    assert_eq!(pair.listener.events(), []);
    pair.listener.session.read(id(0), 1, pair.now).unwrap();
    assert_eq!(pair.listener.events(), [Event::Receptive]);
    assert_eq!(pair.listener.events(), [], "it is told once");
    let left = pair.listener.hear(&wire[wire.len() - left..], pair.now).unwrap();
    assert_eq!(left, 0);
    assert_eq!(pair.listener.session.streams.unread(), 1000 + 9);
    assert_eq!(pair.listener.read(id(1), pair.now).unwrap(), b"behind it");
}

#[test]
fn a_stream_that_stays_full_is_reset_in_time_and_the_others_go_on() {
    let mut pair = new_pair(&small(WhenFull::Wait(PATIENCE)));
    pair.listener.hear([opening(0), opening(1)].concat(), pair.now).unwrap();
    let wire = [data(0, &[7; 1500]), data(1, b"behind it")].concat();
    let left = pair.listener.hear(&wire, pair.now).unwrap();
    let rest = &wire[wire.len() - left..];
    assert_eq!(pair.listener.session.poll_timeout(), Some(pair.now + PATIENCE));
    pair.pass(PATIENCE - Duration::from_millis(1));
    pair.listener.session.read(id(0), 100, pair.now).unwrap();
    assert_eq!(pair.listener.hear(rest, pair.now).unwrap(), left, "a little is not enough");
    pair.listener.events();
    pair.pass(Duration::from_millis(1));
    assert!(pair.listener.events().contains(&Event::Receptive));
    assert_eq!(pair.listener.session.poll_timeout(), None);
    assert_eq!(pair.listener.hear(rest, pair.now).unwrap(), 0);
    assert_eq!(pair.listener.messages(), [(Kind::Reset(Sender::Receiver), 0)]);
    let error = pair.listener.read(id(0), pair.now).unwrap_err();
    assert!(matches!(error, Error::TooMuchUnread(1000)));
    assert_eq!(pair.listener.read(id(1), pair.now).unwrap(), b"behind it");
    assert_eq!(pair.listener.session.streams.unread(), 0);
}

#[test]
fn a_stream_that_is_full_is_reset_at_once_when_nobody_waits() {
    let mut pair = new_pair(&small(WhenFull::Reset));
    pair.listener.hear([opening(0), opening(1)].concat(), pair.now).unwrap();
    let wire = [data(0, &[7; 1500]), data(1, b"behind it")].concat();
    assert_eq!(pair.listener.hear(&wire, pair.now).unwrap(), 0);
    assert_eq!(pair.listener.messages(), [(Kind::Reset(Sender::Receiver), 0)]);
    assert_eq!(pair.listener.session.poll_timeout(), None);
    assert_eq!(pair.listener.read(id(1), pair.now).unwrap(), b"behind it");
    assert_eq!(pair.listener.hear(data(0, &[7; 1500]), pair.now).unwrap(), 0, "thrown away");
    assert_eq!((pair.listener.messages(), pair.listener.session.streams.unread()), (vec![], 0));
}

#[test]
fn a_stream_that_has_lost_data_never_reads_as_if_it_had_ended_well() {
    let mut pair = new_pair(&small(WhenFull::Reset));
    let finished = [opening(0), data(0, &[7; 900]), close(0)].concat();
    let others = [opening(1), data(1, &[7; 800]), opening(2), data(2, &[7; 801])].concat();
    pair.listener.hear([finished, others].concat(), pair.now).unwrap();
    let error = pair.listener.read(id(0), pair.now).unwrap_err();
    assert!(matches!(error, Error::TooMuchUnread(2500)), "its end had come, and was thrown away");

    let mut pair = new_pair(&small(WhenFull::Reset));
    let late = [opening(0), data(0, &[7; 1001]), close(0)].concat();
    pair.listener.hear(late, pair.now).unwrap();
    let error = pair.listener.read(id(0), pair.now).unwrap_err();
    assert!(matches!(error, Error::TooMuchUnread(1000)), "its end came when it was reset");

    pair.listener.hear([opening(1), data(1, b"lost")].concat(), pair.now).unwrap();
    while pair.listener.session.accept().unwrap().is_some() {}
    pair.listener.hear([reset(1), close(1)].concat(), pair.now).unwrap();
    let error = pair.listener.read(id(1), pair.now).unwrap_err();
    assert!(matches!(error, Error::Reset));
}

#[test]
fn when_the_connection_is_full_the_fullest_stream_is_to_blame() {
    for when_full in [WhenFull::Wait(PATIENCE), WhenFull::Reset] {
        let mut pair = new_pair(&small(when_full));
        for (number, length) in [(0, 700), (1, 900), (2, 800)] {
            let wire = [opening(number), data(number, &vec![7; length])].concat();
            assert_eq!(pair.listener.hear(wire, pair.now).unwrap(), 0);
        }
        let wire = [opening(3), data(3, &[7; 200])].concat();
        let left = pair.listener.hear(&wire, pair.now).unwrap();
        if when_full != WhenFull::Reset {
            assert_eq!((left, pair.listener.session.streams.unread()), (100, 2500));
            pair.pass(PATIENCE);
            pair.listener.events();
            assert_eq!(pair.listener.hear(&wire[wire.len() - left..], pair.now).unwrap(), 0);
        }
        assert_eq!(pair.listener.messages(), [(Kind::Reset(Sender::Receiver), 1)]);
        let error = pair.listener.read(id(1), pair.now).unwrap_err();
        assert!(matches!(error, Error::TooMuchUnread(2500)));
        assert_eq!(pair.listener.session.streams.unread(), 700 + 800 + 200);
    }
}

#[test]
fn a_full_connection_goes_on_when_others_have_read_enough() {
    let mut pair = new_pair(&small(WhenFull::Wait(PATIENCE)));
    for number in 0..3 {
        pair.listener.hear([opening(number), data(number, &[7; 800])].concat(), pair.now).unwrap();
    }
    pair.listener.hear(opening(3), pair.now).unwrap();
    assert_eq!(pair.listener.hear(data(3, &[7; 200]), pair.now).unwrap(), 100);
    pair.listener.events();
    pair.listener.session.read(id(1), 399, pair.now).unwrap();
    assert_eq!(pair.listener.events(), []);
    pair.listener.session.read(id(2), 1, pair.now).unwrap();
    assert_eq!(pair.listener.events(), [Event::Receptive]);
}

#[test]
fn a_full_connection_goes_on_when_nobody_wants_what_comes_next() {
    let mut pair = new_pair(&small(WhenFull::Wait(PATIENCE)));
    for number in 0..3 {
        pair.listener.hear([opening(number), data(number, &[7; 800])].concat(), pair.now).unwrap();
    }
    pair.listener.hear(opening(3), pair.now).unwrap();
    assert_eq!(pair.listener.hear(data(3, &[7; 200]), pair.now).unwrap(), 100);
    pair.listener.session.reset(id(3));
    assert!(pair.listener.events().contains(&Event::Receptive));
    assert_eq!(pair.listener.hear([7; 100], pair.now).unwrap(), 0);
}

#[test]
fn a_line_that_waits_for_a_stream_goes_on_when_that_is_dropped_or_reset() {
    type End = fn(&mut Session, Instant);
    let ends: [End; 3] = [
        |session, now| session.release(id(0), now),
        |session, _| session.reset(id(0)),
        |session, now| {
            session.shutdown(id(0)).unwrap();
            session.release(id(0), now);
        },
    ];
    for end in ends {
        let mut pair = new_pair(&small(WhenFull::Wait(PATIENCE)));
        pair.listener.hear(opening(0), pair.now).unwrap();
        pair.listener.session.accept().unwrap();
        assert_eq!(pair.listener.hear(data(0, &[7; 1500]), pair.now).unwrap(), 500);
        pair.listener.events();
        end(&mut pair.listener.session, pair.now);
        assert!(pair.listener.events().contains(&Event::Receptive));
        assert_eq!(pair.listener.hear([7; 500], pair.now).unwrap(), 0);
        assert_eq!(pair.listener.session.streams.unread(), 0);
    }
}

#[test]
fn streams_that_nobody_accepts_are_refused_beyond_the_backlog_and_a_flood_ends_it_all() {
    let mut pair = new_pair(&Config::default());
    let backlog = u64::try_from(MAX_BACKLOG).unwrap();
    for number in 0..backlog + 44 {
        pair.listener.hear([opening(number), data(number, b"!")].concat(), pair.now).unwrap();
    }
    let refused = pair.listener.messages();
    assert_eq!((refused.len(), refused[0]), (44, (Kind::Reset(Sender::Receiver), backlog)));
    assert_eq!(pair.listener.session.streams(), MAX_BACKLOG);
    assert_eq!(pair.listener.session.streams.unread(), MAX_BACKLOG, "of the refused nothing");
    let flood = (1000..4000).find_map(|n| pair.listener.hear(opening(n), pair.now).err());
    assert!(matches!(flood, Some(Error::Violation(Violation::ReplyFlood(1024)))));
}

#[test]
fn max_streams_holds_for_both_sides() {
    let mut pair = new_pair(&Config { max_streams: 3, ..Config::default() });
    for number in 0..5 {
        pair.listener.hear(opening(number), pair.now).unwrap();
    }
    assert_eq!(pair.listener.messages().len(), 2);
    assert!(matches!(pair.listener.session.open(), Err(Error::TooManyStreams(3))));
    pair.listener.hear(reset(0), pair.now).unwrap();
    assert!(pair.listener.session.open().unwrap().is_some());
}

#[test]
fn messages_for_unknown_streams_cost_nothing_and_are_not_answered() {
    let mut pair = new_pair(&Config::default());
    pair.listener.session.open().unwrap();
    for number in 0..2000 {
        let unknown = [
            data(number, &[7; 100]),
            close(number),
            reset(number),
            message(Kind::Message(Sender::Receiver), number, &[7; 100]),
            message(Kind::Reset(Sender::Receiver), number + 1, b""),
        ];
        assert_eq!(pair.listener.hear(unknown.concat(), pair.now).unwrap(), 0);
    }
    let session = &pair.listener.session;
    assert_eq!((session.streams(), session.streams.unread()), (1, 0));
    assert_eq!((pair.listener.messages(), pair.listener.events().len()), (vec![], 0));
}

#[test]
fn nothing_is_said_of_a_stream_that_the_remote_has_reset() {
    let mut pair = new_pair(&Config::default());
    pair.listener.hear([opening(0), data(0, b"hello")].concat(), pair.now).unwrap();
    pair.listener.session.accept().unwrap();
    pair.listener.session.shutdown(id(0)).unwrap();
    pair.listener.hear(reset(0), pair.now).unwrap();
    assert_eq!(pair.listener.messages(), [], "the close that was due is not sent");
    assert!(matches!(pair.listener.session.write(id(0), 1), Err(Error::Reset)));
    assert!(matches!(pair.listener.session.read(id(0), 1, pair.now), Err(Error::Reset)));
    pair.listener.hear([data(0, b"late"), close(0), reset(0)].concat(), pair.now).unwrap();
    pair.listener.session.reset(id(0));
    pair.listener.session.release(id(0), pair.now);
    assert_eq!((pair.listener.messages(), pair.listener.session.streams()), (vec![], 0));
}

#[test]
fn a_reset_that_was_due_is_not_sent_after_the_remotes() {
    let mut pair = new_pair(&Config::default());
    pair.listener.hear(opening(0), pair.now).unwrap();
    pair.listener.session.accept().unwrap();
    pair.listener.session.reset(id(0));
    pair.listener.hear(reset(0), pair.now).unwrap();
    assert_eq!(pair.listener.messages(), []);
}

#[test]
fn what_came_before_an_end_is_read_though_more_and_a_reset_follow() {
    let mut pair = new_pair(&Config::default());
    let wire = [opening(0), data(0, b"last"), close(0), data(0, b"after"), close(0), reset(0)];
    pair.listener.hear(wire.concat(), pair.now).unwrap();
    assert_eq!(pair.listener.session.accept().unwrap(), Some(id(0)));
    assert_eq!(pair.listener.read(id(0), pair.now).unwrap(), b"last");
    assert_eq!(pair.listener.session.read(id(0), 1, pair.now).unwrap(), Read::End);
    assert!(matches!(pair.listener.session.write(id(0), 1), Err(Error::Reset)));
}

#[test]
fn a_stream_that_is_opened_twice_ends_the_connection() {
    let mut pair = new_pair(&Config::default());
    let error = pair.listener.hear([opening(9), opening(9)].concat(), pair.now).unwrap_err();
    assert!(matches!(error, Error::Violation(Violation::DuplicateStream(9))));
}

#[test]
fn a_number_of_a_stream_that_is_gone_can_be_used_again() {
    let mut pair = new_pair(&Config::default());
    let wire = [opening(9), reset(9), opening(9), data(9, b"new")].concat();
    pair.listener.hear(wire, pair.now).unwrap();
    assert_eq!(pair.listener.session.accept().unwrap(), Some(id(9)));
    assert_eq!(pair.listener.read(id(9), pair.now).unwrap(), b"new");
    assert!(matches!(pair.listener.session.accept(), Ok(None)), "of the old one nothing is left");
}

#[test]
fn who_uses_a_number_again_does_not_wait_for_the_time_of_its_old_stream() {
    let mut pair = new_pair(&Config::default());
    pair.listener.hear(opening(9), pair.now).unwrap();
    assert_eq!(pair.listener.session.accept().unwrap(), Some(id(9)));
    pair.listener.session.shutdown(id(9)).unwrap();
    pair.listener.session.release(id(9), pair.now);
    pair.listener.messages();
    pair.listener.hear([close(9), opening(9)].concat(), pair.now).unwrap();
    assert_eq!(pair.listener.session.accept().unwrap(), Some(id(9)));
    pair.pass(LINGER);
    assert!(pair.listener.session.writable(id(9)).is_ok(), "the new one is in use");
    assert_eq!(pair.listener.messages(), []);
}

#[test]
fn rapid_opening_and_resetting_leaves_nothing_behind() {
    let mut pair = new_pair(&Config::default());
    for number in 0..50_000 {
        let wire = [opening(number), data(number, b"abc"), reset(number)].concat();
        pair.listener.hear(wire, pair.now).unwrap();
        pair.listener.events();
    }
    let session = &pair.listener.session;
    assert_eq!((session.streams(), session.streams.backlog()), (0, 0));
    assert_eq!((session.streams.unread(), session.streams.queued()), (0, 0));
    assert_eq!(pair.listener.messages(), []);
}

#[test]
fn resets_of_ours_that_cannot_be_sent_count_as_streams() {
    let mut pair = new_pair(&Config { max_streams: 10, ..Config::default() });
    let flood = (0..2000).find_map(|number| {
        let error = pair.listener.hear(opening(number), pair.now).err();
        if let Ok(Some(stream)) = pair.listener.session.accept() {
            pair.listener.session.release(stream, pair.now);
        }
        error
    });
    assert!(matches!(flood, Some(Error::Violation(Violation::ReplyFlood(_)))));
    assert!(pair.listener.session.streams.queued() <= 10);
}

#[test]
fn small_messages_do_not_keep_what_they_came_with() {
    let mut pair = new_pair(&Config::default());
    let wire = [opening(0), opening(1), data(0, b"!"), data(1, &[8; 100_000])].concat();
    let received = Bytes::from(wire);
    pair.listener.session.receive(&mut received.clone(), pair.now).unwrap();
    assert!(!received.is_unique(), "the large message stays where it is");
    pair.listener.session.reset(id(1));
    assert!(received.is_unique(), "the small one was copied");
}

#[test]
fn a_finished_stream_that_is_dropped_waits_for_the_other_side() {
    let mut pair = new_pair(&Config::default());
    let stream = pair.stream();
    pair.dialer.write(stream, b"last").unwrap();
    pair.dialer.session.shutdown(stream).unwrap();
    pair.dialer.session.release(stream, pair.now);
    pair.drive();
    assert_eq!(pair.listener.read(stream, pair.now).unwrap(), b"last");
    assert_eq!(pair.listener.session.read(stream, 1, pair.now).unwrap(), Read::End);
    assert_eq!(pair.dialer.session.streams(), 1);
    pair.listener.session.shutdown(stream).unwrap();
    pair.listener.session.release(stream, pair.now);
    pair.drive();
    assert_eq!((pair.dialer.session.streams(), pair.listener.session.streams()), (0, 0));
}

#[test]
fn a_dropped_stream_is_reset_once_when_data_comes_for_it_or_nothing_does() {
    for data_comes in [true, false] {
        let mut pair = new_pair(&Config::default());
        let stream = pair.stream();
        pair.dialer.session.shutdown(stream).unwrap();
        pair.dialer.session.release(stream, pair.now);
        pair.drive();
        if data_comes {
            for _ in 0..9 {
                pair.listener.write(stream, b"is anybody there?").unwrap();
            }
            pair.deliver(Role::Listener).unwrap();
        } else {
            assert_eq!(pair.dialer.session.poll_timeout(), Some(pair.now + LINGER));
            pair.pass(LINGER);
        }
        assert_eq!(pair.dialer.messages(), [(Kind::Reset(Sender::Initiator), 0)]);
        assert_eq!(pair.dialer.session.streams(), 0);
    }
}

#[test]
fn the_end_of_the_line_is_a_goodbye_only_between_messages() {
    let whole = [opening(0), data(0, b"hello")].concat();
    for length in 0..=whole.len() {
        let mut pair = new_pair(&Config::default());
        pair.listener.hear(&whole[..length], pair.now).unwrap();
        pair.listener.session.receive_end();
        let between = [0, opening(0).len(), whole.len()].contains(&length);
        assert_eq!(pair.listener.session.is_remote_closed(), between, "after {length} bytes");
        assert_eq!(pair.listener.session.open().is_err(), between);
    }
}

#[test]
fn what_was_to_be_said_is_said_after_our_goodbye() {
    let mut pair = new_pair(&Config::default());
    let stream = pair.dialer.session.open().unwrap().unwrap();
    pair.dialer.write(stream, b"hello").unwrap();
    pair.dialer.session.shutdown(stream).unwrap();
    pair.dialer.session.fail(Error::Closed);
    assert_eq!(pair.dialer.messages().last(), Some(&(Kind::Close(Sender::Initiator), 0)));
    assert!(matches!(pair.dialer.session.open(), Err(Error::Closed)));
    assert!(matches!(pair.dialer.session.read(stream, 1, pair.now), Err(Error::Closed)));
}
