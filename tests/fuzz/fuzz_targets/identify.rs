//! Identify: what is heard holds together, and is heard again as the same when it is told on.
#![no_main]

use libfuzzer_sys::fuzz_target;
use peerloom_fuzz::{finish, identity};
use peerloom_identify::{Info, receive, send};

fuzz_target!(|bytes: &[u8]| {
    let peer = identity().peer_id();
    let Ok(heard) = finish(receive(&mut &*bytes, &peer)) else { return };
    assert!(heard.public_key.as_ref().is_none_or(|key| key.peer_id() == peer));
    assert!(heard.signed_record.as_ref().is_none_or(|record| record.record().peer == peer));
    let mut told = std::io::Cursor::new(Vec::new());
    // No more addresses than are told on.
    let heard =
        Info { listen_addresses: heard.listen_addresses.into_iter().take(32).collect(), ..heard };
    finish(send(&mut told, &heard)).expect("memory takes everything");
    // What is told on may be longer than what came: names of lengths that were not minimal.
    if let Ok(again) = finish(receive(&mut told.into_inner().as_slice(), &peer)) {
        assert_eq!(again, heard);
    }
});
