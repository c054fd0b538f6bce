//! The addresses of a peer, signed by that peer ([RFC 0003]).
//!
//! [RFC 0003]: https://github.com/libp2p/specs/blob/master/RFC/0003-routing-records.md

use peerloom_multiaddr::Multiaddr;
use peerloom_peer_id::PeerId;

use crate::message::{Fields, Malformed, Value, write_bytes, write_number};
use crate::{Error, Keypair, SignedEnvelope};

/// What a peer says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeerRecord {
    /// The peer.
    pub peer: PeerId,
    /// Of two records of a peer, the one with the higher number is the newer. It is no time, even
    /// though many use the clock to make it.
    pub sequence: u64,
    /// Where the peer can be reached. Addresses of a kind unknown here are left out.
    pub addresses: Vec<Multiaddr>,
}

/// A peer record with the signature of the peer that it is about.
///
/// One in hand is a verified one: it was signed by the very peer that it names (RUSTSEC-2022-0009).
///
/// ```
/// use peerloom_identity::{Keypair, SignedPeerRecord};
///
/// let keypair = Keypair::generate_ed25519()?;
/// let addresses = vec!["/ip4/192.0.2.1/tcp/4001".parse().expect("an address")];
/// let record = SignedPeerRecord::seal(&keypair, 1, addresses)?;
///
/// let received = SignedPeerRecord::decode(&record.encode())?;
/// assert_eq!(received.record().peer, keypair.peer_id());
/// # Ok::<(), peerloom_identity::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedPeerRecord {
    envelope: SignedEnvelope,
    record: PeerRecord,
}

impl SignedPeerRecord {
    /// Signs the addresses of the peer that has these keys.
    ///
    /// It is written as go-libp2p, js-libp2p and py-libp2p do and every implementation reads, which
    /// is not quite as the RFC has it.
    ///
    /// # Errors
    /// When there are more than [`MAX_ADDRESSES`], when they make the envelope too long, or when the
    /// keys cannot sign.
    pub fn seal(
        keypair: &Keypair,
        sequence: u64,
        addresses: Vec<Multiaddr>,
    ) -> Result<Self, Error> {
        if MAX_ADDRESSES < addresses.len() {
            return Err(Error::TooManyAddresses);
        }
        let record = PeerRecord { peer: keypair.peer_id(), sequence, addresses };
        let [form, _] = FORMS;
        let envelope =
            SignedEnvelope::seal(keypair, form.domain, form.payload_type, &record.encode())?;
        Ok(SignedPeerRecord { envelope, record })
    }

    /// Reads and verifies a record, in either of the forms that are around.
    ///
    /// # Errors
    /// As [`SignedEnvelope::decode`] and the conversion from an envelope have.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        SignedEnvelope::decode(bytes)?.try_into()
    }

    /// The record in its envelope, as it travels, byte for byte what the peer has signed.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.envelope.encode()
    }

    /// What the peer says.
    #[must_use]
    pub fn record(&self) -> &PeerRecord {
        &self.record
    }
}

impl TryFrom<SignedEnvelope> for SignedPeerRecord {
    type Error = Error;

    /// Verifies the record in an envelope.
    ///
    /// # Errors
    /// When the envelope holds no peer record, the signature is wrong, the record is malformed or
    /// has too many addresses, or it is about another peer than the one that signed it.
    fn try_from(envelope: SignedEnvelope) -> Result<Self, Error> {
        let form = FORMS
            .iter()
            .find(|form| form.payload_type == envelope.payload_type())
            .ok_or(Error::PayloadType)?;
        let verified = envelope.verify(form.domain, form.payload_type)?;
        let signer = verified.signer().peer_id();
        let record = PeerRecord::decode(verified.payload())?;
        if record.peer != signer {
            return Err(Error::ForeignRecord { subject: record.peer, signer });
        }
        Ok(SignedPeerRecord { envelope, record })
    }
}

impl PeerRecord {
    fn encode(&self) -> Vec<u8> {
        let mut message = Vec::new();
        write_bytes(&mut message, 1, self.peer.as_bytes());
        write_number(&mut message, 2, self.sequence);
        for address in &self.addresses {
            let mut info = Vec::new();
            write_bytes(&mut info, 1, address.as_bytes());
            write_bytes(&mut message, 3, &info);
        }
        message
    }

    fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let (mut peer, mut sequence, mut addresses, mut count) = (None, 0, Vec::new(), 0);
        for field in Fields::of(bytes) {
            match field.map_err(malformed)? {
                (1, Value::Bytes(bytes)) => peer = Some(bytes),
                (2, Value::Number(number)) => sequence = number,
                (3, Value::Bytes(info)) => {
                    count += 1;
                    if MAX_ADDRESSES < count {
                        return Err(Error::TooManyAddresses);
                    }
                    addresses.extend(decode_address(info)?);
                }
                (0..=3, _) => return Err(Error::MalformedRecord),
                (_, _) => {}
            }
        }
        let peer = peer.and_then(|bytes| PeerId::from_bytes(bytes).ok());
        Ok(PeerRecord { peer: peer.ok_or(Error::MalformedRecord)?, sequence, addresses })
    }
}

/// The address, unless it is of a kind that is unknown here.
fn decode_address(info: &[u8]) -> Result<Option<Multiaddr>, Error> {
    let mut address = None;
    for field in Fields::of(info) {
        if let (1, Value::Bytes(bytes)) = field.map_err(malformed)? {
            address = Multiaddr::try_from(bytes).ok();
        }
    }
    Ok(address)
}

fn malformed(_: Malformed) -> Error {
    Error::MalformedRecord
}

/// What a record is signed for, and how its type is written.
#[derive(Clone, Copy)]
struct Form {
    domain: &'static str,
    payload_type: &'static [u8],
}

/// The form of go-libp2p, js-libp2p and py-libp2p (multicodec `libp2p-peer-record`, 0x0301), and
/// the one of RFC 0003 and rust-libp2p.
const FORMS: [Form; 2] = [
    Form { domain: "libp2p-peer-record", payload_type: &[0x03, 0x01] },
    Form { domain: "libp2p-routing-state", payload_type: b"/libp2p/routing-state-record" },
];

/// How many addresses a record may have. Peers with many interfaces, transports and relays have
/// some fifty.
pub const MAX_ADDRESSES: usize = 128;
