//! Frames of the muxers, through their sessions alone: no line, no shell.

use std::hint::black_box;
use std::time::Instant;

use bytes::Bytes;
use peerloom_core::Role;
use peerloom_muxer_shell::{Read, Session};

use crate::meter::measure;

pub fn yamux_in() {
    frame_in(yamux(Role::Dialer), yamux(Role::Listener));
}

pub fn yamux_out() {
    frame_out(yamux(Role::Dialer));
}

pub fn mplex_in() {
    frame_in(mplex(Role::Dialer), mplex(Role::Listener));
}

pub fn mplex_out() {
    frame_out(mplex(Role::Dialer));
}

/// A frame with data is received and read, and what there is to say to it is taken.
fn frame_in<S: Session>(mut dialer: S, mut listener: S) {
    let now = Instant::now();
    let opened = open(&mut dialer);
    listener.receive(&mut frame(&mut dialer, opened), now).expect("it is a good frame");
    let stream = listener.accept().expect("the session lives").expect("a stream has come");
    read(&mut listener, stream, now);
    let frame = frame(&mut dialer, opened);
    measure(|| {
        listener.receive(&mut frame.clone(), now).expect("it is a good frame");
        read(&mut listener, stream, now);
    });
}

/// A stream asks for the header of its next bytes. Few enough for a window that nobody widens.
fn frame_out<S: Session>(mut session: S) {
    let stream = open(&mut session);
    measure(|| {
        let segment = session.write(stream, black_box(SHORT));
        black_box(segment.expect("the stream lives").expect("there is window left"));
    });
}

fn open<S: Session>(session: &mut S) -> S::Id {
    session.open().expect("the session lives").expect("nothing is in the way")
}

/// A whole frame as it is on the wire.
fn frame<S: Session>(session: &mut S, stream: S::Id) -> Bytes {
    let segment = session.write(stream, LONG).expect("the stream lives");
    let segment = segment.expect("there is window left");
    [segment.header.as_ref(), &vec![0; segment.length]].concat().into()
}

fn read<S: Session>(session: &mut S, stream: S::Id, now: Instant) {
    while let Some(event) = session.poll_event() {
        black_box(event);
    }
    let Ok(Read::Data(bytes)) = session.read(stream, LONG, now) else { panic!("nothing to read") };
    assert_eq!(bytes.len(), LONG);
    while let Some(header) = session.poll_transmit() {
        black_box(header);
    }
}

fn yamux(role: Role) -> peerloom_yamux::Session {
    peerloom_yamux::Session::new(peerloom_yamux::Config::default(), role, Instant::now())
}

fn mplex(role: Role) -> peerloom_mplex::Session {
    peerloom_mplex::Session::new(peerloom_mplex::Config::default(), role)
}

/// The data of a frame that is received.
const LONG: usize = 16 * 1024;

/// The data of a frame that is sent.
const SHORT: usize = 32;
