//! Streams between hosts: opened by name, handled, refused, reset.

mod harness;

use std::io::ErrorKind;

use peerloom_host::{Stream, StreamError};
use peerloom_multistream_select::{Error, Matcher};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use harness::{ask, echo, pair};

const ECHO: &str = "/echo/1.0.0";

#[expect(clippy::panic, reason = "the handler of the test is to panic")]
async fn panics(_stream: Stream) {
    panic!("on purpose");
}

#[tokio::test]
async fn a_stream_dials_if_it_must_and_knows_whose_it_is() {
    let (near, far, address) = pair().await;
    far.set_stream_handler(ECHO, echo);
    let mut stream = near.new_stream(&address, [ECHO]).await.unwrap();
    assert_eq!(stream.peer(), far.peer_id());
    assert_eq!(stream.protocol(), ECHO);
    assert_eq!(ask(&mut stream, "hello").await.unwrap(), "hello");

    let mut again = near.new_stream(far.peer_id(), [ECHO]).await.unwrap();
    assert_eq!(again.connection().id(), stream.connection().id());
    assert_eq!(ask(&mut again, "again").await.unwrap(), "again");
}

#[tokio::test]
async fn a_connection_that_is_closing_is_not_taken_for_a_new_stream() {
    let (near, far, address) = pair().await;
    far.set_stream_handler(ECHO, echo);
    let first = near.connect(&address).await.unwrap();
    let (_, stream) = tokio::join!(first.close(), near.new_stream(&address, [ECHO]));
    let mut stream = stream.unwrap();
    assert_ne!(stream.connection().id(), first.id());
    assert_eq!(ask(&mut stream, "hello").await.unwrap(), "hello");
}

#[tokio::test]
async fn the_first_protocol_that_the_peer_speaks_is_taken() {
    let (near, far, address) = pair().await;
    far.set_stream_handler(ECHO, echo);
    let stream = near.new_stream(&address, ["/echo/3", "/echo/2", ECHO]).await.unwrap();
    assert_eq!(stream.protocol(), ECHO);
    near.identified(stream.connection()).await.unwrap();
    let stream = near.new_stream(&address, ["/echo/3", ECHO]).await.unwrap();
    assert_eq!(stream.protocol(), ECHO);
}

#[tokio::test]
async fn a_range_of_versions_is_handled_by_one_handler_that_learns_which() {
    let (near, far, address) = pair().await;
    let matcher = Matcher::semver("/echo", "^1.2").unwrap();
    far.set_stream_handler_match(matcher, |mut stream: Stream| async move {
        let protocol = stream.protocol().to_owned();
        stream.write_all(protocol.as_bytes()).await?;
        stream.shutdown().await
    });
    let mut stream = near.new_stream(&address, ["/echo/1.7.0"]).await.unwrap();
    assert_eq!(ask(&mut stream, "").await.unwrap(), "/echo/1.7.0");
    assert!(near.new_stream(&address, ["/echo/2.0.0"]).await.is_err());
}

#[tokio::test]
async fn a_protocol_that_nobody_handles_is_refused_with_both_lists() {
    let (near, far, address) = pair().await;
    far.set_stream_handler(ECHO, echo);
    let error = near.new_stream(&address, ["/nope/1", "/nope/2"]).await.unwrap_err();
    let StreamError::Negotiation { peer, source } = &error else { panic!("{error}") };
    assert_eq!(*peer, far.peer_id());
    let Error::NoneAccepted { offered, remote } = source else { panic!("{source}") };
    assert_eq!(offered, &["/nope/1", "/nope/2"]);
    assert!(remote.as_ref().unwrap().contains(&ECHO.to_owned()));
}

#[tokio::test]
async fn a_lazy_stream_learns_of_a_refusal_when_it_reads() {
    let (near, _far, address) = pair().await;
    let connection = near.connect(&address).await.unwrap();
    let mut stream = near.new_stream_lazily(&connection, "/nope/1").await.unwrap();
    let error = ask(&mut stream, "anybody?").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("/nope/1"), "{error}");
}

#[tokio::test]
async fn naming_no_protocol_is_an_error() {
    let (near, _far, address) = pair().await;
    let error = near.new_stream(&address, Vec::<String>::new()).await.unwrap_err();
    assert!(matches!(error, StreamError::NoProtocol));
}

#[tokio::test]
async fn a_removed_handler_takes_no_more_streams() {
    let (near, far, address) = pair().await;
    far.set_stream_handler(ECHO, echo);
    assert!(near.new_stream(&address, [ECHO]).await.is_ok());
    assert!(far.remove_stream_handler(ECHO));
    assert!(!far.remove_stream_handler(ECHO));
    let connection = near.connect(&address).await.unwrap();
    let mut stream = near.new_stream_lazily(&connection, ECHO).await.unwrap();
    assert!(ask(&mut stream, "hello").await.is_err());
}

#[tokio::test]
async fn a_handler_that_panics_harms_only_its_own_stream() {
    let (near, far, address) = pair().await;
    far.set_stream_handler(ECHO, echo);
    far.set_stream_handler("/panic", panics);
    let mut healthy = near.new_stream(&address, [ECHO]).await.unwrap();
    let mut broken = near.new_stream(&address, ["/panic"]).await.unwrap();
    assert!(broken.read_u8().await.is_err());
    assert_eq!(ask(&mut healthy, "still here").await.unwrap(), "still here");
    assert_eq!(near.connections().len(), 1);
}

#[tokio::test]
async fn a_handler_that_never_reads_stops_its_own_stream_only() {
    let (near, far, address) = pair().await;
    far.set_stream_handler(ECHO, echo);
    far.set_stream_handler("/deaf", |stream: Stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    });
    let mut deaf = near.new_stream(&address, ["/deaf"]).await.unwrap();
    let block = vec![0; 1 << 20];
    let stuck = tokio::spawn(async move {
        loop {
            if deaf.write_all(&block).await.is_err() {
                return;
            }
        }
    });
    for _ in 0..20 {
        let mut stream = near.new_stream(&address, [ECHO]).await.unwrap();
        assert_eq!(ask(&mut stream, "hello").await.unwrap(), "hello");
    }
    assert!(!stuck.is_finished());
    far.close().await;
    stuck.await.unwrap();
}

#[tokio::test]
async fn incoming_streams_can_be_taken_one_by_one() {
    let (near, far, address) = pair().await;
    let mut incoming = far.accept("/chat/1");
    let mut stream = near.new_stream(&address, ["/chat/1"]).await.unwrap();
    stream.write_all(b"x").await.unwrap();
    let mut arrived = incoming.next().await.unwrap();
    assert_eq!(arrived.read_u8().await.unwrap(), b'x');
    assert_eq!(arrived.peer(), near.peer_id());
    drop(incoming);
    assert!(!far.protocols().contains(&"/chat/1".to_owned()));
}

#[tokio::test]
async fn an_incoming_that_was_replaced_does_not_remove_its_successor() {
    let (_near, far, _address) = pair().await;
    let first = far.accept("/chat/1");
    let _second = far.accept("/chat/1");
    drop(first);
    assert!(far.protocols().contains(&"/chat/1".to_owned()));
}

#[tokio::test]
async fn a_reset_is_an_error_at_the_other_end_and_not_an_end() {
    let (near, far, address) = pair().await;
    let mut incoming = far.accept("/chat/1");
    let mut stream = near.new_stream(&address, ["/chat/1"]).await.unwrap();
    stream.write_all(b"x").await.unwrap();
    let mut arrived = incoming.next().await.unwrap();
    assert_eq!(arrived.read_u8().await.unwrap(), b'x');
    arrived.reset();
    assert_eq!(stream.read_u8().await.unwrap_err().kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_half_closed_stream_still_reads() {
    let (near, far, address) = pair().await;
    let mut incoming = far.accept("/chat/1");
    let mut stream = near.new_stream(&address, ["/chat/1"]).await.unwrap();
    stream.write_all(b"question").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut arrived = incoming.next().await.unwrap();
    let mut question = String::new();
    arrived.read_to_string(&mut question).await.unwrap();
    arrived.write_all(b"answer").await.unwrap();
    arrived.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert_eq!((question.as_str(), answer.as_str()), ("question", "answer"));
}

#[tokio::test]
async fn a_hundred_streams_at_once_keep_their_bytes_apart() {
    let (near, far, address) = pair().await;
    far.set_stream_handler(ECHO, echo);
    let tasks = (0..100).map(|number: u32| {
        let (near, address) = (near.clone(), address.clone());
        tokio::spawn(async move {
            let mut stream = near.new_stream(&address, [ECHO]).await.unwrap();
            let question = number.to_string().repeat(1000);
            assert_eq!(ask(&mut stream, &question).await.unwrap(), question);
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert_eq!(near.connections().len(), 1);
}
