//! A WebSocket whose remote says anything: what is read are the messages, however they come.
#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use peerloom_core::{ByteStream, ReadHalf, Role, read_bytes};
use peerloom_fuzz::{Upgraded, finish};
use peerloom_transport_ws::{accept, connect};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What the remote sends, in order.
#[derive(Arbitrary, Debug)]
struct Input<'a> {
    pieces: Vec<Piece<'a>>,
    /// How much comes with one read, and how much is asked for.
    cut: u16,
    room: u16,
}

#[derive(Arbitrary, Debug)]
enum Piece<'a> {
    /// A frame with this first byte, masked as it has to be.
    Frame(u8, &'a [u8]),
    /// A frame of a message that goes on.
    Fragment(&'a [u8]),
    Ping(&'a [u8]),
    /// Bytes that need not be a frame.
    Bytes(&'a [u8]),
}

fuzz_target!(|input: Input<'_>| {
    for role in [Role::Dialer, Role::Listener] {
        let wire = wire(role, &input.pieces);
        let at_once = converse(role, &wire, usize::MAX, 0);
        let cut = converse(role, &wire, usize::from(input.cut).max(1), input.room.into());
        assert_eq!(cut, at_once);
    }
});

/// All that the remote says after the upgrade.
fn wire(role: Role, pieces: &[Piece<'_>]) -> Vec<u8> {
    let mut wire = Vec::new();
    let mut within = false;
    for piece in pieces {
        match piece {
            Piece::Frame(first, payload) => frame(role, *first, payload, &mut wire),
            Piece::Fragment(payload) => {
                frame(role, if within { 0 } else { 2 }, payload, &mut wire);
                within = true;
            }
            Piece::Ping(payload) => {
                frame(role, 0x89, &payload[..payload.len().min(125)], &mut wire);
            }
            Piece::Bytes(bytes) => wire.extend_from_slice(bytes),
        }
    }
    wire
}

fn frame(role: Role, first: u8, payload: &[u8], wire: &mut Vec<u8>) {
    let masked = if role.is_dialer() { 0 } else { 0x80 };
    wire.push(first);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ ..126), _) => wire.push(masked | length),
        (_, Ok(length)) => {
            wire.push(masked | 126);
            wire.extend(length.to_be_bytes());
        }
        _ => {
            wire.push(masked | 127);
            wire.extend((payload.len() as u64).to_be_bytes());
        }
    }
    if role.is_dialer() {
        wire.extend_from_slice(payload);
    } else {
        wire.extend(MASK);
        wire.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, key)| byte ^ key));
    }
}

/// What is read, and how it ended.
fn converse(role: Role, wire: &[u8], cut: usize, room: usize) -> (Vec<u8>, String) {
    let remote = Upgraded::new(role.other(), wire.to_vec(), cut);
    let stream = ByteStream::from_io(remote);
    let stream = match role {
        Role::Dialer => finish(connect(stream, "localhost", "/")),
        Role::Listener => finish(accept(stream, None)),
    };
    let mut stream = stream.expect("the upgrade is a good one");
    finish(async {
        stream.write_all(b"ours").await.expect("the line takes everything");
        let mut read = Vec::new();
        let end = loop {
            match next(&mut stream, room).await {
                Ok(bytes) if bytes.is_empty() => break "the end".to_owned(),
                Ok(bytes) => read.extend(bytes),
                Err(error) => break format!("{error:?}"),
            }
        };
        assert!(read.len() <= wire.len());
        let _ = stream.shutdown().await;
        (read, end)
    })
}

async fn next<R: ReadHalf>(stream: &mut R, room: usize) -> std::io::Result<Vec<u8>> {
    if room == 0 {
        return read_bytes(stream).await.map(Vec::from);
    }
    let mut buffer = vec![0; room];
    let length = stream.read(&mut buffer).await?;
    buffer.truncate(length);
    Ok(buffer)
}

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
