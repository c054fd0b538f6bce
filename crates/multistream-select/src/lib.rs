//! Agreeing on a protocol, by name, over a byte stream
