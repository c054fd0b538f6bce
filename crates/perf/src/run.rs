//! The dialer's side: an upload, then a download, and how long each took.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;

use crate::{BLOCK, Error};

/// What a run took.
///
/// The remote answers once it has read the whole upload, so the beginning of its answer divides the two
/// times: what still lay in buffers when the last byte was written counts as upload. Where only one way
/// was asked for, the whole time is that way's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measured {
    /// How many bytes went to the remote.
    pub uploaded: u64,
    /// How many bytes came from the remote.
    pub downloaded: u64,
    /// The time of the upload; zero when there was none.
    pub upload: Duration,
    /// The time of the download; zero when there was none.
    pub download: Duration,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How many bytes were handed to the stream so far.
    pub uploaded: u64,
    /// How many bytes came so far.
    pub downloaded: u64,
    /// The time since the start.
    pub elapsed: Duration,
}

/// Uploads and then downloads that many bytes.
///
/// Holds one block of 64 KiB. It waits as long as the remote takes: put a timeout around it. Drop
/// it to stop; for a measurement by time ask [`run_with`] for more than can come and note its progress.
///
/// # Errors
///
/// [`Error::Short`] and [`Error::Long`] when other than `download` bytes come, [`Error::Io`] when
/// the stream fails.
pub async fn run<S>(stream: S, upload: u64, download: u64) -> Result<Measured, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    run_with(stream, upload, download, |_| {}).await
}

/// [`run`] that calls `report` after every block: keep it short, it is part of what is measured.
///
/// # Errors
///
/// Those of [`run`].
pub async fn run_with<S>(
    mut stream: S,
    upload: u64,
    download: u64,
    mut report: impl FnMut(Progress),
) -> Result<Measured, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut block = vec![0; BLOCK];
    let start = Instant::now();

    stream.write_u64(download).await?;
    let mut uploaded = 0;
    while uploaded < upload {
        let wanted = usize::try_from(upload - uploaded).unwrap_or(BLOCK).min(BLOCK);
        let (bytes, _) = block.split_at(wanted);
        stream.write_all(bytes).await?;
        uploaded += bytes.len() as u64;
        report(Progress { uploaded, downloaded: 0, elapsed: start.elapsed() });
    }
    stream.shutdown().await?;

    let mut answered = (upload == 0).then_some(start);
    let mut downloaded = 0_u64;
    loop {
        let received = stream.read(&mut block).await?;
        answered.get_or_insert_with(Instant::now);
        if received == 0 {
            break;
        }
        downloaded = downloaded.saturating_add(received as u64);
        if download < downloaded {
            return Err(Error::Long { expected: download });
        }
        report(Progress { uploaded, downloaded, elapsed: start.elapsed() });
    }
    if downloaded < download {
        return Err(Error::Short { received: downloaded, expected: download });
    }
    let answered = answered.unwrap_or(start);
    Ok(Measured { uploaded, downloaded, upload: answered - start, download: answered.elapsed() })
}

#[cfg(test)]
mod tests {
    use tokio::io::{duplex, split};
    use tokio::time::sleep;

    use super::*;
    use crate::serve;

    #[tokio::test]
    async fn both_ways_are_moved_in_full() {
        for (upload, download) in [(0, 0), (1, 0), (0, 1), (200_001, 65_536), (65_536, 200_001)] {
            let (near, far) = duplex(1000);
            let (measured, served) = tokio::join!(run(near, upload, download), serve(far));
            served.unwrap();
            let measured = measured.unwrap();
            assert_eq!((measured.uploaded, measured.downloaded), (upload, download));
        }
    }

    #[tokio::test]
    async fn progress_is_reported_on_the_way() {
        let (near, far) = duplex(1000);
        let mut reports = Vec::new();
        let note = |progress: Progress| reports.push((progress.uploaded, progress.downloaded));
        let (measured, _) = tokio::join!(run_with(near, 200_000, 5000, note), serve(far));
        measured.unwrap();
        assert!(reports.is_sorted());
        assert!(reports.contains(&(65_536, 0)));
        assert_eq!(reports.last(), Some(&(200_000, 5000)));
    }

    /// A remote that takes 30 ms over the upload and 50 ms over sending `answer` bytes.
    async fn measure(upload: u64, download: u64, answer: usize) -> Result<Measured, Error> {
        let (near, far) = duplex(1000);
        let remote = async {
            let (mut read, mut write) = split(far);
            let mut request = Vec::new();
            read.read_to_end(&mut request).await.unwrap();
            assert_eq!(request[..8], download.to_be_bytes());
            assert_eq!(request[8..].len() as u64, upload);
            sleep(Duration::from_millis(30)).await;
            let bytes = vec![7; answer];
            let (first, rest) = bytes.split_at(answer.min(1));
            write.write_all(first).await.unwrap();
            sleep(Duration::from_millis(50)).await;
            write.write_all(rest).await.unwrap();
            write.shutdown().await.unwrap();
        };
        tokio::join!(run(near, upload, download), remote).0
    }

    #[tokio::test(start_paused = true)]
    async fn the_beginning_of_the_answer_divides_the_times() {
        let measured = measure(100, 100, 100).await.unwrap();
        assert_eq!(measured.upload, Duration::from_millis(30));
        assert_eq!(measured.download, Duration::from_millis(50));
    }

    #[tokio::test(start_paused = true)]
    async fn what_goes_one_way_only_takes_the_whole_time() {
        let up = measure(100, 0, 0).await.unwrap();
        assert_eq!((up.upload, up.download), (Duration::from_millis(80), Duration::ZERO));
        let down = measure(0, 100, 100).await.unwrap();
        assert_eq!((down.upload, down.download), (Duration::ZERO, Duration::from_millis(80)));
    }

    #[tokio::test(start_paused = true)]
    async fn too_few_and_too_many_bytes_are_told_apart() {
        let short = measure(100, 100, 99).await;
        assert!(matches!(short, Err(Error::Short { received: 99, expected: 100 })), "{short:?}");
        let long = measure(100, 100, 101).await;
        assert!(matches!(long, Err(Error::Long { expected: 100 })), "{long:?}");
    }
}
