//! A whole connection of yamux over a line in memory: handles, lock, turns and drivers.

use std::pin::Pin;
use std::task::Context;

use peerloom_core::{BoxMuxer, BoxSubstream, Driver, MuxerUpgrade, Role, StreamMuxer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};

use crate::line;
use crate::meter::{finish, measure};

/// One write, and all of it read on the other side.
pub fn transfer() {
    let runtime = still_clock();
    let _entered = runtime.enter();
    let mut connection = Connection::new();
    let (mut writer, mut reader) = connection.open();
    let (bytes, mut received) = (vec![0; LENGTH], vec![0; LENGTH]);
    measure(|| {
        connection.work(async |_, _| {
            writer.write_all(&bytes).await.expect("the connection lives");
            writer.flush().await.expect("the connection lives");
            reader.read_exact(&mut received).await.expect("all of it comes");
        });
    });
}

/// A stream is opened, accepted, and finished on both sides.
pub fn open_and_close() {
    let runtime = still_clock();
    let _entered = runtime.enter();
    let mut connection = Connection::new();
    measure(|| {
        let (mut near, mut far) = connection.open();
        connection.work(async |_, _| {
            near.shutdown().await.expect("the connection lives");
            assert_eq!(far.read(&mut [0; 1]).await.expect("the end comes"), 0);
            far.shutdown().await.expect("the connection lives");
            assert_eq!(near.read(&mut [0; 1]).await.expect("the end comes"), 0);
        });
    });
}

/// Both ends of a connection.
struct Connection {
    dialer: BoxMuxer,
    listener: BoxMuxer,
    drivers: [Driver; 2],
}

impl Connection {
    fn new() -> Self {
        let (near, far) = line::connect();
        let dialer = peerloom_yamux::Config::default().multiplex(near, Role::Dialer);
        let listener = peerloom_yamux::Config::default().multiplex(far, Role::Listener);
        let drivers = [dialer.driver, listener.driver];
        Connection { dialer: dialer.muxer, listener: listener.muxer, drivers }
    }

    /// Both ends of a new stream, which the first byte has told the listener of.
    fn open(&mut self) -> (BoxSubstream, BoxSubstream) {
        self.work(async |dialer, listener| {
            let mut near = dialer.open().await.expect("the connection lives");
            near.write_all(&[0]).await.expect("the connection lives");
            let mut far = listener.accept().await.expect("the connection lives");
            far.read_exact(&mut [0]).await.expect("the byte comes");
            (near, far)
        })
    }

    /// Does something, and the drivers whatever that needs.
    fn work<T>(&mut self, work: impl AsyncFnOnce(&BoxMuxer, &BoxMuxer) -> T) -> T {
        let Connection { dialer, listener, drivers } = self;
        finish(work(dialer, listener), |cx| drivers.iter_mut().for_each(|it| drive(it, cx)))
    }
}

fn drive(driver: &mut Driver, cx: &mut Context<'_>) {
    assert!(Future::poll(Pin::new(driver), cx).is_pending(), "the connection has ended");
}

/// Timers that never go off, so that the count does not depend on how long a run takes.
fn still_clock() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().expect("a runtime that only has timers")
}

const LENGTH: usize = 64 * 1024;
