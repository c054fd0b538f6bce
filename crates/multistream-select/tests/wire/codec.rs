//! Whatever bytes come, in whatever pieces.

use peerloom_multistream_select::{Decoded, Error, Listing, Malformed, Message, dial, listen, ls};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::{HEADER, LIST, NOT_AVAILABLE, Script, message};

fn name() -> impl Strategy<Value = String> {
    "/[a-z0-9/._-]{0,40}".prop_filter("names something else", |name| name != "/multistream/1.0.0")
}

fn any_message() -> impl Strategy<Value = Message> {
    prop_oneof![
        Just(Message::Header),
        Just(Message::NotAvailable),
        Just(Message::List),
        name().prop_map(Message::Protocol),
    ]
}

/// Bytes that are more often nearly right than quite wrong.
fn talk() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(HEADER.to_vec()),
        Just(NOT_AVAILABLE.to_vec()),
        Just(LIST.to_vec()),
        Just(message("/a")),
        name().prop_map(|name| message(&name)),
        vec(any::<u8>(), 0..6),
    ];
    vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// Decodes as a reader does that never reads too much.
fn read<T>(
    bytes: &[u8],
    decode: fn(&[u8]) -> Result<Decoded<T>, Malformed>,
) -> Result<Option<(T, usize)>, Malformed> {
    let mut end = 0;
    loop {
        match decode(&bytes[..end])? {
            Decoded::Incomplete(missing) => {
                assert_ne!(missing, 0);
                end += missing;
                if bytes.len() < end {
                    return Ok(None);
                }
            }
            Decoded::Complete { value, length } => {
                assert_eq!(length, end, "read too much");
                return Ok(Some((value, length)));
            }
        }
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

proptest! {
    #[test]
    fn messages_survive_the_way(sent in any_message(), more in vec(any::<u8>(), 0..8)) {
        let mut bytes = Vec::new();
        sent.encode(&mut bytes).unwrap();
        let length = bytes.len();
        bytes.extend(more);
        prop_assert_eq!(read(&bytes, Message::decode), Ok(Some((sent.clone(), length))));
        prop_assert_eq!(Message::decode(&bytes), Ok(Decoded::Complete { value: sent, length }));
    }

    #[test]
    fn lists_survive_the_way(sent in vec(name(), 0..20)) {
        let mut bytes = Vec::new();
        Listing::encode(&sent, &mut bytes);
        let length = bytes.len();
        prop_assert_eq!(read(&bytes, Listing::decode), Ok(Some((Listing::Names(sent), length))));
    }

    #[test]
    fn any_bytes_are_a_message_or_an_error(bytes in vec(any::<u8>(), 0..64)) {
        if let Ok(Some((message, length))) = read(&bytes, Message::decode) {
            let mut again = Vec::new();
            message.encode(&mut again).unwrap();
            prop_assert_eq!(&again[..], &bytes[..length], "there is one encoding only");
        }
        let _ = read(&bytes, Listing::decode);
        let _ = Message::decode(&bytes);
        let _ = Listing::decode(&bytes);
    }

    #[test]
    fn any_talk_ends_a_conversation(talk in talk()) {
        let _ = run(listen(&mut Script::new(&[&talk]), &["/a"]));
        let _ = run(ls(&mut Script::new(&[&talk])));
        match run(dial(&mut Script::new(&[&talk]), &["/a", "/b"])) {
            Ok(index) => prop_assert!(index < 2),
            Err(Error::InvalidName(_) | Error::NothingToOffer) => prop_assert!(false),
            Err(_) => {}
        }
    }
}
