//! What an envelope and a peer record accept, and what they must not.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use peerloom_identity::{
    Error, KeyKind, Keypair, MAX_ADDRESSES, MAX_ENVELOPE_LENGTH, SignedEnvelope, SignedPeerRecord,
};
use peerloom_multiaddr::Multiaddr;
use peerloom_peer_id::PeerId;
use proptest::prelude::*;

const GO: (&str, &[u8]) = ("libp2p-peer-record", &[0x03, 0x01]);
const RFC: (&str, &[u8]) = ("libp2p-routing-state", b"/libp2p/routing-state-record");

fn keypair() -> Keypair {
    Keypair::generate_ed25519().unwrap()
}

fn address(text: &str) -> Multiaddr {
    text.parse().unwrap()
}

fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut length = [0; 10];
    let length = unsigned_varint::encode::usize(bytes.len(), &mut length);
    [&[number << 3 | 2], length, bytes].concat()
}

/// The payload of a record, written by hand.
fn payload(peer: &PeerId, addresses: &[&[u8]]) -> Vec<u8> {
    let mut record = [field(1, peer.as_bytes()), vec![2 << 3, 7]].concat();
    for address in addresses {
        record.extend(field(3, &field(1, address)));
    }
    record
}

fn sealed(keypair: &Keypair, form: (&str, &[u8]), payload: &[u8]) -> Vec<u8> {
    SignedEnvelope::seal(keypair, form.0, form.1, payload).unwrap().encode()
}

#[test]
fn an_envelope_opens_for_its_purpose_and_type_alone() {
    let keypair = keypair();
    let bytes = sealed(&keypair, ("domain", b"/type"), b"payload");
    let envelope = SignedEnvelope::decode(&bytes).unwrap();
    let verified = envelope.verify("domain", b"/type").unwrap();
    assert_eq!(verified.payload(), b"payload");
    assert_eq!(verified.signer(), keypair.public_key());

    assert!(matches!(envelope.verify("domai", b"/type"), Err(Error::WrongSignature)));
    assert!(matches!(envelope.verify("", b"/type"), Err(Error::WrongSignature)));
    assert!(matches!(envelope.verify("domain", b"/typ"), Err(Error::PayloadType)));
    // Without the lengths between them, these would sign the same bytes.
    let moved = SignedEnvelope::decode(
        &[
            field(1, &keypair.public_key().encode().encode()),
            field(2, b"/typep"),
            field(3, b"ayload"),
            bytes[bytes.len() - 66..].to_vec(),
        ]
        .concat(),
    );
    assert!(matches!(moved.unwrap().verify("domain", b"/typep"), Err(Error::WrongSignature)));
}

#[test]
fn the_signature_covers_lengths_and_parts_as_the_rfc_says() {
    let keypair = keypair();
    let bytes = sealed(&keypair, ("domain", b"/type"), &[7; 200]);
    let signature = &bytes[bytes.len() - 64..];
    let signed = [b"\x06domain\x05/type\xc8\x01".as_slice(), &[7; 200]].concat();
    keypair.public_key().verify(&signed, signature).unwrap();
}

#[test]
fn an_envelope_with_a_bit_changed_or_cut_short_does_not_open() {
    for kind in [
        KeyKind::Ed25519,
        #[cfg(any(feature = "aws-lc", feature = "portable-curves"))]
        KeyKind::EcdsaP256,
    ] {
        let keypair = Keypair::generate(kind).unwrap();
        let bytes = sealed(&keypair, ("domain", b"/type"), b"payload");
        for bit in (0..bytes.len() * 8).step_by(11) {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            if let Ok(envelope) = SignedEnvelope::decode(&changed) {
                envelope.verify("domain", b"/type").unwrap_err();
            }
        }
        for length in 0..bytes.len() {
            if let Ok(envelope) = SignedEnvelope::decode(&bytes[..length]) {
                envelope.verify("domain", b"/type").unwrap_err();
            }
        }
    }
}

#[test]
fn an_envelope_of_one_key_does_not_open_with_another() {
    let (one, other) = (keypair(), keypair());
    let bytes = sealed(&one, ("domain", b"/type"), b"payload");
    let key = field(1, &one.public_key().encode().encode());
    assert!(bytes.starts_with(&key));
    let foreign = [field(1, &other.public_key().encode().encode()), bytes[key.len()..].to_vec()];
    let foreign = SignedEnvelope::decode(&foreign.concat()).unwrap();
    assert!(matches!(foreign.verify("domain", b"/type"), Err(Error::WrongSignature)));
}

#[test]
fn an_envelope_has_a_key_a_signature_and_a_bounded_length() {
    let keypair = keypair();
    let key = field(1, &keypair.public_key().encode().encode());
    let decode = |parts: &[Vec<u8>]| SignedEnvelope::decode(&parts.concat());
    assert!(matches!(decode(&[]), Err(Error::MalformedEnvelope)));
    assert!(matches!(decode(std::slice::from_ref(&key)), Err(Error::MalformedEnvelope)));
    assert!(matches!(decode(&[field(5, &[0; 64])]), Err(Error::MalformedEnvelope)));
    assert!(matches!(decode(&[field(1, b""), field(5, b"")]), Err(Error::KeyMessage(_))));
    assert!(matches!(decode(&[vec![1 << 3, 0], key.clone()]), Err(Error::MalformedEnvelope)));
    // Fields of later versions are skipped.
    let sealed = sealed(&keypair, ("domain", b""), b"");
    let extended = decode(&[sealed, field(9, b"new"), vec![8 << 3, 1]]).unwrap();
    extended.verify("domain", b"").unwrap();

    let long = vec![0; MAX_ENVELOPE_LENGTH + 1];
    assert!(matches!(SignedEnvelope::decode(&long), Err(Error::EnvelopeTooLong(_))));
    let long = SignedEnvelope::seal(&keypair, "domain", b"", &long);
    assert!(matches!(long, Err(Error::EnvelopeTooLong(_))));
}

#[test]
fn a_record_of_ours_is_written_as_go_does_and_reads_back() {
    let keypair = keypair();
    let addresses = vec![address("/ip4/192.0.2.1/tcp/4001"), address("/dns/example.org/tcp/1")];
    let record = SignedPeerRecord::seal(&keypair, 7, addresses.clone()).unwrap();
    let received = SignedPeerRecord::decode(&record.encode()).unwrap();
    assert_eq!(received, record);
    assert_eq!(received.record().peer, keypair.peer_id());
    assert_eq!(received.record().sequence, 7);
    assert_eq!(received.record().addresses, addresses);

    let envelope = SignedEnvelope::decode(&record.encode()).unwrap();
    let bytes: Vec<_> = addresses.iter().map(Multiaddr::as_bytes).collect();
    let verified = envelope.verify(GO.0, GO.1).unwrap();
    assert_eq!(verified.payload(), payload(&keypair.peer_id(), &bytes));
}

#[test]
fn a_record_in_the_form_of_the_rfc_is_read_too() {
    let keypair = keypair();
    let payload = payload(&keypair.peer_id(), &[address("/ip4/192.0.2.1/udp/1").as_bytes()]);
    let record = SignedPeerRecord::decode(&sealed(&keypair, RFC, &payload)).unwrap();
    assert_eq!(record.record().addresses, [address("/ip4/192.0.2.1/udp/1")]);
    // The domain of the one with the type of the other is neither.
    for form in [(GO.0, RFC.1), (RFC.0, GO.1)] {
        let mixed = SignedPeerRecord::decode(&sealed(&keypair, form, &payload));
        assert!(matches!(mixed, Err(Error::WrongSignature)));
    }
    let other = SignedPeerRecord::decode(&sealed(&keypair, (GO.0, b"other"), &payload));
    assert!(matches!(other, Err(Error::PayloadType)));
}

#[test]
fn a_record_about_another_peer_is_refused() {
    // RUSTSEC-2022-0009: well signed, but by somebody else than it is about.
    let (subject, signer) = (keypair(), keypair());
    for form in [GO, RFC] {
        let bytes = sealed(&signer, form, &payload(&subject.peer_id(), &[]));
        match SignedPeerRecord::decode(&bytes) {
            Err(Error::ForeignRecord { subject: named, signer: found }) => {
                assert_eq!((named, found), (subject.peer_id(), signer.peer_id()));
            }
            other => unreachable!("{other:?}"),
        }
    }
}

#[test]
fn addresses_of_an_unknown_kind_are_left_out() {
    let keypair = keypair();
    let good = address("/ip4/192.0.2.1/tcp/4001");
    let payload = payload(&keypair.peer_id(), &[b"", &[0xff, 0x7f, 1], good.as_bytes()]);
    let record = SignedPeerRecord::decode(&sealed(&keypair, GO, &payload)).unwrap();
    assert_eq!(record.record().addresses, [good]);
    // What is passed on is what was signed.
    assert_eq!(record.encode(), sealed(&keypair, GO, &payload));
}

#[test]
fn a_record_has_a_peer_and_a_bounded_number_of_addresses() {
    let keypair = keypair();
    let decode = |payload: &[u8]| SignedPeerRecord::decode(&sealed(&keypair, GO, payload));
    assert!(matches!(decode(b""), Err(Error::MalformedRecord)));
    assert!(matches!(decode(&field(1, b"peer")), Err(Error::MalformedRecord)));
    assert!(matches!(decode(&field(2, b"")), Err(Error::MalformedRecord)));
    assert!(matches!(decode(&[0xff]), Err(Error::MalformedRecord)));
    decode(&field(1, keypair.peer_id().as_bytes())).unwrap();

    let peer = keypair.peer_id();
    decode(&payload(&peer, &vec![b"".as_slice(); MAX_ADDRESSES])).unwrap();
    let many = decode(&payload(&peer, &vec![b"".as_slice(); MAX_ADDRESSES + 1]));
    assert!(matches!(many, Err(Error::TooManyAddresses)));
    let many = vec![address("/ip4/192.0.2.1/tcp/4001"); MAX_ADDRESSES + 1];
    assert!(matches!(SignedPeerRecord::seal(&keypair, 1, many), Err(Error::TooManyAddresses)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_an_envelope_or_an_error(bytes: Vec<u8>) {
        if let Ok(envelope) = SignedEnvelope::decode(&bytes) {
            prop_assert_eq!(SignedEnvelope::decode(&envelope.encode()).unwrap(), envelope);
        }
        let _ = SignedPeerRecord::decode(&bytes);
    }

    #[test]
    fn any_payload_of_a_record_is_read_or_an_error(payload: Vec<u8>) {
        let _ = SignedPeerRecord::decode(&sealed(&keypair(), GO, &payload));
    }

    #[test]
    fn any_payload_comes_back(domain: String, payload_type: Vec<u8>, payload: Vec<u8>) {
        let bytes = sealed(&keypair(), (&domain, &payload_type), &payload);
        let envelope = SignedEnvelope::decode(&bytes).unwrap();
        prop_assert_eq!(envelope.verify(&domain, &payload_type).unwrap().payload(), payload);
        prop_assert_eq!(envelope.encode(), bytes);
    }
}
