//! Two sessions of a muxer that talk to each other without any I/O, and what has to hold whatever they do.

#![expect(clippy::unwrap_used, reason = "what does not conform fails the test")]

mod pair;
mod world;

pub use pair::{Pair, Side};
pub use world::{Step, World, act};
