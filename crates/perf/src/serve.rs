//! The listener's side: swallows what it is sent, then sends as much as it was asked for.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::BLOCK;

/// Reads how many bytes the remote wants and then all it sends, sends those bytes, and ends this
/// side of the stream.
///
/// Holds one block of 64 KiB. The remote decides how much work this is, without end if it likes:
/// offer the protocol only to peers that may, and put a time limit around it.
///
/// # Errors
///
/// Those of the stream, and [`io::ErrorKind::UnexpectedEof`] when the remote ends its side before
/// it has said how much it wants.
pub async fn serve<S>(mut stream: S) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut left = stream.read_u64().await?;
    let mut block = vec![0; BLOCK];
    while stream.read(&mut block).await? != 0 {}
    block.fill(0);
    while left != 0 {
        let (bytes, _) = block.split_at(usize::try_from(left).unwrap_or(BLOCK).min(BLOCK));
        stream.write_all(bytes).await?;
        left -= bytes.len() as u64;
    }
    stream.shutdown().await
}

#[cfg(test)]
mod tests {
    use tokio::io::{duplex, split};

    use super::*;

    /// What comes back for `request`, and how `serve` ended.
    async fn answer(request: &[u8]) -> (Vec<u8>, io::Result<()>) {
        let (near, mut far) = duplex(1000);
        let (mut read, mut write) = split(near);
        let mut answer = Vec::new();
        let (served, sent, received) = tokio::join!(
            // Handed on, so that it is not its being dropped that ends the stream.
            async { serve(&mut far).await.map(|()| far) },
            async {
                write.write_all(request).await?;
                write.shutdown().await
            },
            read.read_to_end(&mut answer),
        );
        sent.unwrap();
        received.unwrap();
        (answer, served.map(drop))
    }

    #[tokio::test]
    async fn as_many_bytes_as_asked_for_come_back_and_not_the_sent_ones() {
        for wanted in [0, 1, 65_536, 200_001] {
            let mut request = (wanted as u64).to_be_bytes().to_vec();
            request.extend([7; 100_000]);
            let (answer, served) = answer(&request).await;
            served.unwrap();
            assert_eq!(answer, vec![0; wanted]);
        }
    }

    #[tokio::test]
    async fn a_request_cut_short_is_an_error_and_gets_no_answer() {
        for length in [0, 7] {
            let (answer, served) = answer(&[0; 8][..length]).await;
            assert_eq!(served.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
            assert!(answer.is_empty());
        }
    }

    #[tokio::test]
    async fn nothing_is_sent_before_the_upload_has_ended() {
        let (mut near, far) = duplex(1000);
        near.write_all(&[0, 0, 0, 0, 0, 0, 0, 1, 7, 7]).await.unwrap();
        tokio::select! {
            result = serve(far) => panic!("{result:?}"),
            byte = near.read_u8() => panic!("{byte:?}"),
            () = async { for _ in 0..1000 { tokio::task::yield_now().await } } => {}
        }
    }

    #[tokio::test]
    async fn asking_for_everything_there_is_ends_when_the_remote_goes() {
        let (mut near, far) = duplex(1000);
        near.write_u64(u64::MAX).await.unwrap();
        near.shutdown().await.unwrap();
        let leave = async {
            near.read_exact(&mut [0; 100_000]).await.unwrap();
            drop(near);
        };
        let (served, ()) = tokio::join!(serve(far), leave);
        assert_eq!(served.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
