//! Conformance suites that every transport, security and muxer passes
