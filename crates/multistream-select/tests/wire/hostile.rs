//! Remotes that mean harm: every one ends in a typed error, soon and in bounded memory.

use peerloom_multistream_select::{Error, Malformed, dial, listen, ls};

use crate::support::{HEADER, LIST, NOT_AVAILABLE, Script, Then, message};

async fn listen_to(incoming: &[&[u8]]) -> Error {
    listen(&mut Script::new(incoming), &["/a"]).await.unwrap_err()
}

async fn dial_and_hear(incoming: &[&[u8]]) -> Error {
    dial(&mut Script::new(incoming), &["/a"]).await.unwrap_err()
}

#[tokio::test]
async fn a_listener_does_not_guess_for_ever() {
    let endless = [message("/no"), LIST.to_vec(), HEADER.to_vec(), NOT_AVAILABLE.to_vec()];
    for request in endless {
        let flood = request.repeat(100);
        let mut remote = Script::new(&[HEADER, &flood]);
        let error = listen(&mut remote, &["/a"]).await.unwrap_err();
        assert!(matches!(error, Error::TooManyRequests { limit: 64 }), "{error}");
        assert_eq!(remote.writes.len(), 64);
        assert_eq!(remote.unread().len(), request.len() * 36);
    }
}

#[tokio::test]
async fn only_some_of_the_refused_names_are_remembered() {
    let Error::NothingAgreed { offered, .. } =
        listen_to(&[HEADER, &message("/no").repeat(60)]).await
    else {
        panic!("something else")
    };
    assert_eq!(offered.len(), 16);
}

#[tokio::test]
async fn huge_and_crooked_messages_are_refused_by_their_length() {
    let cases: [(&[u8], Malformed); 5] = [
        (b"\x81\x08", Malformed::TooLong { limit: 1024 }),
        (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", Malformed::TooLong { limit: 1024 }),
        (b"\x83\x00/a\n", Malformed::LengthNotMinimal),
        (b"\x03/ab", Malformed::NoLineBreak),
        (b"\x00", Malformed::NoLineBreak),
    ];
    for (bytes, reason) in cases {
        for incoming in [vec![bytes], vec![HEADER, bytes]] {
            for error in [listen_to(&incoming).await, dial_and_hear(&incoming).await] {
                let Error::Malformed(found) = error else { panic!("{error}") };
                assert_eq!(found, reason);
            }
        }
    }
}

#[tokio::test]
async fn whoever_does_not_begin_with_the_header_is_left() {
    for first in [NOT_AVAILABLE, LIST, &message("/a"), b"\x13/multistream/2.0.0\n"] {
        assert!(matches!(listen_to(&[first]).await, Error::NotMultistream));
        assert!(matches!(dial_and_hear(&[first]).await, Error::NotMultistream));
        assert!(matches!(ls(&mut Script::new(&[first])).await, Err(Error::NotMultistream)));
    }
    assert!(matches!(listen_to(&[&b"GET / HTTP/1.1\r\n".repeat(9)]).await, Error::Malformed(_)));
}

#[tokio::test]
async fn an_answer_is_the_name_or_a_refusal() {
    for answer in [HEADER, LIST, &message("/ab"), &message("/")] {
        let error = dial_and_hear(&[HEADER, answer]).await;
        assert!(matches!(error, Error::UnexpectedAnswer { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_list_has_an_end() {
    let mut too_long = vec![0x81, 0x80, 0x04];
    too_long.resize(80_000, b'/');
    let outcome = ls(&mut Script::new(&[HEADER, &too_long])).await;
    assert!(matches!(outcome, Err(Error::Malformed(Malformed::TooLong { limit: 65536 }))));

    let mut remote = Script::new(&[HEADER, b"\x04\xe8\x07\x01\n", &message("/a").repeat(2000)]);
    assert_eq!(ls(&mut remote).await.unwrap().len(), 1000);

    let outcome = ls(&mut Script::new(&[HEADER, b"\x03\x02\x02\n", &message("/a"), LIST])).await;
    assert!(matches!(outcome, Err(Error::Malformed(Malformed::NotAList))));

    let outcome = ls(&mut Script::new(&[HEADER, b"\x04\xe9\x07\x01\n"])).await;
    assert!(matches!(outcome, Err(Error::Malformed(Malformed::TooManyNames { limit: 1000 }))));
}

#[tokio::test]
async fn an_end_at_any_byte_is_an_error() {
    let talk = [HEADER, &message("/b"), &message("/a")].concat();
    for end in 0..talk.len() {
        let error = listen_to(&[&talk[..end]]).await;
        let refused = HEADER.len() + 4 <= end;
        match error {
            Error::Closed => assert!(!refused),
            Error::NothingAgreed { .. } => assert!(refused),
            error => panic!("{error}"),
        }
    }
    let answer = [HEADER, &message("/a")].concat();
    for end in 0..answer.len() {
        assert!(matches!(dial_and_hear(&[&answer[..end]]).await, Error::Closed));
    }
}

#[tokio::test]
async fn a_reset_is_the_networks_fault_until_something_was_refused() {
    let mut remote = Script::new(&[HEADER]);
    remote.then = Then::Reset;
    assert!(matches!(listen(&mut remote, &["/a"]).await, Err(Error::Io(_))));
    let mut remote = Script::new(&[HEADER, &message("/b")]);
    remote.then = Then::Reset;
    assert!(matches!(listen(&mut remote, &["/a"]).await, Err(Error::NothingAgreed { .. })));
}
