//! The certificates of the [specification], the good ones and the bad one.
//!
//! [specification]: https://github.com/libp2p/specs/blob/master/tls/tls.md#test-vectors
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use peerloom_tls::{CertificateError, verify_certificate};

#[test]
fn good_certificates_prove_their_peers() {
    for (certificate, peer) in GOOD {
        let key = verify_certificate(&hex(certificate), now()).unwrap();
        assert_eq!(key.peer_id().to_string(), peer);
    }
}

#[test]
fn a_certificate_whose_identity_did_not_sign_it_is_refused() {
    let refused = verify_certificate(&hex(INVALID), now());
    assert_eq!(refused, Err(CertificateError::IdentitySignature));
}

#[test]
fn outside_of_their_time_they_prove_nothing() {
    // They are valid from 1975, 13:00 on the first of January, to the same hour of 4096.
    for (certificate, _) in GOOD {
        let at = |seconds| {
            verify_certificate(&hex(certificate), UNIX_EPOCH + Duration::from_secs(seconds))
        };
        assert_eq!(at(157_813_199), Err(CertificateError::NotYetValid));
        assert!(at(157_813_200).is_ok());
        assert!(at(67_090_165_200).is_ok());
        assert_eq!(at(67_090_165_201), Err(CertificateError::Expired));
    }
}

#[test]
fn no_changed_bit_goes_unnoticed() {
    for (certificate, peer) in GOOD {
        let certificate = hex(certificate);
        for bit in 0..certificate.len() * 8 {
            let mut changed = certificate.clone();
            *changed.get_mut(bit / 8).unwrap() ^= 1 << (bit % 8);
            let proved = verify_certificate(&changed, now());
            assert!(proved.is_err(), "{peer} with bit {bit} changed");
        }
    }
}

#[test]
fn a_part_of_a_certificate_and_more_than_one_are_none() {
    for (certificate, _) in GOOD {
        let certificate = hex(certificate);
        for length in 0..certificate.len() {
            let part = certificate.get(..length).unwrap();
            assert_eq!(verify_certificate(part, now()), Err(CertificateError::Malformed));
        }
        let more = [&certificate[..], &[0]].concat();
        assert_eq!(verify_certificate(&more, now()), Err(CertificateError::Malformed));
    }
}

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

/// Bytes from pairs of hexadecimal digits; what is between them is skipped.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().filter_map(|c| c.to_digit(16)).map(|d| u8::try_from(d).unwrap()).collect();
    digits
        .chunks_exact(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
        .collect()
}

/// With an identity of Ed25519, of ECDSA and of secp256k1, and the peer that it is of.
const GOOD: [(&str, &str); 3] = [
    (
        "308201ae30820156a0030201020204499602d2300a06082a8648ce3d040302302031123010060355040a1309
         6c69627032702e696f310a300806035504051301313020170d3735303130313133303030305a180f34303936
         303130313133303030305a302031123010060355040a13096c69627032702e696f310a300806035504051301
         313059301306072a8648ce3d020106082a8648ce3d030107034200040c901d423c831ca85e27c73c263ba132
         721bb9d7a84c4f0380b2a6756fd601331c8870234dec878504c174144fa4b14b66a651691606d8173e55bd37
         e381569ea37c307a3078060a2b0601040183a25a0101046a3068042408011220a77f1d92fedb59dddaea5a1c
         4abd1ac2fbde7d7b879ed364501809923d7c11b90440d90d2769db992d5e6195dbb08e706b6651e024fda6cf
         b8846694a435519941cac215a8207792e42849cccc6cd8136c6e4bde92a58c5e08cfd4206eb5fe0bf909300a
         06082a8648ce3d0403020346003043021f50f6b6c52711a881778718238f650c9fb48943ae6ee6d28427dc60
         71ae55e702203625f116a7a454db9c56986c82a25682f7248ea1cb764d322ea983ed36a31b77",
        "12D3KooWM6CgA9iBFZmcYAHA6A2qvbAxqfkmrYiRQuz3XEsk4Ksv",
    ),
    (
        "308201f63082019da0030201020204499602d2300a06082a8648ce3d040302302031123010060355040a1309
         6c69627032702e696f310a300806035504051301313020170d3735303130313133303030305a180f34303936
         303130313133303030305a302031123010060355040a13096c69627032702e696f310a300806035504051301
         313059301306072a8648ce3d020106082a8648ce3d030107034200040c901d423c831ca85e27c73c263ba132
         721bb9d7a84c4f0380b2a6756fd601331c8870234dec878504c174144fa4b14b66a651691606d8173e55bd37
         e381569ea381c23081bf3081bc060a2b0601040183a25a01010481ad3081aa045f0803125b3059301306072a
         8648ce3d020106082a8648ce3d03010703420004bf30511f909414ebdd3242178fd290f093a551cf75c97315
         5de0bb5a96fedf6cb5d52da7563e794b512f66e60c7f55ba8a3acf3dd72a801980d205e8a1ad29f204473045
         0220064ea8124774caf8f50e57f436aa62350ce652418c019df5d98a3ac666c9386a022100aa59d704a931b5
         f72fb9222cb6cc51f954d04a4e2e5450f8805fe8918f71eaae300a06082a8648ce3d04030203470030440220
         799395b0b6c1e940a7e4484705f610ab51ed376f19ff9d7c16757cfbf61b8d4302206205c03fbb0f95205c77
         9be86581d3e31c01871ad5d1f3435bcf375cb0e5088a",
        "QmfXbAwNjJLXfesgztEHe8HwgVDCMMpZ9Eax1HYq6hn9uE",
    ),
    (
        "308201ba3082015fa0030201020204499602d2300a06082a8648ce3d040302302031123010060355040a1309
         6c69627032702e696f310a300806035504051301313020170d3735303130313133303030305a180f34303936
         303130313133303030305a302031123010060355040a13096c69627032702e696f310a300806035504051301
         313059301306072a8648ce3d020106082a8648ce3d030107034200040c901d423c831ca85e27c73c263ba132
         721bb9d7a84c4f0380b2a6756fd601331c8870234dec878504c174144fa4b14b66a651691606d8173e55bd37
         e381569ea38184308181307f060a2b0601040183a25a01010471306f0425080212210206dc6968726765b820
         f050263ececf7f71e4955892776c0970542efd689d2382044630440220145e15a991961f0d08cd15425bb95e
         c93f6ffa03c5a385eedc34ecf464c7a8ab022026b3109b8a3f40ef833169777eb2aa337cfb6282f188de0666
         d1bcec2a4690dd300a06082a8648ce3d0403020349003046022100e1a217eeef9ec9204b3f774a08b7084964
         6b6a1e6b8b27f93dc00ed58545d9fe022100b00dafa549d0f03547878338c7b15e7502888f6d45db387e5ae6
         b5d46899cef0",
        "16Uiu2HAkutTMoTzDw1tCvSRtu6YoixJwS46S1ZFxW8hSx9fWHiPs",
    ),
];

/// The identity that it names is not the one that signed.
const INVALID: &str =
    "308201f73082019da0030201020204499602d2300a06082a8648ce3d040302302031123010060355040a1309
     6c69627032702e696f310a300806035504051301313020170d3735303130313133303030305a180f34303936
     303130313133303030305a302031123010060355040a13096c69627032702e696f310a300806035504051301
     313059301306072a8648ce3d020106082a8648ce3d030107034200040c901d423c831ca85e27c73c263ba132
     721bb9d7a84c4f0380b2a6756fd601331c8870234dec878504c174144fa4b14b66a651691606d8173e55bd37
     e381569ea381c23081bf3081bc060a2b0601040183a25a01010481ad3081aa045f0803125b3059301306072a
     8648ce3d020106082a8648ce3d03010703420004bf30511f909414ebdd3242178fd290f093a551cf75c97315
     5de0bb5a96fedf6cb5d52da7563e794b512f66e60c7f55ba8a3acf3dd72a801980d205e8a1ad29f204473045
     022100bb6e03577b7cc7a3cd1558df0da2b117dfdcc0399bc2504ebe7de6f65cade72802206de96e2a5be9b6
     202adba24ee0362e490641ac45c240db71fe955f2c5cf8df6e300a06082a8648ce3d04030203480030450221
     00e847f267f43717358f850355bdcabbefb2cfbf8a3c043b203a14788a092fe8db022027c1d04a2d41fd6b57
     a7e8b3989e470325de4406e52e084e34a3fd56eef0d0df";
