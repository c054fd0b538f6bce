//! Both ends against tungstenite, which is another implementation.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use futures_util::{SinkExt, StreamExt};
use peerloom_core::{ByteStream, read_bytes};
use peerloom_transport_ws::{accept, connect};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Bytes, Message};

/// Our end and theirs of a new connection, where we are the client or they are.
async fn connection(we_dial: bool) -> (ByteStream, WebSocketStream<DuplexStream>) {
    let (near, far) = tokio::io::duplex(10_000);
    let near = ByteStream::from_io(near);
    if we_dial {
        let ours = connect(near, "a.example:4001", "/a/b");
        let (ours, theirs) = tokio::join!(ours, tokio_tungstenite::accept_async(far));
        (ours.unwrap(), theirs.unwrap())
    } else {
        let theirs = tokio_tungstenite::client_async("ws://a.example:4001/a/b?c=d", far);
        let (ours, theirs) = tokio::join!(accept(near, Some("/a/b")), theirs);
        (ours.unwrap(), theirs.unwrap().0)
    }
}

fn noise(length: usize) -> Vec<u8> {
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(&mut next).take(length).collect()
}

#[tokio::test]
async fn much_data_goes_both_ways_and_the_connection_is_closed_well() {
    for we_dial in [true, false] {
        let (ours, theirs) = connection(we_dial).await;
        let data = noise(1_000_000);
        let (mut their_writer, mut their_reader) = theirs.split();
        let (mut reader, mut writer) = ours.into_split();
        let we_write = async {
            writer.write_all(&data).await.unwrap();
            writer.flush().await.unwrap();
        };
        let they_write = async {
            for (index, piece) in data.chunks(70_001).enumerate() {
                let piece = Bytes::copy_from_slice(piece);
                their_writer.send(Message::Binary(piece)).await.unwrap();
                if index % 3 == 0 {
                    their_writer.send(Message::Ping(Bytes::from_static(b"?"))).await.unwrap();
                }
            }
        };
        let they_read = async {
            let (mut received, mut pongs) = (Vec::new(), 0);
            while received.len() < data.len() {
                match their_reader.next().await.unwrap().unwrap() {
                    Message::Binary(piece) => received.extend(piece),
                    Message::Pong(said) => {
                        assert_eq!(said, "?");
                        pongs += 1;
                    }
                    other => panic!("{other:?}"),
                }
            }
            assert!(pongs <= 5);
            received
        };
        let we_read = async {
            let mut received = vec![0; data.len()];
            reader.read_exact(&mut received).await.unwrap();
            received
        };
        let ((), (), theirs, ours) = tokio::join!(we_write, they_write, they_read, we_read);
        assert!(theirs == data && ours == data);

        let they_close = async {
            their_writer.send(Message::Close(None)).await.unwrap();
            while let Some(message) = their_reader.next().await {
                assert!(matches!(message.unwrap(), Message::Close(_) | Message::Pong(_)));
            }
        };
        let we_close = async {
            assert!(read_bytes(&mut reader).await.unwrap().is_empty());
            writer.shutdown().await.unwrap();
        };
        tokio::join!(they_close, we_close);
    }
}

#[tokio::test]
async fn when_we_close_first_they_hear_a_normal_end_and_so_do_we() {
    for we_dial in [true, false] {
        let (mut ours, mut theirs) = connection(we_dial).await;
        let they_read = async {
            let Some(Ok(Message::Close(Some(close)))) = theirs.next().await else {
                panic!("they hear a close frame")
            };
            assert_eq!(u16::from(close.code), 1000);
            assert!(theirs.next().await.is_none(), "their answer goes, and the connection ends");
        };
        let we_close = async {
            ours.shutdown().await.unwrap();
            assert!(read_bytes(&mut ours).await.unwrap().is_empty());
        };
        tokio::join!(they_read, we_close);
    }
}
