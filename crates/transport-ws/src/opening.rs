//! A byte stream that is opened by those who first use it.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker, ready};

use bytes::Bytes;
use peerloom_core::{BoxReader, BoxWriter, ByteStream, ReadHalf};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::error::Error;

/// The stream that `opening` makes. Reading, writing or flushing it drives the opening, whichever
/// half is first, and waits for its end.
///
/// So a listener can hand a connection on before the remote has said a word, to where connections
/// are counted and have time limits.
pub(crate) fn open_lazily(
    opening: impl Future<Output = Result<ByteStream, Error>> + Send + 'static,
) -> ByteStream {
    let stage = Mutex::new(Stage::Opening(Box::pin(opening)));
    let shared = Arc::new(Shared { stage, waiting: Arc::default() });
    ByteStream::new(
        Reader(Half::Waiting(Arc::clone(&shared), Side::Reading)),
        Writer(Half::Waiting(shared, Side::Writing)),
    )
}

struct Shared {
    stage: Mutex<Stage>,
    /// By itself, as the layer below keeps it for a waker, and must not keep what it is kept by.
    waiting: Arc<Waiting>,
}

enum Stage {
    Opening(Pin<Box<dyn Future<Output = Result<ByteStream, Error>> + Send>>),
    Open(Option<BoxReader>, Option<BoxWriter>),
    Failed,
}

/// The halves that wait for the opening.
#[derive(Default)]
struct Waiting {
    reading: Mutex<Option<Waker>>,
    writing: Mutex<Option<Waker>>,
}

#[derive(Clone, Copy)]
enum Side {
    Reading,
    Writing,
}

/// A half of the stream, when it has been opened.
enum Half<T> {
    Waiting(Arc<Shared>, Side),
    Open(T),
}

impl Shared {
    /// Goes on with the opening. Whoever waits is woken, whichever half asked last.
    fn poll(&self, side: Side, cx: &Context<'_>) -> Poll<io::Result<MutexGuard<'_, Stage>>> {
        let mut stage = lock(&self.stage);
        if let Stage::Opening(opening) = &mut *stage {
            self.waiting.note(side, cx);
            let waker = Waker::from(Arc::clone(&self.waiting));
            let opened = ready!(opening.as_mut().poll(&mut Context::from_waker(&waker)));
            let (next, result) = match opened.map(ByteStream::into_split) {
                Ok((reader, writer)) => (Stage::Open(Some(reader), Some(writer)), Ok(())),
                Err(error) => (Stage::Failed, Err(error)),
            };
            *stage = next;
            self.waiting.wake_by_ref();
            result?;
        }
        Poll::Ready(Ok(stage))
    }
}

impl Waiting {
    fn note(&self, side: Side, cx: &Context<'_>) {
        let waker = match side {
            Side::Reading => &self.reading,
            Side::Writing => &self.writing,
        };
        *lock(waker) = Some(cx.waker().clone());
    }
}

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        for waker in [&self.reading, &self.writing] {
            let waker = lock(waker).take();
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }
}

impl<T> Half<T> {
    /// The half of the opened stream, which `take` finds.
    fn poll_open(
        &mut self,
        cx: &Context<'_>,
        take: impl FnOnce(&mut Stage) -> Option<T>,
    ) -> Poll<io::Result<&mut T>> {
        if let Half::Waiting(shared, side) = self {
            let half = take(&mut *ready!(shared.poll(*side, cx))?);
            *self = Half::Open(half.ok_or_else(|| io::Error::from(Error::Failed))?);
        }
        match self {
            Half::Open(half) => Poll::Ready(Ok(half)),
            Half::Waiting(..) => Poll::Pending,
        }
    }
}

struct Reader(Half<BoxReader>);

impl Reader {
    fn poll_open(&mut self, cx: &Context<'_>) -> Poll<io::Result<&mut BoxReader>> {
        self.0.poll_open(cx, |stage| match stage {
            Stage::Open(reader, _) => reader.take(),
            Stage::Opening(_) | Stage::Failed => None,
        })
    }
}

impl AsyncRead for Reader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(ready!(self.poll_open(cx))?).poll_read(cx, buffer)
    }
}

impl ReadHalf for Reader {
    fn poll_read_bytes(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        ready!(self.poll_open(cx))?.poll_read_bytes(cx)
    }
}

struct Writer(Half<BoxWriter>);

impl Writer {
    fn poll_open(&mut self, cx: &Context<'_>) -> Poll<io::Result<Pin<&mut BoxWriter>>> {
        let half = self.0.poll_open(cx, |stage| match stage {
            Stage::Open(_, writer) => writer.take(),
            Stage::Opening(_) | Stage::Failed => None,
        });
        half.map_ok(Pin::new)
    }
}

impl AsyncWrite for Writer {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_open(cx))?.poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_open(cx))?.poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_open(cx))?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_open(cx))?.poll_shutdown(cx)
    }
}

/// A panic of the opening itself leaves it as it was, and the next one who asks meets it again.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use peerloom_core::read_bytes;
    use tokio::io::AsyncWriteExt;
    use tokio::sync::oneshot;

    use super::*;

    /// A stream that is opened when the test says so, and the other end of it.
    fn pending() -> (ByteStream, oneshot::Sender<Result<(), Error>>, tokio::io::DuplexStream) {
        let (near, far) = tokio::io::duplex(64);
        let (open, opened) = oneshot::channel();
        let stream = open_lazily(async move {
            opened.await.expect("the test opens it")?;
            Ok(ByteStream::from_io(near))
        });
        (stream, open, far)
    }

    #[tokio::test]
    async fn both_halves_wait_from_two_tasks_and_both_go_on() {
        let (stream, open, far) = pending();
        let (mut reader, mut writer) = stream.into_split();
        let read = tokio::spawn(async move { read_bytes(&mut reader).await.unwrap() });
        let written =
            tokio::spawn(async move { writer.write_all(b"hello").await.map(|()| writer) });
        tokio::task::yield_now().await;
        open.send(Ok(())).unwrap();
        let (mut far_reader, mut far_writer) = tokio::io::split(far);
        far_writer.write_all(b"welcome").await.unwrap();
        let mut heard = [0; 5];
        tokio::io::AsyncReadExt::read_exact(&mut far_reader, &mut heard).await.unwrap();
        assert_eq!(&heard, b"hello");
        assert_eq!(read.await.unwrap(), "welcome");
        written.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_failure_is_told_whole_to_the_first_and_in_short_to_all_others() {
        let (mut stream, open, _far) = pending();
        open.send(Err(Error::Status(404))).unwrap();
        let error = read_bytes(&mut stream).await.unwrap_err();
        let inner = error.get_ref().and_then(|error| error.downcast_ref());
        assert!(matches!(inner, Some(Error::Status(404))));
        for _ in 0..2 {
            let error = stream.write_all(b"hello").await.unwrap_err();
            let inner = error.get_ref().and_then(|error| error.downcast_ref());
            assert!(matches!(inner, Some(Error::Failed)));
        }
    }

    #[tokio::test]
    async fn a_stream_that_is_dropped_is_gone_though_the_layer_below_remembers_who_waited() {
        let (mut near, mut far) = tokio::io::duplex(64);
        let mut stream = open_lazily(async move {
            let read = std::future::poll_fn(|cx| {
                let mut buffer = [0];
                let read = Pin::new(&mut near).poll_read(cx, &mut ReadBuf::new(&mut buffer));
                Poll::Ready(read.is_pending())
            });
            assert!(read.await);
            Ok(ByteStream::from_io(near))
        });
        stream.flush().await.unwrap();
        drop(stream);
        assert_eq!(tokio::io::AsyncReadExt::read(&mut far, &mut [0]).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_half_alone_opens_the_stream() {
        let (stream, open, mut far) = pending();
        let (reader, mut writer) = stream.into_split();
        drop(reader);
        open.send(Ok(())).unwrap();
        writer.write_all(b"hello").await.unwrap();
        let mut heard = [0; 5];
        tokio::io::AsyncReadExt::read_exact(&mut far, &mut heard).await.unwrap();
    }
}
