//! Streams by peer and protocol name, and handlers for them
