//! The key of a private network: what is read is written and read again as the same, in every encoding.
#![no_main]

use libfuzzer_sys::fuzz_target;
use peerloom_pnet::{Encoding, PreSharedKey};

fuzz_target!(|file: &[u8]| {
    if let Ok(key) = PreSharedKey::from_key_file(file) {
        assert!(file.len() <= MAX_FILE, "more than a key was read");
        check(&key);
    }
    if let Some(bytes) = file.first_chunk() {
        check(&PreSharedKey::from_bytes(bytes));
    }
});

fn check(key: &PreSharedKey) {
    for encoding in [Encoding::Base16, Encoding::Base64, Encoding::Binary] {
        let written = key.to_key_file(encoding);
        let again = PreSharedKey::from_key_file(&written).expect("what was written can be read");
        assert_eq!(again.as_bytes(), key.as_bytes());
    }
}

/// Two lines of 21 and 8 bytes, 64 digits, and three ends of lines as on Windows.
const MAX_FILE: usize = 21 + 8 + 64 + 3 * 2;
