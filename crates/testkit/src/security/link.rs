//! A link with somebody in the middle.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use peerloom_core::{ByteStream, Role};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Two byte streams and somebody in the middle, who reads along, and may flip a bit or cut the line.
#[derive(Clone)]
pub(super) struct Link {
    /// How many bytes move at a time.
    chunk: usize,
    /// From the dialer, and from the listener.
    lanes: Arc<[Lane; 2]>,
}

#[derive(Default)]
struct Lane {
    passed: AtomicUsize,
    seen: Mutex<Vec<u8>>,
    attack: Mutex<Option<(Attack, usize)>>,
}

#[derive(Clone, Copy)]
pub(super) enum Attack {
    Flip,
    Cut,
}

impl Default for Link {
    fn default() -> Self {
        Link::with_chunks_of(16 * 1024)
    }
}

impl Link {
    pub(super) fn with_chunks_of(chunk: usize) -> Self {
        Link { chunk, lanes: Arc::default() }
    }

    /// The dialer's end and the listener's.
    pub(super) fn connect(&self) -> (ByteStream, ByteStream) {
        let (dialer, near) = tokio::io::duplex(self.chunk);
        let (far, listener) = tokio::io::duplex(self.chunk);
        let link = self.clone();
        tokio::spawn(async move {
            let (near_reader, near_writer) = tokio::io::split(near);
            let (far_reader, far_writer) = tokio::io::split(far);
            // The first lane that breaks ends both, as a lost connection does.
            tokio::try_join!(
                link.lane(Role::Dialer).carry(link.chunk, near_reader, far_writer),
                link.lane(Role::Listener).carry(link.chunk, far_reader, near_writer),
            )
        });
        (ByteStream::from_io(dialer), ByteStream::from_io(listener))
    }

    /// Attacks the byte of `from` that comes after `after` more have passed.
    pub(super) fn attack(&self, from: Role, attack: Attack, after: usize) {
        let target = Some((attack, self.passed(from) + after));
        *self.lane(from).attack.lock().expect("no panic under this lock") = target;
    }

    /// How many bytes of `from` have passed.
    pub(super) fn passed(&self, from: Role) -> usize {
        self.lane(from).passed.load(Ordering::SeqCst)
    }

    /// Whether `words` passed from either side.
    pub(super) fn has_seen(&self, words: &[u8]) -> bool {
        self.lanes.iter().any(|lane| {
            let seen = lane.seen.lock().expect("no panic under this lock");
            seen.windows(words.len()).any(|part| part == words)
        })
    }

    fn lane(&self, from: Role) -> &Lane {
        let [dialer, listener] = &*self.lanes;
        if from.is_dialer() { dialer } else { listener }
    }
}

impl Lane {
    async fn carry(
        &self,
        chunk: usize,
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
    ) -> io::Result<()> {
        loop {
            let mut bytes = Vec::new();
            (&mut from).take(chunk as u64).read_buf(&mut bytes).await?;
            if bytes.is_empty() {
                return to.shutdown().await;
            }
            let cut = self.harm(&mut bytes);
            self.passed.fetch_add(bytes.len(), Ordering::SeqCst);
            self.seen.lock().expect("no panic under this lock").extend_from_slice(&bytes);
            to.write_all(&bytes).await?;
            to.flush().await?;
            if cut {
                return Err(io::ErrorKind::ConnectionReset.into());
            }
        }
    }

    /// Carries the attack out if its place is among these bytes, and tells whether the line is cut.
    fn harm(&self, bytes: &mut Vec<u8>) -> bool {
        let Some((attack, position)) = *self.attack.lock().expect("no panic under this lock")
        else {
            return false;
        };
        let at = position.checked_sub(self.passed.load(Ordering::SeqCst));
        let Some((at, byte)) = at.and_then(|at| Some((at, bytes.get_mut(at)?))) else {
            return false;
        };
        match attack {
            Attack::Flip => {
                *byte ^= 1;
                false
            }
            Attack::Cut => {
                bytes.truncate(at);
                true
            }
        }
    }
}
