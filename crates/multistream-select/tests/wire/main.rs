//! Negotiations as they look on the wire.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step fails the test"
)]

mod codec;
mod conversations;
mod hostile;
mod lazy;
mod support;
