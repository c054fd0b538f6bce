//! How a session behaves, step by step.

use std::time::{Duration, Instant};

use bytes::Bytes;
use peerloom_core::Role;
use peerloom_muxer_shell::{LINGER, Session as _};
use peerloom_testkit::session::{Pair, Side};

use super::{Event, MAX_UNACKNOWLEDGED, Read, Session};
use crate::frame::{Flags, Frame, GoAway, HEADER_LENGTH, StreamId};
use crate::window::INITIAL_WINDOW;
use crate::{Config, Error, Violation};

const WINDOW: usize = INITIAL_WINDOW as usize;

/// Two sessions of that configuration.
pub(super) fn new_pair(config: &Config) -> Pair<Session> {
    Pair::new(|role, now| Session::new(config.clone(), role, now))
}

/// What a test of yamux wants of a side beside what every muxer's does.
trait Frames {
    /// The frames on the wire, without their bodies and without our pings; takes them off it.
    fn frames(&mut self) -> Vec<Frame>;

    /// Gives the session a frame as if it came from the remote, with a body of zeros.
    fn handle(&mut self, frame: Frame, now: Instant) -> Result<(), Error>;
}

impl Frames for Side<Session> {
    fn frames(&mut self) -> Vec<Frame> {
        self.transmit();
        let (mut wire, mut frames) = (self.wire.split(), Vec::new());
        while !wire.is_empty() {
            let header = wire.split_to(HEADER_LENGTH);
            let frame = Frame::decode(header[..].try_into().unwrap()).unwrap();
            if let Frame::Data { length, .. } = frame {
                drop(wire.split_to(length as usize));
            }
            frames.push(frame);
        }
        frames.retain(|frame| !matches!(frame, Frame::Ping(_)));
        frames
    }

    fn handle(&mut self, frame: Frame, now: Instant) -> Result<(), Error> {
        let mut bytes = frame.encode().to_vec();
        if let Frame::Data { length, .. } = frame {
            bytes.resize(bytes.len() + length.min(1 << 24) as usize, 0);
        }
        self.session.receive(&mut Bytes::from(bytes), now)
    }
}

fn id(number: u32) -> StreamId {
    StreamId::new(number).unwrap()
}

fn data(number: u32, flags: Flags, length: u32) -> Frame {
    Frame::Data { stream: id(number), flags, length }
}

fn update(number: u32, flags: Flags, credit: u32) -> Frame {
    Frame::WindowUpdate { stream: id(number), flags, credit }
}

#[test]
fn a_new_stream_and_its_first_data_are_one_frame() {
    let mut pair = new_pair(&Config::default());
    let stream = pair.dialer.session.open().unwrap().unwrap();
    assert_eq!(pair.dialer.frames(), [], "opening says nothing");
    pair.dialer.write(stream, b"hello").unwrap();
    pair.dialer.write(stream, b"again").unwrap();
    assert_eq!(pair.dialer.frames(), [data(1, Flags::SYN, 5), data(1, Flags::NONE, 5)]);
}

#[test]
fn the_first_answer_acknowledges_a_stream() {
    let mut pair = new_pair(&Config::default());
    let stream = pair.dialer.session.open().unwrap().unwrap();
    pair.dialer.write(stream, b"hello").unwrap();
    pair.deliver(Role::Dialer).unwrap();
    assert_eq!(pair.listener.events(), [Event::Incoming]);
    pair.listener.session.accept().unwrap();
    assert_eq!(pair.listener.frames(), []);
    pair.listener.write(stream, b"world").unwrap();
    assert_eq!(pair.listener.frames(), [data(1, Flags::ACK, 5)]);
    pair.pass(Duration::from_secs(1));
    assert_eq!(pair.listener.frames(), []);
}

#[test]
fn a_stream_that_is_not_answered_is_acknowledged_soon() {
    let mut pair = new_pair(&Config::default());
    let (first, second) = (pair.dialer.session.open(), pair.dialer.session.open());
    for stream in [first, second] {
        pair.dialer.write(stream.unwrap().unwrap(), b"hello").unwrap();
    }
    pair.deliver(Role::Dialer).unwrap();
    pair.listener.session.accept().unwrap();
    let soon = pair.listener.session.poll_timeout().unwrap() - pair.now;
    assert!(soon < Duration::from_millis(50));
    pair.pass(soon);
    assert_eq!(pair.listener.frames(), [update(1, Flags::ACK, 0)], "the accepted one");
    pair.listener.session.accept().unwrap();
    assert_eq!(pair.listener.frames(), [update(3, Flags::ACK, 0)], "the other, once accepted");
}

#[test]
fn a_stream_that_waits_for_data_is_announced_and_acknowledged() {
    let mut pair = new_pair(&Config::default());
    let stream = pair.dialer.session.open().unwrap().unwrap();
    assert_eq!(pair.dialer.session.read(stream, 9, pair.now).unwrap(), Read::Later);
    assert_eq!(pair.dialer.frames(), [update(1, Flags::SYN, 0)]);
    pair.listener.handle(update(1, Flags::SYN, 0), pair.now).unwrap();
    pair.listener.session.accept().unwrap();
    assert_eq!(pair.listener.session.read(stream, 9, pair.now).unwrap(), Read::Later);
    assert_eq!(pair.listener.frames(), [update(1, Flags::ACK, 0)]);
}

#[test]
fn a_finish_is_the_last_frame_and_comes_after_the_announcement() {
    let mut pair = new_pair(&Config::default());
    let stream = pair.dialer.session.open().unwrap().unwrap();
    pair.dialer.session.shutdown(stream).unwrap();
    pair.dialer.session.shutdown(stream).unwrap();
    assert_eq!(pair.dialer.frames(), [update(1, Flags::SYN, 0), data(1, Flags::FIN, 0)]);
    assert!(matches!(pair.dialer.session.write(stream, 1), Err(Error::Closed)));
}

#[test]
fn a_full_window_stops_the_writer_until_the_reader_reads() {
    let mut pair = new_pair(&Config::default());
    let stream = pair.dialer.session.open().unwrap().unwrap();
    assert_eq!(pair.dialer.write(stream, &[7; 2 * WINDOW]).unwrap(), WINDOW);
    pair.drive();
    assert_eq!(pair.dialer.write(stream, b"more").unwrap(), 0);
    pair.listener.session.accept().unwrap();
    let Read::Data(_) = pair.listener.session.read(stream, WINDOW / 4, pair.now).unwrap() else {
        panic!("data has arrived");
    };
    pair.listener.session.read(stream, 1, pair.now).unwrap();
    pair.dialer.events();
    pair.drive();
    assert_eq!(pair.dialer.events(), [], "a little is not worth an update");
    pair.listener.read(stream, pair.now).unwrap();
    pair.drive();
    assert_eq!(pair.dialer.events(), [Event::Openable, Event::Writable(stream)]);
    assert!(0 < pair.dialer.write(stream, b"more").unwrap());
}

#[test]
fn updates_that_could_not_be_sent_are_sent_as_one() {
    let mut pair = new_pair(&Config::default());
    let stream = pair.stream();
    pair.listener.frames();
    for length in [WINDOW / 2 - 5, WINDOW / 2] {
        pair.dialer.write(stream, &vec![7; length]).unwrap();
        pair.deliver(Role::Dialer).unwrap();
        pair.listener.read(stream, pair.now).unwrap();
    }
    assert_eq!(pair.listener.frames(), [update(1, Flags::NONE, INITIAL_WINDOW)]);
}

#[test]
fn no_frame_is_longer_than_64_kib_and_any_that_fits_the_window_is_taken() {
    let mut pair = new_pair(&Config::default());
    let stream = pair.stream();
    pair.dialer.write(stream, &[7; 200_000]).unwrap();
    assert!(
        pair.dialer
            .frames()
            .iter()
            .all(|frame| matches!(frame, Frame::Data { length: ..=65_536, .. }))
    );
    pair.listener.handle(data(1, Flags::NONE, INITIAL_WINDOW - 5), pair.now).unwrap();
    assert_eq!(pair.listener.read(stream, pair.now).unwrap().len(), WINDOW - 5);
}

#[test]
fn the_window_grows_until_a_long_line_is_full() {
    let mut pair = new_pair(&Config::default());
    let stream = pair.stream();
    let chunk = vec![7; 32 << 20];
    let mut most = 0;
    for _ in 0..30 {
        let written = pair.dialer.write(stream, &chunk).unwrap();
        most = most.max(written);
        pair.now += Duration::from_millis(50);
        pair.deliver(Role::Dialer).unwrap();
        pair.listener.read(stream, pair.now).unwrap();
        pair.now += Duration::from_millis(50);
        pair.deliver(Role::Listener).unwrap();
    }
    assert!(8 << 20 <= most, "{most} bytes in one round trip of 100 ms");
    assert_eq!(pair.listener.session.round_trip(), Some(Duration::from_millis(100)));
    assert!(pair.listener.session.growth.left <= (32 << 20) - (15 << 20));
    pair.listener.handle(data(1, Flags::NONE, 2 << 20), pair.now).unwrap();
    pair.listener.session.release(stream, pair.now);
    pair.drive();
    assert_eq!(pair.listener.session.growth.left, 32 << 20, "and is given back");
}

#[test]
fn the_second_stream_knows_from_the_first_data_what_the_line_holds() {
    let mut pair = new_pair(&Config::default());
    pair.stream();
    let stream = pair.dialer.session.open().unwrap().unwrap();
    let trip = Duration::from_millis(50);
    let mut written = 0;
    for _ in 0..4 {
        written = pair.dialer.write(stream, &vec![7; 32 << 20]).unwrap();
        pair.now += trip;
        pair.deliver(Role::Dialer).unwrap();
        pair.now += Duration::from_millis(1);
        pair.listener.read(stream, pair.now).unwrap();
        pair.now += trip;
        pair.deliver(Role::Listener).unwrap();
    }
    assert!(8 << 20 <= written, "{written} bytes in the fourth round trip");
}

#[test]
fn a_remote_that_overruns_its_window_is_refused_before_anything_changes() {
    let mut pair = new_pair(&Config::default());
    let too_long = data(1, Flags::SYN, INITIAL_WINDOW + 1);
    let error = pair.listener.handle(too_long, pair.now).unwrap_err();
    assert!(matches!(error, Error::Violation(Violation::WindowOverrun(1))));
    assert_eq!((pair.listener.session.streams(), pair.listener.events()), (0, vec![]));
    pair.listener.session = new_pair(&Config::default()).listener.session;
    pair.listener.handle(data(1, Flags::SYN, INITIAL_WINDOW), pair.now).unwrap();
    let error = pair.listener.handle(data(1, Flags::NONE, 1), pair.now).unwrap_err();
    assert!(matches!(error, Error::Violation(Violation::WindowOverrun(1))));
    let error = pair.dialer.handle(data(2, Flags::SYN, u32::MAX), pair.now).unwrap_err();
    assert!(matches!(error, Error::Violation(Violation::WindowOverrun(2))));
}

#[test]
fn windows_that_add_up_to_too_much_are_refused() {
    let mut pair = new_pair(&Config::default());
    pair.listener.handle(update(1, Flags::SYN, u32::MAX - INITIAL_WINDOW), pair.now).unwrap();
    let error = pair.listener.handle(update(1, Flags::NONE, 1), pair.now).unwrap_err();
    assert!(matches!(error, Error::Violation(Violation::WindowOverflow(1))));
}

#[test]
fn streams_of_the_wrong_side_twice_opened_and_unheard_of_are_refused() {
    let now = new_pair(&Config::default()).now;
    let fault = |frames: &[Frame]| {
        let mut side = new_pair(&Config::default()).listener;
        let (last, before) = frames.split_last().unwrap();
        before.iter().for_each(|frame| side.handle(*frame, now).unwrap());
        side.handle(*last, now).unwrap_err()
    };
    assert!(matches!(
        fault(&[data(2, Flags::SYN, 0)]),
        Error::Violation(Violation::InvalidStream(2))
    ));
    assert!(matches!(
        fault(&[data(2, Flags::NONE, 4)]),
        Error::Violation(Violation::InvalidStream(2))
    ));
    assert!(matches!(
        fault(&[update(4, Flags::RST, 0)]),
        Error::Violation(Violation::InvalidStream(4))
    ));
    let twice = [data(1, Flags::SYN, 0), update(1, Flags::SYN, 0)];
    assert!(matches!(fault(&twice), Error::Violation(Violation::DuplicateStream(1))));
    let after = [data(1, Flags::SYN | Flags::FIN, 3), data(1, Flags::NONE, 1)];
    assert!(matches!(fault(&after), Error::Violation(Violation::DataAfterEnd(1))));

    let mut pair = new_pair(&Config::default());
    pair.dialer.session.open().unwrap();
    let error = pair.dialer.handle(data(1, Flags::ACK, 0), now).unwrap_err();
    assert!(
        matches!(error, Error::Violation(Violation::InvalidStream(1))),
        "it has not been announced"
    );
}

#[test]
fn frames_for_streams_that_are_gone_are_ignored() {
    let mut pair = new_pair(&Config::default());
    let stream = pair.stream();
    pair.drive();
    pair.listener.session.reset(stream);
    pair.listener.session.release(stream, pair.now);
    assert_eq!(pair.listener.frames(), [update(1, Flags::RST, 0)]);
    assert_eq!(pair.listener.session.streams(), 0);
    for frame in [data(1, Flags::NONE, 900), data(1, Flags::FIN, 9), update(1, Flags::NONE, 5)] {
        pair.listener.handle(frame, pair.now).unwrap();
    }
    assert_eq!((pair.listener.frames(), pair.listener.session.streams()), (vec![], 0));
}

#[test]
fn our_opens_wait_for_acknowledgements() {
    let mut pair = new_pair(&Config::default());
    let first = pair.dialer.session.open().unwrap().unwrap();
    for _ in 1..MAX_UNACKNOWLEDGED {
        assert!(pair.dialer.session.open().unwrap().is_some());
    }
    assert_eq!(pair.dialer.session.open().unwrap(), None);
    pair.drive();
    assert_eq!(pair.listener.events().len(), MAX_UNACKNOWLEDGED, "all were announced");
    assert_eq!(pair.dialer.session.open().unwrap(), None);
    pair.listener.session.accept().unwrap();
    pair.listener.write(first, b"!").unwrap();
    pair.drive();
    assert_eq!(pair.dialer.events(), [Event::Openable]);
    assert!(pair.dialer.session.open().unwrap().is_some());
    assert_eq!(pair.dialer.session.open().unwrap(), None);
}

#[test]
fn streams_that_nobody_accepts_are_refused_beyond_the_backlog() {
    let mut pair = new_pair(&Config::default());
    for n in 0..300 {
        pair.listener.handle(data(2 * n + 1, Flags::SYN, 1), pair.now).unwrap();
    }
    let refused = pair.listener.frames();
    assert_eq!(refused.len(), 300 - 256);
    assert_eq!(refused[0], update(2 * 256 + 1, Flags::RST, 0));
    assert_eq!(pair.listener.session.streams(), 256);
}

#[test]
fn max_streams_holds_for_both_sides() {
    let mut pair = new_pair(&Config { max_streams: 3, ..Config::default() });
    for n in 0..5 {
        pair.listener.handle(data(2 * n + 1, Flags::SYN, 0), pair.now).unwrap();
    }
    assert_eq!(pair.listener.frames().len(), 2);
    assert!(matches!(pair.listener.session.open(), Err(Error::TooManyStreams(3))));
    pair.listener.handle(data(1, Flags::RST, 0), pair.now).unwrap();
    assert!(pair.listener.session.open().unwrap().is_some());
}

#[test]
fn pings_are_answered_and_a_flood_of_them_is_not() {
    let mut pair = new_pair(&Config::default());
    pair.listener.handle(Frame::Ping(77), pair.now).unwrap();
    assert_eq!(pair.listener.frames(), [Frame::Pong(77)]);
    let flood = (0..2000).find_map(|n| pair.listener.handle(Frame::Ping(n), pair.now).err());
    assert!(matches!(flood, Some(Error::Violation(Violation::ReplyFlood(1024)))));
}

#[test]
fn a_flood_of_refused_streams_is_not_answered_for_ever() {
    let mut pair = new_pair(&Config { max_streams: 1, ..Config::default() });
    let flood = (0..2000)
        .find_map(|n| pair.listener.handle(data(2 * n + 1, Flags::SYN, 0), pair.now).err());
    assert!(matches!(flood, Some(Error::Violation(Violation::ReplyFlood(1024)))));
}

#[test]
fn empty_frames_and_repeated_ends_cost_nothing() {
    let mut pair = new_pair(&Config::default());
    pair.listener.handle(data(1, Flags::SYN, 0), pair.now).unwrap();
    pair.listener.events();
    for _ in 0..10_000 {
        pair.listener.handle(data(1, Flags::NONE, 0), pair.now).unwrap();
        pair.listener.handle(update(1, Flags::NONE, 0), pair.now).unwrap();
        pair.listener.handle(data(999, Flags::NONE, 0), pair.now).unwrap();
        pair.listener.handle(Frame::Pong(3), pair.now).unwrap();
    }
    for _ in 0..10_000 {
        pair.listener.handle(data(1, Flags::FIN, 0), pair.now).unwrap();
    }
    assert_eq!((pair.listener.frames(), pair.listener.events()), (vec![], vec![]));
}

#[test]
fn rapid_opening_and_resetting_leaves_nothing_behind() {
    let mut pair = new_pair(&Config::default());
    for n in 0..100_000 {
        pair.listener.handle(data(2 * n + 1, Flags::SYN, 3), pair.now).unwrap();
        pair.listener.handle(data(2 * n + 1, Flags::RST, 0), pair.now).unwrap();
        pair.listener.events();
    }
    let session = &pair.listener.session;
    assert_eq!((session.streams(), session.streams.backlog(), session.streams.unread()), (0, 0, 0));
    assert!(session.arrivals.len() <= 512 && session.streams.queued() == 0);
    assert!(matches!(pair.listener.session.accept(), Ok(None)));
}

#[test]
fn resets_of_ours_that_cannot_be_sent_count_as_streams() {
    let mut pair = new_pair(&Config { max_streams: 10, ..Config::default() });
    let flood = (0..2000).find_map(|n| {
        let error = pair.listener.handle(data(2 * n + 1, Flags::SYN, 0), pair.now).err();
        if let Ok(Some(stream)) = pair.listener.session.accept() {
            pair.listener.session.release(stream, pair.now);
        }
        error
    });
    assert!(matches!(flood, Some(Error::Violation(Violation::ReplyFlood(_)))));
    assert!(pair.listener.session.streams.queued() <= 10);
}

#[test]
fn what_waits_unread_is_bounded_and_only_the_stream_that_exceeds_it_suffers() {
    let config = Config { max_buffered: 3 * WINDOW + 10, ..Config::default() };
    for flags in [Flags::SYN, Flags::SYN | Flags::FIN] {
        let mut pair = new_pair(&config);
        for number in [1, 3, 5, 7] {
            pair.listener.handle(data(number, flags, INITIAL_WINDOW), pair.now).unwrap();
            pair.listener.session.accept().unwrap();
        }
        assert!(pair.listener.session.streams.unread() <= config.max_buffered);
        assert_eq!(pair.listener.frames(), [update(7, Flags::RST, 0)]);
        let error = pair.listener.read(id(7), pair.now).unwrap_err();
        assert!(matches!(error, Error::TooMuchUnread(_)));
        assert_eq!(pair.listener.read(id(1), pair.now).unwrap().len(), WINDOW);
        pair.listener.session.release(id(3), pair.now);
        assert_eq!(pair.listener.session.streams.unread(), WINDOW);
    }
}

#[test]
fn small_frames_do_not_keep_what_they_came_with() {
    let mut pair = new_pair(&Config::default());
    let mut wire = data(1, Flags::SYN, 1).encode().to_vec();
    wire.push(7);
    wire.extend(data(3, Flags::SYN, 100_000).encode());
    wire.resize(wire.len() + 100_000, 8);
    let received = Bytes::from(wire);
    pair.listener.session.receive(&mut received.clone(), pair.now).unwrap();
    assert!(!received.is_unique(), "the large body stays where it is");
    pair.listener.session.reset(id(3));
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
fn data_for_a_dropped_stream_resets_it() {
    let mut pair = new_pair(&Config::default());
    let stream = pair.stream();
    pair.dialer.session.shutdown(stream).unwrap();
    pair.dialer.session.release(stream, pair.now);
    pair.drive();
    pair.listener.write(stream, b"is anybody there?").unwrap();
    pair.drive();
    assert!(matches!(pair.listener.session.write(stream, 1), Err(Error::Reset)));
    assert_eq!(pair.dialer.session.streams(), 0);
}

#[test]
fn a_dropped_stream_that_the_remote_never_finishes_is_reset_in_the_end() {
    let mut pair = new_pair(&Config { keep_alive: None, ..Config::default() });
    let stream = pair.stream();
    pair.drive();
    pair.dialer.session.shutdown(stream).unwrap();
    pair.dialer.session.release(stream, pair.now);
    pair.drive();
    assert_eq!(pair.dialer.session.poll_timeout(), Some(pair.now + LINGER));
    pair.pass(LINGER);
    assert_eq!(pair.dialer.frames(), [update(1, Flags::RST, 0)]);
    assert_eq!(pair.dialer.session.streams(), 0);
}

#[test]
fn a_writer_whose_window_was_used_up_by_a_dropped_stream_is_not_left_waiting() {
    let mut pair = new_pair(&Config::default());
    let stream = pair.stream();
    pair.listener.write(stream, &[7; WINDOW]).unwrap();
    pair.drive();
    pair.dialer.session.shutdown(stream).unwrap();
    pair.dialer.session.release(stream, pair.now);
    pair.drive();
    assert!(matches!(pair.listener.session.write(stream, 1), Err(Error::Reset)));
}

#[test]
fn what_came_before_an_end_is_read_though_a_reset_follows() {
    let mut pair = new_pair(&Config::default());
    pair.listener.handle(data(1, Flags::SYN | Flags::FIN, 4), pair.now).unwrap();
    pair.listener.handle(data(1, Flags::RST, 0), pair.now).unwrap();
    assert_eq!(pair.listener.session.accept().unwrap(), Some(id(1)));
    assert_eq!(pair.listener.read(id(1), pair.now).unwrap(), [0; 4]);
    assert_eq!(pair.listener.session.read(id(1), 1, pair.now).unwrap(), Read::End);
    assert!(matches!(pair.listener.session.write(id(1), 1), Err(Error::Reset)));
    pair.listener.session.release(id(1), pair.now);
    assert_eq!(pair.listener.session.streams(), 0);
}

#[test]
fn a_stream_that_is_never_used_leaves_no_trace() {
    let mut pair = new_pair(&Config::default());
    let stream = pair.dialer.session.open().unwrap().unwrap();
    pair.dialer.session.release(stream, pair.now);
    assert_eq!((pair.dialer.frames(), pair.dialer.session.streams()), (vec![], 0));
    assert_eq!((pair.dialer.session.unacknowledged, pair.dialer.session.silent), (0, 0));
}

#[test]
fn a_goodbye_lets_streams_finish_and_opens_fail() {
    let mut pair = new_pair(&Config::default());
    let stream = pair.stream();
    pair.dialer.handle(Frame::GoAway(GoAway::Normal), pair.now).unwrap();
    assert!(pair.dialer.events().contains(&Event::RemoteClosed));
    assert!(matches!(pair.dialer.session.open(), Err(Error::RemoteClosed)));
    pair.dialer.write(stream, b"still").unwrap();
    pair.drive();
    assert_eq!(pair.listener.read(stream, pair.now).unwrap(), b"still");
}

#[test]
fn any_other_reason_to_go_away_ends_the_connection() {
    for reason in [GoAway::ProtocolError, GoAway::InternalError, GoAway::Other(9)] {
        let mut pair = new_pair(&Config::default());
        let error = pair.dialer.handle(Frame::GoAway(reason), pair.now).unwrap_err();
        assert!(matches!(error, Error::Violation(Violation::WentAway(said)) if said == reason));
    }
}

#[test]
fn our_goodbye_follows_everything_that_was_to_be_said() {
    let mut pair = new_pair(&Config::default());
    let stream = pair.dialer.session.open().unwrap().unwrap();
    pair.dialer.write(stream, b"hello").unwrap();
    pair.dialer.session.shutdown(stream).unwrap();
    pair.dialer.session.fail(Error::Closed);
    assert_eq!(
        pair.dialer.frames(),
        [data(1, Flags::SYN, 5), data(1, Flags::FIN, 0), Frame::GoAway(GoAway::Normal)]
    );
    assert!(matches!(pair.dialer.session.open(), Err(Error::Closed)));
    assert!(matches!(pair.dialer.session.read(stream, 1, pair.now), Err(Error::Closed)));
}

#[test]
fn a_violation_is_answered_by_name() {
    let mut pair = new_pair(&Config::default());
    let error = pair.listener.handle(data(2, Flags::SYN, 0), pair.now).unwrap_err();
    pair.listener.session.fail(error);
    assert_eq!(pair.listener.frames(), [Frame::GoAway(GoAway::ProtocolError)]);
}
