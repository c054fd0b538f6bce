//! Both sides of the conversation: 32 bytes there, the same 32 bytes back.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;

use crate::Error;

/// The protocol's name, as it is agreed on.
pub const PROTOCOL: &str = "/ipfs/ping/1.0.0";

/// Sends 32 random bytes, waits for them to come back, and says how long that took.
///
/// May be called again and again on one stream; shut its write side down after the last time. It
/// waits as long as the remote takes: put a timeout around it. After an error or when dropped half-way the
/// stream may still carry an old answer and is of no more use.
///
/// # Errors
///
/// [`Error::Mismatch`] when something else comes back, [`Error::Ended`] when the remote ends the
/// stream first, [`Error::Io`] when the stream fails.
pub async fn ping<S>(stream: &mut S) -> Result<Duration, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut sent = [0; PAYLOAD];
    getrandom::fill(&mut sent).map_err(io::Error::from)?;

    let start = Instant::now();
    stream.write_all(&sent).await?;
    stream.flush().await?;
    let mut answer = [0; PAYLOAD];
    stream.read_exact(&mut answer).await.map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::Ended,
        _ => Error::Io(error),
    })?;
    if answer != sent {
        return Err(Error::Mismatch);
    }
    Ok(start.elapsed())
}

/// Answers pings until the remote ends its side of the stream, then ends this side.
///
/// Holds one payload at a time, so that a remote which does not read its answers is not read
/// either. It waits as long as the remote takes; how many such streams a peer may have (the
/// specification says two) and for how long is the caller's to decide.
///
/// # Errors
///
/// Those of the stream, and [`io::ErrorKind::UnexpectedEof`] when the remote stops within a payload.
pub async fn serve<S>(mut stream: S) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut payload = [0; PAYLOAD];
    loop {
        let received = stream.read(&mut payload).await?;
        if received == 0 {
            return stream.shutdown().await;
        }
        let (_, missing) = payload.split_at_mut(received);
        stream.read_exact(missing).await?;
        stream.write_all(&payload).await?;
        stream.flush().await?;
    }
}

/// How many bytes go there and back.
const PAYLOAD: usize = 32;

#[cfg(test)]
mod tests {
    use tokio::io::{duplex, split};
    use tokio::time::sleep;

    use super::*;

    #[tokio::test]
    async fn one_stream_carries_many_pings_and_ends_cleanly() {
        let (mut dialer, mut listener) = duplex(PAYLOAD);
        let dial = async {
            for _ in 0..10 {
                ping(&mut dialer).await.unwrap();
            }
            dialer.shutdown().await.unwrap();
            assert_eq!(dialer.read(&mut [0; 1]).await.unwrap(), 0);
        };
        let ((), served) = tokio::join!(dial, serve(&mut listener));
        served.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_is_that_of_the_way_there_and_back() {
        let (mut dialer, mut listener) = duplex(PAYLOAD);
        let answer = async {
            let mut payload = [0; PAYLOAD];
            listener.read_exact(&mut payload).await.unwrap();
            sleep(Duration::from_millis(40)).await;
            listener.write_all(&payload).await.unwrap();
        };
        let (time, ()) = tokio::join!(ping(&mut dialer), answer);
        assert_eq!(time.unwrap(), Duration::from_millis(40));
    }

    #[tokio::test]
    async fn payloads_differ_from_ping_to_ping() {
        let (mut dialer, mut listener) = duplex(PAYLOAD);
        let mut seen = Vec::new();
        for _ in 0..3 {
            let answer = async {
                let mut payload = [0; PAYLOAD];
                listener.read_exact(&mut payload).await.unwrap();
                seen.push(payload);
                listener.write_all(&payload).await.unwrap();
            };
            tokio::join!(ping(&mut dialer), answer).0.unwrap();
        }
        assert!(seen[0] != seen[1] && seen[1] != seen[2]);
    }

    #[tokio::test]
    async fn other_bytes_in_the_answer_are_a_mismatch() {
        let (mut dialer, mut listener) = duplex(PAYLOAD);
        let answer = async {
            let mut payload = [0; PAYLOAD];
            listener.read_exact(&mut payload).await.unwrap();
            payload[PAYLOAD - 1] ^= 1;
            listener.write_all(&payload).await.unwrap();
        };
        let (result, ()) = tokio::join!(ping(&mut dialer), answer);
        assert!(matches!(result, Err(Error::Mismatch)), "{result:?}");
    }

    #[tokio::test]
    async fn a_stream_that_ends_instead_of_answering_is_told_apart() {
        for answered in [0, PAYLOAD - 1] {
            let (mut dialer, mut listener) = duplex(PAYLOAD);
            let answer = async {
                let mut payload = [0; PAYLOAD];
                listener.read_exact(&mut payload).await.unwrap();
                listener.write_all(&payload[..answered]).await.unwrap();
                listener.shutdown().await.unwrap();
            };
            let (result, ()) = tokio::join!(ping(&mut dialer), answer);
            assert!(matches!(result, Err(Error::Ended)), "{result:?}");
        }
    }

    #[tokio::test]
    async fn a_payload_in_pieces_is_answered_whole() {
        let (dialer, listener) = duplex(7);
        let (mut read, mut write) = split(dialer);
        let send = async {
            write.write_all(&[7; PAYLOAD]).await.unwrap();
            write.shutdown().await.unwrap();
        };
        let receive = async {
            let mut answer = Vec::new();
            read.read_to_end(&mut answer).await.unwrap();
            answer
        };
        let (served, (), answer) = tokio::join!(serve(listener), send, receive);
        served.unwrap();
        assert_eq!(answer, [7; PAYLOAD]);
    }

    #[tokio::test]
    async fn a_payload_cut_short_is_an_error_and_gets_no_answer() {
        let (mut dialer, listener) = duplex(PAYLOAD);
        dialer.write_all(&[7; PAYLOAD - 1]).await.unwrap();
        dialer.shutdown().await.unwrap();
        let error = serve(listener).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(dialer.read(&mut [0; 1]).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_remote_that_does_not_read_is_not_read_either() {
        let (mut dialer, listener) = duplex(PAYLOAD);
        let flood = async {
            let mut taken = 0;
            while dialer.write_all(&[7; PAYLOAD]).await.is_ok() {
                taken += 1;
                assert!(taken < 10, "answers are piling up");
            }
        };
        tokio::select! {
            biased;
            result = serve(listener) => panic!("{result:?}"),
            () = flood => panic!("the stream ended"),
            () = tokio::task::yield_now() => {}
        }
    }
}
