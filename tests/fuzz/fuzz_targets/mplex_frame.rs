//! What stands in front of an mplex message: what can be read is written as the same bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use peerloom_mplex::Frame;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(Some((frame, length))) = Frame::decode(bytes) {
        assert_eq!(frame.encode().as_ref(), &bytes[..length]);
        for short in 0..length {
            let cut = Frame::decode(&bytes[..short]).expect("its beginning is no mistake");
            assert_eq!(cut, None);
        }
    }
});
