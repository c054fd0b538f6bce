//! Both ends of a multiplexed link, with their drivers running.

use peerloom_core::{
    BoxMuxer, BoxMuxerUpgrade, BoxSubstream, ByteStream, Error, Multiplexed, Role, StreamMuxer,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinHandle;

use crate::pair;

/// Two muxers that talk to each other.
pub(super) struct Ends {
    pub(super) dialer: End,
    pub(super) listener: End,
}

/// One muxer and its running driver.
pub(super) struct End {
    pub(super) muxer: BoxMuxer,
    pub(super) driver: JoinHandle<Result<(), Error>>,
}

impl Ends {
    pub(super) fn new(upgrade: &BoxMuxerUpgrade) -> Self {
        Ends::over(upgrade, pair(64 * 1024))
    }

    pub(super) fn over(upgrade: &BoxMuxerUpgrade, (one, other): (ByteStream, ByteStream)) -> Self {
        Ends {
            dialer: End::new(upgrade.multiplex(one, Role::Dialer)),
            listener: End::new(upgrade.multiplex(other, Role::Listener)),
        }
    }

    /// Opens a stream and accepts it; `hello` has gone through it already.
    pub(super) async fn stream(&self) -> (BoxSubstream, BoxSubstream) {
        let mut near = self.dialer.muxer.open().await.expect("a stream opens");
        near.write_all(b"hello").await.expect("a new stream can be written to");
        let mut far = self.listener.muxer.accept().await.expect("a stream arrives");
        let mut hello = [0; 5];
        far.read_exact(&mut hello).await.expect("its data arrives");
        assert_eq!(&hello, b"hello");
        (near, far)
    }
}

impl End {
    pub(super) fn new(Multiplexed { muxer, driver }: Multiplexed) -> Self {
        End { muxer, driver: tokio::spawn(driver) }
    }

    /// How the driver ended.
    pub(super) async fn result(self) -> Result<(), Error> {
        self.driver.await.expect("the driver neither panics nor is stopped")
    }
}

/// Bytes that show when something is lost, repeated or moved.
pub(super) fn pattern(length: usize, seed: u8) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32 ^ u32::from(seed);
    let mut next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}
