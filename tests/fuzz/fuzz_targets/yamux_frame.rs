//! The header of a yamux frame: what can be read is written as the same bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use peerloom_yamux::{Frame, HEADER_LENGTH};

fuzz_target!(|header: [u8; HEADER_LENGTH]| {
    if let Ok(frame) = Frame::decode(header) {
        let again = Frame::decode(frame.encode()).expect("what was written can be read");
        assert_eq!(again, frame);
        // Flags mean nothing on a goodbye, and are not kept.
        assert!(matches!(frame, Frame::GoAway(_)) || frame.encode() == header);
    }
});
