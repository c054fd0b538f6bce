//! The certificate of a stranger: whatever it is, it proves nobody to be somebody else.
//!
//! The first byte of the input chooses whether the rest is a certificate, or what to put into an honest one,
//! behind the place where.
#![no_main]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use libfuzzer_sys::fuzz_target;
use peerloom_fuzz::{certificate, identity};
use peerloom_tls::verify_certificate;

fuzz_target!(|input: &[u8]| {
    let proved = match input {
        [choice, bytes @ ..] if choice & 1 == 0 => verify_certificate(bytes, now()),
        [_, high, low, bytes @ ..] => {
            let mut spliced = certificate().to_vec();
            let place = usize::from(u16::from_be_bytes([*high, *low])) % spliced.len();
            let end = spliced.len().min(place + bytes.len());
            spliced.splice(place..end, bytes.iter().copied());
            verify_certificate(&spliced, now())
        }
        _ => return,
    };
    if let Ok(proved) = proved {
        // The seeds are certificates, and no other can be made of them.
        let peer = proved.peer_id().to_string();
        let own = identity().public_key().encode();
        assert!(PEERS.contains(&peer.as_str()) || proved == own, "{peer}");
    }
});

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

/// Those of the specification's certificates.
const PEERS: [&str; 3] = [
    "12D3KooWM6CgA9iBFZmcYAHA6A2qvbAxqfkmrYiRQuz3XEsk4Ksv",
    "QmfXbAwNjJLXfesgztEHe8HwgVDCMMpZ9Eax1HYq6hn9uE",
    "16Uiu2HAkutTMoTzDw1tCvSRtu6YoixJwS46S1ZFxW8hSx9fWHiPs",
];
