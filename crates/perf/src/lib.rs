//! How fast bytes move one way and the other: the perf conversation over any byte stream.
//!
//! [The specification](https://github.com/libp2p/specs/blob/master/perf/perf.md).

mod error;
mod run;
mod serve;

pub use error::Error;
pub use run::{Measured, Progress, run, run_with};
pub use serve::serve;

/// The protocol's name, as it is agreed on.
pub const PROTOCOL: &str = "/perf/1.0.0";

/// How much is read or written at once: enough that a call to the stream is cheap beside its bytes.
const BLOCK: usize = 64 * 1024;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
