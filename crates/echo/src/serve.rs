//! The listener's side: sends back what it reads.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, copy_buf, split};

/// Sends back what arrives until the remote ends its side of the stream, then ends this side.
///
/// Holds one buffer of 64 KiB, whatever the remote sends: one that does not read is not read
/// either. It waits as long as the remote takes; a timeout is the caller's.
///
/// # Errors
///
/// Those of the stream.
pub async fn serve<S>(stream: S) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (read, mut write) = split(stream);
    copy_buf(&mut BufReader::with_capacity(BUFFER, read), &mut write).await?;
    write.shutdown().await
}

/// How much is on its way back at once: enough that a call to the stream is cheap beside its bytes.
const BUFFER: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, duplex};

    use super::*;

    #[tokio::test]
    async fn a_few_bytes_come_back_before_the_stream_ends() {
        let (mut dialer, mut listener) = duplex(64);
        let dial = async {
            let mut answer = [0; 5];
            for word in [b"hello", b"again"] {
                dialer.write_all(word).await.unwrap();
                dialer.read_exact(&mut answer).await.unwrap();
                assert_eq!(&answer, word);
            }
            dialer.shutdown().await.unwrap();
            assert_eq!(dialer.read(&mut answer).await.unwrap(), 0);
        };
        tokio::join!(dial, serve(&mut listener)).1.unwrap();
    }

    #[tokio::test]
    async fn a_stream_that_ends_at_once_is_ended_in_turn() {
        let (mut dialer, listener) = duplex(64);
        dialer.shutdown().await.unwrap();
        serve(listener).await.unwrap();
        assert_eq!(dialer.read(&mut [0; 1]).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_remote_that_does_not_read_is_not_read_either() {
        let (mut dialer, listener) = duplex(1024);
        let flood = async {
            let mut taken = 0;
            while dialer.write_all(&[7; 1024]).await.is_ok() {
                taken += 1024;
                assert!(taken < 2 * BUFFER, "bytes are piling up");
            }
        };
        tokio::select! {
            result = serve(listener) => panic!("{result:?}"),
            () = flood => panic!("the stream ended"),
            () = async { for _ in 0..1000 { tokio::task::yield_now().await } } => {}
        }
    }

    #[tokio::test]
    async fn a_remote_that_goes_away_is_an_error() {
        let (mut dialer, listener) = duplex(1024);
        dialer.write_all(&[7; 1024]).await.unwrap();
        drop(dialer);
        assert_eq!(serve(listener).await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
