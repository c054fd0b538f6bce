//! What was sent comes back
