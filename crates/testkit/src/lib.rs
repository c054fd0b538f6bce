//! Conformance suites that every transport, security and muxer passes.

pub mod muxer;
mod pair;
pub mod security;
pub mod session;
pub mod transport;

pub use pair::pair;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
