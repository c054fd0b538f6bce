//! TCP: dialing, listening, and the interfaces behind a wildcard
