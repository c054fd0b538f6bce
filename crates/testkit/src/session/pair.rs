//! Two sessions, a clock that stands still, and a link that holds back and cuts what goes over it.

use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};
use peerloom_core::Role;
use peerloom_muxer_shell::{Error, Event, Read, Session};

/// Both ends of a connection.
pub struct Pair<S> {
    /// The end that asked for the connection.
    pub dialer: Side<S>,
    /// The end that was asked.
    pub listener: Side<S>,
    /// What time it is.
    pub now: Instant,
    /// Into pieces of what length the link cuts.
    pub cut: usize,
}

/// One end, and what it has sent that has not been taken.
pub struct Side<S> {
    /// The end.
    pub session: S,
    /// What it has sent.
    pub wire: BytesMut,
}

impl<S: Session> Pair<S> {
    /// Two sessions that `make` makes.
    pub fn new(make: impl Fn(Role, Instant) -> S) -> Self {
        let now = Instant::now();
        let side = |role| Side { session: make(role, now), wire: BytesMut::new() };
        Pair { dialer: side(Role::Dialer), listener: side(Role::Listener), now, cut: usize::MAX }
    }

    /// The end of that role.
    pub fn side(&mut self, role: Role) -> &mut Side<S> {
        match role {
            Role::Dialer => &mut self.dialer,
            Role::Listener => &mut self.listener,
        }
    }

    /// A stream of the dialer's that both sides know.
    pub fn stream(&mut self) -> S::Id {
        let stream = self.dialer.session.open().unwrap().unwrap();
        self.dialer.write(stream, b"hello").unwrap();
        self.drive();
        assert_eq!(self.listener.session.accept().unwrap(), Some(stream));
        assert_eq!(self.listener.read(stream, self.now).unwrap(), b"hello");
        self.listener.session.flush(stream).unwrap();
        stream
    }

    /// Carries what one side has sent to the other, as far as that takes it. Whether it took anything.
    ///
    /// # Errors
    /// When the other side finds that it breaks the protocol.
    pub fn deliver(&mut self, from: Role) -> Result<bool, Error<S::Violation>> {
        let (now, cut) = (self.now, self.cut);
        self.side(from).transmit();
        let mut bytes = self.side(from).wire.split().freeze();
        let (sent, to) = (bytes.len(), self.side(from.other()));
        while !bytes.is_empty() {
            let mut piece = bytes.split_to(cut.min(bytes.len()));
            to.session.receive(&mut piece, now)?;
            if !piece.is_empty() {
                let mut left = BytesMut::from(piece.chunk());
                left.extend_from_slice(&bytes);
                self.side(from).wire = left;
                return Ok(self.side(from).wire.len() < sent);
            }
        }
        Ok(0 < sent)
    }

    /// Carries everything both ways until nothing moves any more.
    pub fn drive(&mut self) {
        while self.deliver(Role::Dialer).unwrap() | self.deliver(Role::Listener).unwrap() {}
    }

    /// Lets time pass.
    pub fn pass(&mut self, time: Duration) {
        self.now += time;
        self.dialer.session.handle_timeout(self.now).unwrap();
        self.listener.session.handle_timeout(self.now).unwrap();
    }
}

impl<S: Session> Side<S> {
    /// Puts what is to be sent on the wire.
    pub fn transmit(&mut self) {
        while let Some(frame) = self.session.poll_transmit() {
            self.wire.extend_from_slice(frame.as_ref());
        }
    }

    /// Writes as much as the remote allows.
    ///
    /// # Errors
    /// As the session does.
    pub fn write(&mut self, stream: S::Id, mut bytes: &[u8]) -> Result<usize, Error<S::Violation>> {
        let mut written = 0;
        while !bytes.is_empty() {
            let Some(segment) = self.session.write(stream, bytes.len())? else { break };
            let (body, rest) = bytes.split_at(segment.length);
            self.wire.extend_from_slice(segment.header.as_ref());
            self.wire.extend_from_slice(body);
            bytes = rest;
            written += segment.length;
        }
        Ok(written)
    }

    /// Reads all that there is.
    ///
    /// # Errors
    /// As the session does.
    pub fn read(&mut self, stream: S::Id, now: Instant) -> Result<Vec<u8>, Error<S::Violation>> {
        let mut bytes = Vec::new();
        while let Read::Data(piece) = self.session.read(stream, usize::MAX, now)? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }

    /// What somebody may have waited for.
    pub fn events(&mut self) -> Vec<Event<S::Id>> {
        std::iter::from_fn(|| self.session.poll_event()).collect()
    }
}
