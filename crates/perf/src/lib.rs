//! How fast bytes move one way and the other
