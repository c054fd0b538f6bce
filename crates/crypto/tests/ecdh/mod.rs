//! NIST's vectors of the ECC CDH primitive (CAVS 14.1), and every point that nobody agrees with.

use peerloom_crypto::{Curve, Error};

use crate::conformance::hex;
use crate::provider::ecdh::SecretKey;

const CURVES: [Curve; 3] = [Curve::P256, Curve::P384, Curve::P521];

/// A secret key, somebody's public key, and what they agree on.
struct Vector {
    curve: Curve,
    scalar: &'static str,
    x: &'static str,
    y: &'static str,
    secret: &'static str,
}

const VECTORS: [Vector; 6] = [
    Vector {
        curve: Curve::P256,
        scalar: "7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534",
        x: "700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287",
        y: "db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac",
        secret: "46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b",
    },
    Vector {
        curve: Curve::P256,
        scalar: "38f65d6dce47676044d58ce5139582d568f64bb16098d179dbab07741dd5caf5",
        x: "809f04289c64348c01515eb03d5ce7ac1a8cb9498f5caa50197e58d43a86a7ae",
        y: "b29d84e811197f25eba8f5194092cb6ff440e26d4421011372461f579271cda3",
        secret: "057d636096cb80b67a8c038c890e887d1adfa4195e9b3ce241c8a778c59cda67",
    },
    Vector {
        curve: Curve::P384,
        scalar: "3cc3122a68f0d95027ad38c067916ba0eb8c38894d22e1b15618b6818a661774
            ad463b205da88cf699ab4d43c9cf98a1",
        x: "a7c76b970c3b5fe8b05d2838ae04ab47697b9eaf52e764592efda27fe7513272
            734466b400091adbf2d68c58e0c50066",
        y: "ac68f19f2e1cb879aed43a9969b91a0839c4c38a49749b661efedf243451915e
            d0905a32b060992b468c64766fc8437a",
        secret: "5f9d29dc5e31a163060356213669c8ce132e22f57c9a04f40ba7fcead493b457
            e5621e766c40a2e3d4d6a04b25e533f1",
    },
    Vector {
        curve: Curve::P384,
        scalar: "92860c21bde06165f8e900c687f8ef0a05d14f290b3f07d8b3a8cc6404366e5d
            5119cd6d03fb12dc58e89f13df9cd783",
        x: "30f43fcf2b6b00de53f624f1543090681839717d53c7c955d1d69efaf0349b73
            63acb447240101cbb3af6641ce4b88e0",
        y: "25e46c0c54f0162a77efcc27b6ea792002ae2ba82714299c860857a68153ab62
            e525ec0530d81b5aa15897981e858757",
        secret: "a23742a2c267d7425fda94b93f93bbcc24791ac51cd8fd501a238d40812f4cbf
            c59aac9520d758cf789c76300c69d2ff",
    },
    Vector {
        curve: Curve::P521,
        scalar: "017eecc07ab4b329068fba65e56a1f8890aa935e57134ae0ffcce802735151f4
            eac6564f6ee9974c5e6887a1fefee5743ae2241bfeb95d5ce31ddcb6f9edb4d6
            fc47",
        x: "00685a48e86c79f0f0875f7bc18d25eb5fc8c0b07e5da4f4370f3a9490340854
            334b1e1b87fa395464c60626124a4e70d0f785601d37c09870ebf176666877a2
            046d",
        y: "01ba52c56fc8776d9e8f5db4f0cc27636d0b741bbe05400697942e80b739884a
            83bde99e0f6716939e632bc8986fa18dccd443a348b6c3e522497955a4f3c302
            f676",
        secret: "005fc70477c3e63bc3954bd0df3ea0d1f41ee21746ed95fc5e1fdf90930d5e13
            6672d72cc770742d1711c3c3a4c334a0ad9759436a4d3c5bf6e74b9578fac148
            c831",
    },
    Vector {
        curve: Curve::P521,
        scalar: "00816f19c1fb10ef94d4a1d81c156ec3d1de08b66761f03f06ee4bb9dcebbbfe
            1eaa1ed49a6a990838d8ed318c14d74cc872f95d05d07ad50f621ceb620cd905
            cfb8",
        x: "01df277c152108349bc34d539ee0cf06b24f5d3500677b4445453ccc21409453
            aafb8a72a0be9ebe54d12270aa51b3ab7f316aa5e74a951c5e53f74cd95fc29a
            ee7a",
        y: "013d52f33a9f3c14384d1587fa8abe7aed74bc33749ad9c570b471776422c7d4
            505d9b0a96b3bfac041e4c6a6990ae7f700e5b4a6640229112deafa0cd8bb0d0
            89b0",
        secret: "000b3920ac830ade812c8f96805da2236e002acbbf13596a9ab254d44d0e91b6
            255ebf1229f366fb5a05c5884ef46032c26d42189273ca4efa4c3db6bd12a685
            3759",
    },
];

#[test]
fn secrets_are_those_of_nist() {
    for vector in &VECTORS {
        let key = SecretKey::from_scalar(vector.curve, &hex(vector.scalar)).unwrap();
        let point = [vec![4], hex(vector.x), hex(vector.y)].concat();
        assert_eq!(*key.agree(&point).unwrap(), hex(vector.secret));
    }
}

#[test]
fn both_sides_agree_at_the_full_width_of_the_field() {
    for (curve, width) in CURVES.into_iter().zip([32, 48, 66]) {
        let (one, other) =
            (SecretKey::generate(curve).unwrap(), SecretKey::generate(curve).unwrap());
        assert_eq!((one.curve(), one.public_point().len()), (curve, 1 + 2 * width));
        assert_ne!(one.public_point(), other.public_point());
        let secret = one.agree(other.public_point()).unwrap();
        assert_eq!(secret, other.agree(one.public_point()).unwrap());
        assert_eq!(secret.len(), width);
    }
}

#[test]
fn leading_zeros_are_part_of_the_secret() {
    // The first multiple of the base point whose x begins with a zero byte, on P-521 with two;
    // found with Python's `cryptography`.
    for (curve, multiple, x) in [
        (Curve::P256, 379, "005543894af3d00ed7d740abdbd75c96b06877b787db5f70eea78b90a8d7c00a"),
        (
            Curve::P384,
            197,
            "004d104b26ee5671f72c10c986841d3e65d285e2516161b7baa341b12631b9e3
            2b6f0d5896d8431c51d5d93a37cbc90e",
        ),
        (
            Curve::P521,
            273,
            "000060a88d8596a2c6597b2dc4e465dfd7e74a0bcb7b863f56f21c1414a5958b
            62a495996fd86b8e9e78a6712c7887e75dfce972a04e12cb9cf9e032ff2ac1af
            ff19",
        ),
    ] {
        let base_point = small_key(curve, 1).public_point().to_vec();
        assert_eq!(*small_key(curve, multiple).agree(&base_point).unwrap(), hex(x));
    }
}

/// The key whose scalar is this small number.
fn small_key(curve: Curve, scalar: u16) -> SecretKey {
    let mut bytes = vec![0; curve.scalar_length()];
    let end = bytes.len() - 2;
    bytes[end..].copy_from_slice(&scalar.to_be_bytes());
    SecretKey::from_scalar(curve, &bytes).unwrap()
}

#[test]
fn secret_keys_are_above_zero_and_below_the_order() {
    for curve in CURVES {
        let length = curve.scalar_length();
        for scalar in [
            vec![0; length],
            vec![0xff; length],
            vec![1; length - 1],
            vec![1; length + 1],
            [vec![0], vec![1; length]].concat(),
            vec![],
        ] {
            assert_eq!(SecretKey::from_scalar(curve, &scalar).unwrap_err(), Error::MalformedKey);
        }
    }
}

#[test]
fn points_off_the_curve_and_other_encodings_are_refused() {
    for curve in CURVES {
        let key = SecretKey::generate(curve).unwrap();
        let point = SecretKey::generate(curve).unwrap().public_point().to_vec();
        let width = curve.scalar_length();
        key.agree(&point).unwrap();

        let compressed = [&[2 | point[2 * width] & 1], &point[1..=width]].concat();
        let mut off_the_curve = point.clone();
        off_the_curve[2 * width] ^= 1;
        let mut hybrid = point.clone();
        hybrid[0] = 6 | point[2 * width] & 1;
        for wrong in [
            // Infinity, alone and filled up.
            vec![0],
            vec![0; 1 + 2 * width],
            [vec![4], vec![0; 2 * width]].concat(),
            // x and y above the field's prime.
            [vec![4], vec![0xff; 2 * width]].concat(),
            compressed,
            hybrid,
            off_the_curve,
            vec![],
            point[1..].to_vec(),
            point[..2 * width].to_vec(),
            [point.as_slice(), &[0]].concat(),
        ] {
            assert_eq!(key.agree(&wrong).unwrap_err(), Error::MalformedKey, "{wrong:02x?}");
        }
        for other in CURVES.into_iter().filter(|other| *other != curve) {
            let foreign = SecretKey::generate(other).unwrap();
            assert_eq!(key.agree(foreign.public_point()).unwrap_err(), Error::MalformedKey);
        }
    }
}

#[test]
fn nobody_agrees_over_secp256k1() {
    assert_eq!(SecretKey::generate(Curve::Secp256k1).unwrap_err(), Error::NoAgreement);
    let key = SecretKey::from_scalar(Curve::Secp256k1, &[1; 32]);
    assert_eq!(key.unwrap_err(), Error::NoAgreement);
}

#[test]
fn a_key_does_not_show_itself() {
    let key = SecretKey::generate(Curve::P256).unwrap();
    assert_eq!(format!("{key:?}"), "ecdh::SecretKey");
}
