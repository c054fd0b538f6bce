//! A line with delay, and one with delay and loss: a proxy on loopback between the dialer and the listener.
//!
//! TCP loses no bytes, and a proxy of byte streams sees no segments. What a lost segment does to a reader is that everything
//! behind it waits until it has been sent again. So that is what this line does: for one in so many pieces of the size of a segment it stands
//! still for a round trip and a retransmission timeout, in one direction. Which pieces those are follows from their place in the stream, so
//! each run and each stack loses the same ones. What loss does to the congestion window is not modelled.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::Outcome;

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Conditions {
    /// From one end to the other and back.
    pub(super) round_trip: Duration,
    /// One segment in so many is lost; none, if this is none.
    pub(super) lost_of: Option<u64>,
}

/// A line that is up until it is dropped.
pub(super) struct Line {
    port: u16,
    address: String,
    ended: Arc<AtomicBool>,
}

impl Line {
    /// A line to a listener's address, be it a multiaddr or a socket's.
    pub(super) fn start(address: &str, conditions: Conditions) -> Outcome<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listener = listener.map_err(|error| format!("a line cannot listen: {error}"))?;
        let port = listener.local_addr().map_err(|error| format!("a line: {error}"))?.port();
        let (far, address) =
            through(address, port).ok_or(format!("no line leads to an address like {address}"))?;
        let ended = Arc::new(AtomicBool::new(false));
        let flag = ended.clone();
        thread::spawn(move || {
            for (seed, near) in (0..).zip(listener.incoming().map_while(Result::ok)) {
                if flag.load(Ordering::Relaxed) {
                    return;
                }
                thread::spawn(move || carry(near, far, conditions, seed));
            }
        });
        Ok(Line { port, address, ended })
    }

    /// What to dial instead.
    pub(super) fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Line {
    /// The last dial lets the thread that accepts see that it is over.
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

/// Carries one connection, both ways, until both have ended.
fn carry(near: TcpStream, far: u16, conditions: Conditions, seed: u64) -> io::Result<()> {
    // A dialer on loopback is connected at once. What it sends waits here as long as SYN and its answer would have taken.
    thread::sleep(conditions.round_trip);
    let far = TcpStream::connect((Ipv4Addr::LOCALHOST, far))?;
    let ways = [
        (near.try_clone()?, far.try_clone()?, Schedule::new(conditions, 2 * seed)),
        (far, near, Schedule::new(conditions, 2 * seed + 1)),
    ];
    for (from, to, schedule) in ways {
        from.set_nodelay(true)?;
        let (sender, receiver) = sync_channel(ON_THE_WAY);
        thread::spawn(move || take(from, schedule, &sender));
        thread::spawn(move || deliver(to, &receiver));
    }
    Ok(())
}

/// Reads what comes in and says when it is due at the other end; nothing stands for the end.
fn take(mut from: TcpStream, mut schedule: Schedule, sender: &SyncSender<(Instant, Vec<u8>)>) {
    loop {
        let mut piece = vec![0; PIECE];
        let length = from.read(&mut piece).unwrap_or(0);
        piece.truncate(length);
        let sent = sender.send((schedule.due(Instant::now(), length as u64), piece));
        if length == 0 || sent.is_err() {
            return;
        }
    }
}

fn deliver(mut to: TcpStream, receiver: &Receiver<(Instant, Vec<u8>)>) {
    for (due, piece) in receiver {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if piece.is_empty() || to.write_all(&piece).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// When what goes in comes out, in one direction.
struct Schedule {
    conditions: Conditions,
    seed: u64,
    /// How much has gone in.
    offset: u64,
    /// When the last of it comes out.
    last: Option<Instant>,
}

impl Schedule {
    fn new(conditions: Conditions, seed: u64) -> Self {
        Schedule { conditions, seed, offset: 0, last: None }
    }

    /// When this much more is due, which is not before what went in earlier.
    fn due(&mut self, now: Instant, length: u64) -> Instant {
        let segments = self.offset.div_ceil(SEGMENT)..(self.offset + length).div_ceil(SEGMENT);
        self.offset += length;
        let Conditions { round_trip, lost_of } = self.conditions;
        let lost = lost_of.is_some_and(|of| {
            segments.into_iter().any(|segment| scatter(self.seed, segment).is_multiple_of(of))
        });
        let stall = if lost { round_trip + TIMEOUT } else { Duration::ZERO };
        let due = now + round_trip / 2 + stall;
        *self.last.insert(self.last.map_or(due, |last| last.max(due)))
    }
}

/// A number that looks like chance and always is the same (the finalizer of SplitMix64).
fn scatter(seed: u64, index: u64) -> u64 {
    let mut x = (seed << 40 ^ index).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}

/// The port of a listener, and its address with another port in its place.
fn through(address: &str, port: u16) -> Option<(u16, String)> {
    let (before, rest) = match address.split_once("/tcp/") {
        Some((before, rest)) => (format!("{before}/tcp/"), rest),
        None => address.rsplit_once(':').map(|(before, rest)| (format!("{before}:"), rest))?,
    };
    let (far, after) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    Some((far.parse().ok()?, format!("{before}{port}{after}")))
}

/// Half way round the world and back.
pub(super) const DELAYED: Conditions =
    Conditions { round_trip: Duration::from_millis(50), lost_of: None };

/// The same, and bad.
pub(super) const LOSSY: Conditions =
    Conditions { round_trip: Duration::from_millis(50), lost_of: Some(1000) };

/// What a segment carries on Ethernet.
const SEGMENT: u64 = 1448;

/// After how long Linux sends again at the earliest what was not acknowledged.
const TIMEOUT: Duration = Duration::from_millis(200);

/// How much is taken at once.
const PIECE: usize = 64 * 1024;

/// How many pieces are on their way in one direction: 64 MiB, more than any stack here lets be unacknowledged.
const ON_THE_WAY: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_dialled_like_what_is_behind_it() {
        let multiaddr = "/ip4/127.0.0.1/tcp/4001/p2p/12D3Koo";
        let expected = "/ip4/127.0.0.1/tcp/7/p2p/12D3Koo".to_owned();
        assert_eq!(through(multiaddr, 7), Some((4001, expected)));
        assert_eq!(through("/ip4/127.0.0.1/tcp/1", 7), Some((1, "/ip4/127.0.0.1/tcp/7".into())));
        assert_eq!(through("127.0.0.1:4001", 7), Some((4001, "127.0.0.1:7".into())));
        assert_eq!(through("/unix/a", 7), None);
        assert_eq!(through("127.0.0.1:http", 7), None);
    }

    #[test]
    fn what_goes_in_is_due_half_a_round_trip_later_and_in_order() {
        let now = Instant::now();
        let mut schedule = Schedule::new(DELAYED, 0);
        assert_eq!(schedule.due(now, 10), now + Duration::from_millis(25));
        assert_eq!(
            schedule.due(now + Duration::from_millis(3), 10),
            now + Duration::from_millis(28)
        );
    }

    #[test]
    fn behind_a_lost_segment_everything_waits() {
        let now = Instant::now();
        let conditions = Conditions { lost_of: Some(1), ..LOSSY };
        let mut schedule = Schedule::new(conditions, 0);
        let lost = schedule.due(now, 1);
        assert_eq!(lost, now + Duration::from_millis(275));
        // The rest of the same segment is not lost once more, but it is not early either.
        assert_eq!(schedule.due(now, SEGMENT - 1), lost);
    }

    #[test]
    fn the_same_segments_are_lost_however_they_are_read() {
        let lost = |piece: u64| {
            let mut schedule = Schedule::new(LOSSY, 3);
            let now = Instant::now();
            let mut lost = Vec::new();
            for offset in (0..SEGMENT * 8000).step_by(usize::try_from(piece).unwrap()) {
                schedule.last = None;
                if now + LOSSY.round_trip < schedule.due(now, piece) {
                    lost.push(offset / (SEGMENT * 8));
                }
            }
            lost
        };
        let whole = lost(SEGMENT);
        assert!((4..=14).contains(&whole.len()), "{} of 8000", whole.len());
        assert_eq!(whole, lost(SEGMENT / 2));
        assert_eq!(whole, lost(SEGMENT * 8));
    }

    #[test]
    fn a_line_carries_bytes_and_their_end_both_ways() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let conditions = Conditions { round_trip: Duration::ZERO, lost_of: None };
        let line = Line::start(&address, conditions).unwrap();
        let mut near = TcpStream::connect(line.address()).unwrap();
        near.write_all(b"there").unwrap();
        near.shutdown(Shutdown::Write).unwrap();
        let (mut far, _) = listener.accept().unwrap();
        let mut text = String::new();
        far.read_to_string(&mut text).unwrap();
        assert_eq!(text, "there");
        far.write_all(b"and back").unwrap();
        drop(far);
        text.clear();
        near.read_to_string(&mut text).unwrap();
        assert_eq!(text, "and back");
    }
}
