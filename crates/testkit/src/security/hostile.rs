//! What a protocol that authenticates owes to those who meet strangers and lines that are tapped.

use peerloom_core::{ByteStream, Role};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::link::{Attack, Link};
use super::{Options, Pair, expecting, pattern, read_all_or_error, send};

impl Pair {
    pub(super) async fn is_left_by_whoever_meets_the_wrong_peer(&self) {
        let other = Pair::somebody();
        let options = [expecting(Some(&other)), expecting(None)];
        let (_, listener) = self.secure_with(&Link::default(), options).await;
        assert!(listener.is_err(), "the listener believes in a dialer that went away");
    }

    /// Whoever sends back all that he hears has no key of ours.
    pub(super) async fn is_not_taken_in_by_a_mirror(&self) {
        for (peer, role) in [(&self.dialer, Role::Dialer), (&self.listener, Role::Listener)] {
            let (near, mirror) = tokio::io::duplex(64 * 1024);
            let (mut hears, mut says) = tokio::io::split(mirror);
            tokio::spawn(async move { tokio::io::copy(&mut hears, &mut says).await });
            let outcome = peer.secure(ByteStream::from_io(near), role, Options::default()).await;
            assert!(outcome.is_err(), "the {role:?} takes a mirror for a peer");
        }
    }

    pub(super) async fn hides_what_is_said(&self) {
        let link = Link::default();
        let (mut dialer, mut listener) = self.secured(&link).await;
        for words in [&b"for your ears only"[..], b"and nobody else's"] {
            send(&mut dialer, words).await;
            send(&mut listener, words).await;
            let mut heard = vec![0; words.len()];
            for stream in [&mut dialer, &mut listener] {
                stream.read_exact(&mut heard).await.expect("what was said");
                assert_eq!(heard, words);
            }
            assert!(!link.has_seen(words), "what is said goes over the line as it is");
        }
    }

    pub(super) async fn reports_changed_data(&self) {
        let data = pattern(300);
        for at in [0, 1, 2, 3, 7, 30, 150, 299] {
            let link = Link::default();
            let (mut dialer, mut listener) = self.secured(&link).await;
            link.attack(Role::Dialer, Attack::Flip, at);
            let (received, ()) =
                tokio::join!(read_all_or_error(&mut listener), send_and_close(&mut dialer, &data));
            let (received, end) = received;
            assert!(end.is_err(), "a changed byte {at} was not noticed");
            assert!(data.starts_with(&received), "a changed byte {at} reached the reader");
        }
    }

    pub(super) async fn reports_truncated_data(&self) {
        let data = pattern(300);
        for at in [1, 2, 3, 7, 30, 150, 299] {
            let link = Link::default();
            let (mut dialer, mut listener) = self.secured(&link).await;
            link.attack(Role::Dialer, Attack::Cut, at);
            let (received, ()) =
                tokio::join!(read_all_or_error(&mut listener), send_and_close(&mut dialer, &data));
            let (received, end) = received;
            assert!(end.is_err(), "the end after {at} bytes of a record seems to be a clean one");
            assert!(data.starts_with(&received));
        }
    }
}

/// Sends in one piece and closes, over a line that may break meanwhile.
async fn send_and_close(stream: &mut ByteStream, data: &[u8]) {
    if stream.write_all(data).await.is_ok() && stream.flush().await.is_ok() {
        let _ = stream.shutdown().await;
    }
}
