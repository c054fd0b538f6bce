//! Two sides that mean well. The transcripts are those of the multistream-select specification
//! ("Implementation Recommendations" and "Listing"), written out as bytes.

use peerloom_multistream_select::{
    Agreed, Error, Matcher, Registry, dial, listen, listen_unflushed, ls, propose,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufStream, duplex};

use crate::support::{Chopped, HEADER, LIST, NOT_AVAILABLE, Script, Then, message, soon};

#[tokio::test]
async fn the_dialer_proposes_in_one_write_with_its_header() {
    let mut remote = Script::new(&[HEADER, b"\x10/ipfs/kad/1.0.0\n"]);
    assert_eq!(dial(&mut remote, &["/ipfs/kad/1.0.0"]).await.unwrap(), 0);
    assert_eq!(remote.writes, [b"\x13/multistream/1.0.0\n\x10/ipfs/kad/1.0.0\n"]);
    assert_eq!(remote.reads, 1, "it knows how long a consent is");
}

#[tokio::test]
async fn after_a_refusal_the_dialer_proposes_the_next_name() {
    let mut remote = Script::new(&[HEADER, NOT_AVAILABLE, b"\x10/ipfs/kad/0.2.3\n", b"data"]);
    let index = dial(&mut remote, &["/ipfs/kad/1.0.0", "/ipfs/kad/0.2.3"]).await.unwrap();
    assert_eq!(index, 1);
    assert_eq!(remote.writes[1], b"\x10/ipfs/kad/0.2.3\n");
    assert_eq!(remote.unread(), b"data", "not a byte more than the answer is read");
}

#[tokio::test]
async fn the_shortest_proposal_is_all_that_is_read_behind_a_header() {
    let mut remote = Script::new(&[HEADER, b"\x02x\n", b"data"]);
    listen(&mut remote, &["x"]).await.unwrap();
    assert_eq!(remote.unread(), b"data");
}

#[tokio::test]
async fn the_listener_answers_in_one_write_with_its_header() {
    let kad = message("/ipfs/kad/1.0.0");
    let mut remote = Script::new(&[HEADER, &kad, b"data"]);
    let agreed = listen(&mut remote, &["/ipfs/id/1.0.0", "/ipfs/kad/1.0.0"]).await.unwrap();
    assert_eq!(agreed, Agreed { name: "/ipfs/kad/1.0.0".into(), choice: 1 });
    assert_eq!(remote.writes, [[HEADER, &kad].concat()]);
    assert_eq!(remote.unread(), b"data", "not a byte more than the proposal is read");
    assert_eq!(remote.reads, 2, "behind a header there is a proposal");
}

#[tokio::test]
async fn a_consent_that_is_not_flushed_leaves_with_what_is_written_next() {
    let kad = message("/ipfs/kad/1.0.0");
    let mut stream = BufStream::new(Script::new(&[HEADER, &kad]));
    listen_unflushed(&mut stream, &["/ipfs/kad/1.0.0"]).await.unwrap();
    assert!(stream.get_ref().writes.is_empty());
    stream.write_all(b"data").await.unwrap();
    stream.flush().await.unwrap();
    assert_eq!(stream.get_ref().writes, [[HEADER, &kad, b"data"].concat()]);

    let mut stream = BufStream::new(Script::new(&[HEADER, &kad]));
    listen(&mut stream, &["/ipfs/kad/1.0.0"]).await.unwrap();
    assert_eq!(stream.get_ref().writes, [[HEADER, &kad].concat()]);
}

#[tokio::test]
async fn the_listener_refuses_what_it_does_not_speak() {
    let mut remote = Script::new(&[HEADER, &message("/a"), &message("/b")]);
    assert_eq!(listen(&mut remote, &["/b"]).await.unwrap().choice, 0);
    assert_eq!(remote.writes, [[HEADER, NOT_AVAILABLE].concat(), message("/b")]);
}

#[tokio::test(start_paused = true)]
async fn the_listener_waits_for_the_dialers_header() {
    let (mut near, mut far) = duplex(1024);
    let listener = tokio::spawn(async move { listen(&mut near, &["/a"]).await.map(|_| near) });
    let mut byte = [0];
    let early = tokio::time::timeout(std::time::Duration::from_secs(1), far.read(&mut byte)).await;
    assert!(early.is_err(), "something was sent first");
    // A dialer that wants to see our header before it proposes gets it.
    far.write_all(HEADER).await.unwrap();
    let mut header = [0; 20];
    soon(far.read_exact(&mut header)).await.unwrap();
    assert_eq!(header, HEADER);
    far.write_all(&message("/a")).await.unwrap();
    soon(listener).await.unwrap().unwrap();
    let mut consent = [0; 4];
    soon(far.read_exact(&mut consent)).await.unwrap();
    assert_eq!(consent, *message("/a"));
}

#[tokio::test(start_paused = true)]
async fn bytes_may_come_one_at_a_time_and_what_follows_is_left_alone() {
    for most in [1, 2, 7] {
        let (near, far) = duplex(4);
        let mut dialer = Chopped::new(near, most, false);
        let mut listener = Chopped::new(far, most, false);
        let dialing = async {
            let index = dial(&mut dialer, &["/a", "/b", "/c"]).await.unwrap();
            dialer.write_all(b"ping").await.unwrap();
            let mut answer = [0; 4];
            dialer.read_exact(&mut answer).await.unwrap();
            (index, answer)
        };
        let listening = async {
            let agreed = listen(&mut listener, &["/c", "/b"]).await.unwrap();
            listener.write_all(b"pong").await.unwrap();
            let mut question = [0; 4];
            listener.read_exact(&mut question).await.unwrap();
            (agreed, question)
        };
        let ((index, answer), (agreed, question)) =
            soon(async { tokio::join!(dialing, listening) }).await;
        assert_eq!((index, agreed.name.as_str(), agreed.choice), (1, "/b", 1));
        assert_eq!((&question, &answer), (b"ping", b"pong"));
    }
}

#[tokio::test(start_paused = true)]
async fn when_nothing_fits_each_side_learns_what_the_other_speaks() {
    let (mut near, mut far) = duplex(1024);
    let dialing = async move { dial(&mut near, &["/a", "/b"]).await };
    let listening = async move { listen(&mut far, &["/c", "/d"]).await };
    let (dialed, listened) = soon(async { tokio::join!(dialing, listening) }).await;
    let Err(Error::NoneAccepted { offered, remote }) = dialed else { panic!("{dialed:?}") };
    assert_eq!(offered, ["/a", "/b"]);
    assert_eq!(remote.unwrap(), ["/c", "/d"]);
    let Err(Error::NothingAgreed { offered, supported }) = listened else { panic!("{listened:?}") };
    assert_eq!(
        (offered, supported),
        (vec!["/a".into(), "/b".into()], vec!["/c".into(), "/d".into()])
    );
}

#[tokio::test]
async fn a_remote_need_not_say_what_it_speaks() {
    for answer in [NOT_AVAILABLE, b"", b"\x03", b"\xff\xff\xff\xff", b"\x03\xff\xff\n"] {
        for then in [Then::End, Then::Reset] {
            let mut remote = Script::new(&[HEADER, NOT_AVAILABLE, answer]);
            remote.then = then;
            let outcome = dial(&mut remote, &["/a"]).await;
            let Err(Error::NoneAccepted { remote: None, .. }) = outcome else {
                panic!("{outcome:?}")
            };
        }
    }
}

#[tokio::test]
async fn a_listener_tells_what_it_speaks_as_one_nested_message() {
    let mut remote = Script::new(&[HEADER, LIST, &message("/a")]);
    listen(&mut remote, &["/a", "/bc"]).await.unwrap();
    assert_eq!(remote.writes[0], b"\x13/multistream/1.0.0\n\x0a\x03/a\n\x04/bc\n\n");
}

#[tokio::test]
async fn every_generation_of_listeners_is_understood() {
    let answers: [&[u8]; 4] = [
        b"\x0a\x03/a\n\x04/bc\n\n",         // the specification
        b"\x0a\x02\x03/a\n\x04/bc\n",       // go-multistream of 2015
        b"\x08/a\n/bc\n\n",                 // py
        b"\x03\x02\x02\n\x03/a\n\x04/bc\n", // js-multistream-select 0.14
    ];
    for answer in answers {
        let mut remote = Script::new(&[HEADER, answer]);
        assert_eq!(ls(&mut remote).await.unwrap(), ["/a", "/bc"], "{answer:?}");
        assert_eq!(remote.writes, [[HEADER, LIST].concat()]);
        assert!(remote.unread().is_empty());
    }
    let mut remote = Script::new(&[HEADER, NOT_AVAILABLE]);
    assert!(matches!(ls(&mut remote).await, Err(Error::NotListed)));
}

#[tokio::test(start_paused = true)]
async fn headers_may_cross_on_the_way() {
    let (mut near, mut far) = duplex(1024);
    let (one, other) =
        soon(async { tokio::join!(dial(&mut near, &["/a"]), dial(&mut far, &["/a"])) }).await;
    assert_eq!((one.unwrap(), other.unwrap()), (0, 0));
    // The listener's header came before we said anything.
    let mut remote = Script::new(&[HEADER, &message("/a")]);
    remote.then = Then::Silence;
    assert_eq!(soon(dial(&mut remote, &["/a"])).await.unwrap(), 0);
}

#[tokio::test]
async fn a_registry_chooses_by_name_range_and_predicate() {
    let mut registry = Registry::new();
    registry.insert("/ping/1.0.0", "ping");
    registry.insert(Matcher::semver("/echo", "^1.2").unwrap(), "echo");
    registry.insert(Matcher::predicate("/x", |name| name.starts_with("/x/")), "x");
    for (name, handler) in [("/ping/1.0.0", "ping"), ("/echo/1.4", "echo"), ("/x/y", "x")] {
        let mut remote = Script::new(&[HEADER, &message("/echo/1.1"), &message(name)]);
        let agreed = listen(&mut remote, &registry).await.unwrap();
        assert_eq!((agreed.name.as_str(), agreed.choice), (name, handler));
    }
}

#[tokio::test]
async fn a_remote_that_only_talks_is_heard() {
    let mut remote = Script::new(&[HEADER, &message("/a"), b"data"]);
    remote.deaf = true;
    assert_eq!(listen(&mut remote, &["/a"]).await.unwrap().name, "/a");
    assert_eq!(remote.unread(), b"data");
}

#[tokio::test]
async fn names_that_cannot_be_proposed_are_the_callers_fault_and_send_nothing() {
    let mut remote = Script::new(&[]);
    assert!(matches!(dial::<_, &str>(&mut remote, &[]).await, Err(Error::NothingToOffer)));
    assert!(matches!(dial(&mut remote, &["/a", "na"]).await, Err(Error::InvalidName(_))));
    assert!(matches!(propose(&mut remote, "a\nb").await, Err(Error::InvalidName(_))));
    assert!(remote.writes.is_empty());
}
