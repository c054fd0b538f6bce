//! Is the other end alive, and how far away
