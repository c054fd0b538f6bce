//! RFC 6979, appendix A.2 (with SHA-256), and everything that must not verify.

use peerloom_crypto::{Curve, Error};

use crate::conformance::{bit_flips, hex};
use crate::provider::ecdsa::{PublicKey, SecretKey};

const CURVES: [Curve; 4] = [Curve::P256, Curve::P384, Curve::P521, Curve::Secp256k1];

/// A key, and the signature over a message with the nonce that RFC 6979 derives.
struct Vector {
    curve: Curve,
    message: &'static str,
    scalar: &'static str,
    r: &'static str,
    s: &'static str,
}

const VECTORS: [Vector; 4] = [
    Vector {
        curve: Curve::P256,
        message: "sample",
        scalar: "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
        r: "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
        s: "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
    },
    Vector {
        curve: Curve::P384,
        message: "sample",
        scalar: "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D8
            96D5724E4C70A825F872C9EA60D2EDF5",
        r: "21B13D1E013C7FA1392D03C5F99AF8B30C570C6F98D4EA8E354B63A21D3DAA33
            BDE1E888E63355D92FA2B3C36D8FB2CD",
        s: "F3AA443FB107745BF4BD77CB3891674632068A10CA67E3D45DB2266FA7D1FEEB
            EFDC63ECCD1AC42EC0CB8668A4FA0AB0",
    },
    Vector {
        curve: Curve::P521,
        message: "sample",
        scalar: "00FAD06DAA62BA3B25D2FB40133DA757205DE67F5BB0018FEE8C86E1B68C7E75CA
            A896EB32F1F47C70855836A6D16FCC1466F6D8FBEC67DB89EC0C08B0E996B83538",
        r: "01511BB4D675114FE266FC4372B87682BAECC01D3CC62CF2303C92B3526012659D16
            876E25C7C1E57648F23B73564D67F61C6F14D527D54972810421E7D87589E1A7",
        s: "004A171143A83163D6DF460AAF61522695F207A58B95C0644D87E52AA1A347916E4F
            7A72930B1BC06DBE22CE3F58264AFD23704CBB63B29B931F7DE6C9D949A7ECFC",
    },
    // The RFC does not have this curve; the vector is a well-known one of Bitcoin's.
    Vector {
        curve: Curve::Secp256k1,
        message: "Satoshi Nakamoto",
        scalar: "0000000000000000000000000000000000000000000000000000000000000001",
        r: "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8",
        s: "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5",
    },
];

/// `ECDSA-Sig-Value` in DER.
fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
    let number = |number: &[u8]| {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        let number = &number[zeros..];
        let zero: &[u8] = if number[0] < 0x80 { &[] } else { &[0] };
        let length = u8::try_from(zero.len() + number.len()).unwrap();
        [&[0x02, length], zero, number].concat()
    };
    let (r, s) = (number(r), number(s));
    let length = u8::try_from(r.len() + s.len()).unwrap();
    let header = if length < 0x80 { vec![0x30, length] } else { vec![0x30, 0x81, length] };
    [header, r, s].concat()
}

#[test]
fn signatures_of_the_rfc_verify() {
    for vector in &VECTORS {
        let key = SecretKey::from_bytes(vector.curve, &hex(vector.scalar)).unwrap();
        let signature = der(&hex(vector.r), &hex(vector.s));
        key.public_key().verify(vector.message.as_bytes(), &signature).unwrap();
    }
}

#[test]
fn only_the_signature_of_this_key_over_this_message_verifies() {
    for curve in CURVES {
        let key = SecretKey::generate(curve).unwrap();
        let other = SecretKey::generate(curve).unwrap();
        let signature = key.sign(b"message").unwrap();
        let key = key.public_key();
        key.verify(b"message", &signature).unwrap();

        key.verify(b"massage", &signature).unwrap_err();
        other.public_key().verify(b"message", &signature).unwrap_err();
        // Not all of them: some of these curves are slow without optimization.
        for changed in bit_flips(&signature).step_by(47) {
            assert_eq!(key.verify(b"message", &changed), Err(Error::WrongSignature));
        }
        for length in 0..signature.len() {
            key.verify(b"message", &signature[..length]).unwrap_err();
        }
        key.verify(b"message", &[signature.as_slice(), &[0]].concat()).unwrap_err();
        key.verify(b"message", &der(&[1], &[1])).unwrap_err();
        key.verify(b"message", &[0x30, 6, 2, 1, 0, 2, 1, 0]).unwrap_err();
    }
}

#[test]
fn on_secp256k1_s_is_low() {
    let order = hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    let vector = &VECTORS[3];
    let key = SecretKey::from_bytes(vector.curve, &hex(vector.scalar)).unwrap();
    let mut high = hex(vector.s);
    let mut borrow = 0;
    for (digit, order) in high.iter_mut().zip(order).rev() {
        let difference = i16::from(order) - i16::from(*digit) - borrow;
        borrow = i16::from(difference < 0);
        *digit = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    let signature = der(&hex(vector.r), &high);
    let verified = key.public_key().verify(vector.message.as_bytes(), &signature);
    assert_eq!(verified, Err(Error::WrongSignature));

    // Half of all signatures come out high before they are put right.
    for message in 0..16_u8 {
        let signature = key.sign(&[message]).unwrap();
        key.public_key().verify(&[message], &signature).unwrap();
    }
}

#[test]
fn keys_survive_being_written_and_read() {
    for curve in CURVES {
        let key = SecretKey::generate(curve).unwrap();
        let again = SecretKey::from_bytes(curve, key.as_bytes()).unwrap();
        assert_eq!(again.public_key(), key.public_key());
        let point = key.public_key().as_point();
        assert_eq!(point.len(), curve.point_length());
        assert_eq!(&PublicKey::from_point(curve, point).unwrap(), key.public_key());
    }
    for curve in [Curve::P256, Curve::P384, Curve::P521] {
        let key = SecretKey::generate(curve).unwrap();
        let again = SecretKey::from_sec1(&key.to_sec1()).unwrap();
        assert_eq!((again.as_bytes(), again.to_sec1()), (key.as_bytes(), key.to_sec1()));
        let public = PublicKey::from_spki(&key.public_key().to_spki()).unwrap();
        assert_eq!(&public, key.public_key());
        assert_eq!(public.curve(), curve);
    }
}

#[test]
fn secret_keys_are_above_zero_and_below_the_order() {
    for curve in CURVES {
        let length = curve.scalar_length();
        for scalar in
            [vec![0; length], vec![0xff; length], vec![1; length - 1], vec![1; length + 1]]
        {
            assert_eq!(SecretKey::from_bytes(curve, &scalar).unwrap_err(), Error::MalformedKey);
        }
    }
}

#[test]
fn points_off_the_curve_and_other_encodings_are_refused() {
    for curve in CURVES {
        let point = SecretKey::generate(curve).unwrap().public_key().as_point().to_vec();
        for first in (0..=7).filter(|first| *first != point[0]) {
            let mut changed = point.clone();
            changed[0] = first;
            // On secp256k1 the other of 2 and 3 is another key.
            let is_key = curve == Curve::Secp256k1 && [2, 3].contains(&first);
            assert_eq!(PublicKey::from_point(curve, &changed).is_ok(), is_key);
        }
        PublicKey::from_point(curve, &[]).unwrap_err();
        PublicKey::from_point(curve, &[0]).unwrap_err();
        PublicKey::from_point(curve, &point[..point.len() - 1]).unwrap_err();
        PublicKey::from_point(curve, &[point.as_slice(), &[0]].concat()).unwrap_err();
        if curve != Curve::Secp256k1 {
            let mut changed = point;
            *changed.last_mut().unwrap() ^= 1;
            assert_eq!(PublicKey::from_point(curve, &changed), Err(Error::MalformedKey));
        }
    }
}

#[test]
fn a_written_key_with_any_other_bit_or_length_is_refused() {
    let key = SecretKey::generate(Curve::P256).unwrap();
    let spki = key.public_key().to_spki();
    for changed in bit_flips(&spki) {
        PublicKey::from_spki(&changed).unwrap_err();
    }
    let sec1 = key.to_sec1();
    for changed in bit_flips(&sec1).step_by(13) {
        SecretKey::from_sec1(&changed).unwrap_err();
    }
    for length in 0..sec1.len() {
        SecretKey::from_sec1(&sec1[..length]).unwrap_err();
    }
}

#[test]
fn the_public_key_beside_a_secret_one_may_be_missing_but_not_foreign() {
    let (one, other) =
        (SecretKey::generate(Curve::P256).unwrap(), SecretKey::generate(Curve::P256).unwrap());
    let sec1 = one.to_sec1();
    let public = sec1.len() - other.public_key().as_point().len();
    let foreign = [&sec1[..public], other.public_key().as_point()].concat();
    assert_eq!(SecretKey::from_sec1(&foreign).unwrap_err(), Error::MismatchedKey);

    // The last element, the public key, is 70 bytes; the sequence's length is its second byte.
    let mut without = sec1[..sec1.len() - 70].to_vec();
    without[1] -= 70;
    assert_eq!(SecretKey::from_sec1(&without).unwrap().public_key(), one.public_key());
}

#[test]
fn a_key_does_not_show_itself() {
    let key = SecretKey::generate(Curve::P256).unwrap();
    assert_eq!(format!("{key:?}"), "ecdsa::SecretKey");
}
