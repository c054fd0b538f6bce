//! A negotiation with a remote that says anything: every message, and both sides of the conversation.
#![no_main]

use libfuzzer_sys::fuzz_target;
use peerloom_fuzz::{Remote, finish};
use peerloom_multistream_select::{Decoded, Listing, Message, Negotiated, dial, listen, ls};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fuzz_target!(|bytes: &[u8]| {
    check_message(bytes);
    check_listing(bytes);
    check_conversations(bytes);
});

fn check_message(bytes: &[u8]) {
    match Message::decode(bytes) {
        Ok(Decoded::Complete { value, length }) => {
            let mut again = Vec::new();
            value.encode(&mut again).expect("what was read can be sent");
            assert_eq!(again, bytes[..length]);
            assert_eq!(Message::decode(&bytes[..length - 1]), Ok(Decoded::Incomplete(1)));
        }
        Ok(Decoded::Incomplete(missing)) => assert_ne!(missing, 0),
        Err(_) => {}
    }
}

fn check_listing(bytes: &[u8]) {
    match Listing::decode(bytes) {
        Ok(Decoded::Complete { value: Listing::Names(names), length }) => {
            assert_eq!(Listing::decode(&bytes[..length - 1]), Ok(Decoded::Incomplete(1)));
            let mut again = Vec::new();
            Listing::encode(&names, &mut again);
            let length = again.len();
            let value = Listing::Names(names);
            assert_eq!(Listing::decode(&again), Ok(Decoded::Complete { value, length }));
        }
        Ok(Decoded::Incomplete(missing)) => assert_ne!(missing, 0),
        Ok(Decoded::Complete { .. }) | Err(_) => {}
    }
}

/// Whatever the remote says, it does not matter in which pieces it comes.
fn check_conversations(bytes: &[u8]) {
    for converse in [dialer, listener, lister, lazy_dialer] {
        let at_once = converse(Remote::at_once(bytes));
        assert_eq!(converse(Remote::byte_by_byte(bytes)), at_once);
    }
}

/// How a conversation ended, and what our side said in it.
type Outcome = (String, Vec<u8>);

fn dialer(mut remote: Remote<'_>) -> Outcome {
    let agreed = finish(dial(&mut remote, &PROTOCOLS));
    (format!("{agreed:?}"), remote.heard)
}

fn listener(mut remote: Remote<'_>) -> Outcome {
    let agreed = finish(listen(&mut remote, &PROTOCOLS));
    (format!("{agreed:?}"), remote.heard)
}

fn lister(mut remote: Remote<'_>) -> Outcome {
    let names = finish(ls(&mut remote));
    (format!("{names:?}"), remote.heard)
}

fn lazy_dialer(remote: Remote<'_>) -> Outcome {
    let [protocol, ..] = PROTOCOLS;
    let mut stream = Negotiated::lazy(remote, protocol).expect("the name is a valid one");
    let mut answer = Vec::new();
    let outcome = finish(async {
        stream.write_all(b"question").await?;
        stream.read_to_end(&mut answer).await?;
        stream.shutdown().await
    });
    (format!("{outcome:?} {answer:?}"), stream.into_inner().heard)
}

const PROTOCOLS: [&str; 3] = ["/echo/1.0.0", "/a", "/b"];
