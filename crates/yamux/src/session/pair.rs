//! Two sessions, a clock that stands still, and a link that holds back and cuts what goes over it.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use peerloom_core::Role;

use super::{Event, Read, Session};
use crate::frame::{Frame, HEADER_LENGTH, StreamId};
use crate::{Config, Error};

/// Both ends of a connection.
pub(super) struct Pair {
    pub(super) dialer: Side,
    pub(super) listener: Side,
    pub(super) now: Instant,
    /// Into pieces of what length the link cuts.
    pub(super) cut: usize,
}

/// One end, and what it has sent that has not arrived.
pub(super) struct Side {
    pub(super) session: Session,
    pub(super) wire: BytesMut,
}

impl Pair {
    pub(super) fn new() -> Self {
        Pair::with(&Config::default())
    }

    pub(super) fn with(config: &Config) -> Self {
        let now = Instant::now();
        let side =
            |role| Side { session: Session::new(config.clone(), role, now), wire: BytesMut::new() };
        Pair { dialer: side(Role::Dialer), listener: side(Role::Listener), now, cut: usize::MAX }
    }

    pub(super) fn side(&mut self, role: Role) -> &mut Side {
        match role {
            Role::Dialer => &mut self.dialer,
            Role::Listener => &mut self.listener,
        }
    }

    /// A stream of the dialer's that both sides know.
    pub(super) fn stream(&mut self) -> StreamId {
        let stream = self.dialer.session.open().unwrap().unwrap();
        self.dialer.write(stream, b"hello").unwrap();
        self.drive();
        assert_eq!(self.listener.session.accept().unwrap(), Some(stream));
        assert_eq!(self.listener.read(stream, self.now).unwrap(), b"hello");
        self.listener.session.flush(stream).unwrap();
        stream
    }

    /// Carries what one side has sent to the other.
    pub(super) fn deliver(&mut self, from: Role) -> Result<(), Error> {
        let (now, cut) = (self.now, self.cut);
        self.side(from).transmit();
        let mut bytes = self.side(from).wire.split().freeze();
        let to = self.side(from.other());
        while !bytes.is_empty() {
            to.session.receive(bytes.split_to(cut.min(bytes.len())), now)?;
        }
        Ok(())
    }

    /// Carries everything both ways until both are silent.
    pub(super) fn drive(&mut self) {
        loop {
            self.deliver(Role::Dialer).unwrap();
            self.deliver(Role::Listener).unwrap();
            self.dialer.transmit();
            self.listener.transmit();
            if self.dialer.wire.is_empty() && self.listener.wire.is_empty() {
                return;
            }
        }
    }

    /// Lets time pass.
    pub(super) fn pass(&mut self, time: Duration) {
        self.now += time;
        self.dialer.session.handle_timeout(self.now).unwrap();
        self.listener.session.handle_timeout(self.now).unwrap();
    }
}

impl Side {
    /// Puts what is to be sent on the wire.
    pub(super) fn transmit(&mut self) {
        while let Some(frame) = self.session.poll_transmit() {
            self.wire.extend_from_slice(&frame.encode());
        }
    }

    /// Writes as much as the window allows.
    pub(super) fn write(&mut self, stream: StreamId, mut bytes: &[u8]) -> Result<usize, Error> {
        let mut written = 0;
        while !bytes.is_empty() {
            let Some(segment) = self.session.write(stream, bytes.len())? else { break };
            self.wire.extend_from_slice(&segment.header);
            self.wire.extend_from_slice(&bytes[..segment.length]);
            bytes = &bytes[segment.length..];
            written += segment.length;
        }
        Ok(written)
    }

    /// Reads all that there is.
    pub(super) fn read(&mut self, stream: StreamId, now: Instant) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        while let Read::Data(piece) = self.session.read(stream, usize::MAX, now)? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }

    /// The frames on the wire, and the data among them; takes them off it.
    pub(super) fn frames(&mut self) -> Vec<Frame> {
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
        frames
    }

    /// Gives the session a frame as if it came from the remote, with a body of zeros.
    pub(super) fn handle(&mut self, frame: Frame, now: Instant) -> Result<(), Error> {
        let mut bytes = frame.encode().to_vec();
        if let Frame::Data { length, .. } = frame {
            bytes.resize(bytes.len() + length.min(1 << 24) as usize, 0);
        }
        self.session.receive(Bytes::from(bytes), now)
    }

    pub(super) fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.session.poll_event()).collect()
    }
}
