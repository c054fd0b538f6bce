//! Dialing, listening and upgrading: where the layers become connections
