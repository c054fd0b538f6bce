//! A libp2p network stack: hosts that dial, listen and speak protocols by name
