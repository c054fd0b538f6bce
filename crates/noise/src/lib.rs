//! The Noise XX handshake and its record layer, as libp2p uses them
