//! The small pieces of the data path, one a run, for `valgrind --tool=callgrind` to count.

mod line;
mod meter;
mod muxers;
mod records;
mod sessions;
mod words;

use std::env;
use std::process::ExitCode;

/// Without an argument the names of what can be counted; with one of them that is done, and how often is said.
fn main() -> ExitCode {
    let Some(wanted) = env::args().nth(1) else {
        MEASURES.iter().for_each(|(name, _)| println!("{name}"));
        return ExitCode::SUCCESS;
    };
    let Some((_, measure)) = MEASURES.iter().find(|(name, _)| *name == wanted) else {
        eprintln!("nothing is called {wanted}");
        return ExitCode::FAILURE;
    };
    measure();
    println!("{}", meter::ROUNDS);
    ExitCode::SUCCESS
}

/// What is counted.
const MEASURES: &[(&str, fn())] = &[
    ("multiaddr-from-text", words::multiaddr_from_text),
    ("multiaddr-from-bytes", words::multiaddr_from_bytes),
    ("multistream-in", words::multistream_in),
    ("multistream-out", words::multistream_out),
    ("identify-in", words::identify_in),
    ("identify-out", words::identify_out),
    ("yamux-frame-in", sessions::yamux_in),
    ("yamux-frame-out", sessions::yamux_out),
    ("mplex-frame-in", sessions::mplex_in),
    ("mplex-frame-out", sessions::mplex_out),
    ("noise-64k", records::noise_long),
    ("noise-32", records::noise_short),
    ("tls-64k", records::tls_long),
    ("tls-32", records::tls_short),
    ("secio-64k", records::secio_long),
    ("secio-32", records::secio_short),
    ("yamux-stream-64k", muxers::transfer),
    ("yamux-stream-opened-and-closed", muxers::open_and_close),
];
