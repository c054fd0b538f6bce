//! The two conversations: telling and hearing.

use peerloom_peer_id::PeerId;
use prost::Message as _;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::error::Error;
use crate::info::Info;
use crate::message::Message;

/// Tells who we are, and closes our side of the stream.
///
/// # Errors
/// When the stream fails.
pub async fn send<S>(stream: &mut S, info: &Info) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut bytes = Vec::new();
    for message in info.to_messages() {
        bytes.extend(message.encode_length_delimited_to_vec());
    }
    stream.write_all(&bytes).await?;
    Ok(stream.shutdown().await?)
}

/// Hears who `remote` is, to the end of the stream. Fields that the remote leaves out are empty.
///
/// An address that cannot be read and a signed record that cannot be verified are left out, and the
/// rest is kept.
///
/// # Errors
/// When the stream fails, or what came is not an identify message of this peer.
pub async fn receive<S>(stream: &mut S, remote: &PeerId) -> Result<Info, Error>
where
    S: AsyncRead + Unpin,
{
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_LENGTH + 1).unwrap_or(u64::MAX);
    stream.take(limit).read_to_end(&mut bytes).await?;
    if MAX_LENGTH < bytes.len() {
        return Err(Error::TooLong(MAX_LENGTH));
    }
    Info::from_message(&merge(&bytes)?, remote)
}

/// Reads every message of a stream into one: above 2 KiB go sends several. As protobuf merges, lists
/// grow, and a field of a later message takes the place of an earlier one's if it is there at all.
fn merge(mut bytes: &[u8]) -> Result<Message, Error> {
    let mut merged = Message::default();
    for _ in 0..MAX_MESSAGES {
        if bytes.is_empty() {
            return Ok(merged);
        }
        let (length, rest) =
            unsigned_varint::decode::usize(bytes).map_err(|_| Error::MalformedLength)?;
        let (message, rest) = rest
            .split_at_checked(length)
            .ok_or_else(|| Error::Io(std::io::ErrorKind::UnexpectedEof.into()))?;
        merged.merge(message)?;
        bytes = rest;
    }
    match bytes {
        [] => Ok(merged),
        _ => Err(Error::TooMany(MAX_MESSAGES)),
    }
}

/// How long the messages of a stream may be in all. Others keep theirs under 4 KiB and accept 8.
const MAX_LENGTH: usize = 16 * 1024;

/// How many messages a stream may carry: what go reads.
const MAX_MESSAGES: usize = 10;

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use peerloom_identity::{Keypair, SignedPeerRecord};
    use proptest::collection::vec;
    use proptest::prelude::{any, prop_assert, prop_assert_eq};
    use proptest::proptest;

    use super::*;

    fn somebody() -> (PeerId, Info) {
        let key = Keypair::generate_ed25519().unwrap();
        let info = Info {
            public_key: Some(key.public_key().encode()),
            listen_addresses: vec!["/ip4/127.0.0.1/tcp/4001".parse().unwrap()],
            protocols: vec!["/ipfs/ping/1.0.0".to_owned()],
            observed_address: Some("/ip4/127.0.0.1/tcp/5001".parse().unwrap()),
            protocol_version: "ipfs/0.1.0".to_owned(),
            agent_version: "test/1".to_owned(),
            signed_record: None,
        };
        (key.peer_id(), info)
    }

    async fn told(info: &Info) -> Vec<u8> {
        let mut stream = Cursor::new(Vec::new());
        send(&mut stream, info).await.unwrap();
        stream.into_inner()
    }

    #[tokio::test]
    async fn what_is_told_is_heard() {
        let (peer, info) = somebody();
        let bytes = told(&info).await;
        assert_eq!(receive(&mut bytes.as_slice(), &peer).await.unwrap(), info);
    }

    #[tokio::test]
    async fn a_message_in_two_parts_is_put_together() {
        let (peer, info) = somebody();
        let first = Info { protocols: vec!["/a".to_owned()], ..info.clone() };
        let second = Info { protocols: vec!["/b".to_owned()], ..Info::default() };
        let bytes = [told(&first).await, told(&second).await].concat();
        let heard = receive(&mut bytes.as_slice(), &peer).await.unwrap();
        assert_eq!(heard.protocols, ["/a", "/b"]);
        assert_eq!(heard.agent_version, "test/1");
    }

    #[tokio::test]
    async fn what_is_long_is_sent_in_two_parts() {
        let keypair = Keypair::generate_ed25519().unwrap();
        let info = Info {
            protocols: (0..100).map(|n| format!("/a/rather/long/name/{n}")).collect(),
            agent_version: "test/1".to_owned(),
            signed_record: SignedPeerRecord::seal(&keypair, 1, Vec::new()).ok(),
            ..Info::default()
        };
        assert_eq!(info.to_messages().len(), 2);
        let bytes = told(&info).await;
        assert_eq!(receive(&mut bytes.as_slice(), &keypair.peer_id()).await.unwrap(), info);
    }

    #[tokio::test]
    async fn the_key_of_somebody_else_is_refused() {
        let (_, info) = somebody();
        let (other, _) = somebody();
        let bytes = told(&info).await;
        let error = receive(&mut bytes.as_slice(), &other).await.unwrap_err();
        assert!(matches!(error, Error::WrongKey { expected, .. } if expected == other));
    }

    #[tokio::test]
    async fn an_endless_message_is_cut_off() {
        let (peer, _) = somebody();
        let mut endless = tokio::io::repeat(8);
        let error = receive(&mut endless, &peer).await.unwrap_err();
        assert!(matches!(error, Error::TooLong(MAX_LENGTH)));
    }

    #[tokio::test]
    async fn too_many_messages_are_refused() {
        let (peer, _) = somebody();
        let bytes = [0; MAX_MESSAGES + 1];
        let error = receive(&mut bytes.as_slice(), &peer).await.unwrap_err();
        assert!(matches!(error, Error::TooMany(MAX_MESSAGES)));
    }

    #[tokio::test]
    async fn a_truncated_message_is_an_error() {
        let (peer, info) = somebody();
        let bytes = told(&info).await;
        for end in 1..bytes.len() {
            assert!(receive(&mut &bytes[..end], &peer).await.is_err(), "cut at {end}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_heard_or_refused(bytes in vec(any::<u8>(), 0..200)) {
            let (peer, _) = somebody();
            if let Ok(info) = block_on(receive(&mut bytes.as_slice(), &peer)) {
                prop_assert!(info.public_key.is_none_or(|key| key.peer_id() == peer));
            }
        }

        #[test]
        fn whatever_is_told_is_heard(
            protocols in vec("/[a-z]{1,20}/1\\.[0-9]", 0..20),
            ports in vec(any::<u16>(), 0..20),
            agent_version in "[a-z/.0-9]{0,40}",
        ) {
            let (peer, info) = somebody();
            let addresses = ports.iter().map(|port| format!("/ip4/10.0.0.1/tcp/{port}").parse());
            let listen_addresses = addresses.collect::<Result<_, _>>().unwrap();
            let info = Info { protocols, listen_addresses, agent_version, ..info };
            let bytes = block_on(told(&info));
            prop_assert_eq!(block_on(receive(&mut bytes.as_slice(), &peer)).unwrap(), info);
        }
    }

    fn block_on<F: Future>(future: F) -> F::Output {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(future)
    }
}
