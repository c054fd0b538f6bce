//! A byte stream over records that a cipher seals in place.
//!
//! Noise, secio and TLS, and whatever else puts sealed records one behind the other on a line, differ in
//! their ciphers and in a few numbers. What a [`Format`] says is all that this crate knows of them;
//! [`RecordReader`] and [`RecordWriter`] do the rest.

mod budget;
mod buffer;
mod error;
mod long;
mod message;
mod reader;
mod record;
mod writer;

pub use budget::Budget;
pub use error::Error;
pub use message::read_message;
pub use reader::RecordReader;
pub use record::{Format, Open, Seal};
pub use writer::RecordWriter;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
