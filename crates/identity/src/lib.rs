//! Keys of a peer, what they sign, and how they are kept
