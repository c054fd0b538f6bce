//! What is measured, the same for every stack.
//!
//! A stack is a small program that implements [`Node`] and [`Conn`] and calls [`run`] from `main`:
//!
//! - `<program> <variant> listen` prints `LISTEN <pid> <address>` and ends when its stdin does;
//! - `<program> <variant> dial <address> <scenario>` prints one JSON object.
//!
//! Settings come from the environment (`PB_BYTES`, `PB_SECS`, …), so that a new one breaks no program.

mod bulk;
mod connect;
mod distance;
mod exchange;
mod growth;
mod jobs;
mod memory;
mod meter;
mod open;
mod process;
mod program;
mod scenario;
mod settings;
mod stack;
mod target;

pub use jobs::serve;
pub use program::run;
pub use settings::setting;
pub use stack::{Conn, Node, Stream};
