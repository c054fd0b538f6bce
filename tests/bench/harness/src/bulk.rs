//! Moving many bytes.

use std::io;
use std::time::Duration;

use serde_json::{Value, json};

use crate::jobs::{download, open_download, part, upload};
use crate::meter::Meter;
use crate::settings::{bytes, chunk, setting};
use crate::stack::{Conn, Stream};

/// One stream, from the dialer.
pub(crate) async fn up<C: Conn>(conn: C) -> io::Result<Value> {
    warm_up(&conn).await?;
    let meter = Meter::start();
    upload(&conn, bytes(), chunk()).await?;
    Ok(meter.bulk(bytes()))
}

/// One stream, to the dialer.
pub(crate) async fn down<C: Conn>(conn: C) -> io::Result<Value> {
    warm_up(&conn).await?;
    let meter = Meter::start();
    download(&conn, bytes()).await?;
    Ok(meter.bulk(bytes()))
}

/// One stream in small writes.
pub(crate) async fn small_writes<C: Conn>(conn: C) -> io::Result<Value> {
    warm_up(&conn).await?;
    let meter = Meter::start();
    upload(&conn, bytes(), setting("PB_CHUNK", 4 * 1024)).await?;
    Ok(meter.bulk(bytes()))
}

/// Eight streams on one connection at once, and how far apart they end, as a part of the time that the last one takes.
pub(crate) async fn eight<C: Conn>(conn: C) -> io::Result<Value> {
    upload(&conn, bytes() / 32, chunk()).await?;
    let meter = Meter::start();
    let start = meter.start;
    let tasks = (0..STREAMS).map(|_| {
        let conn = conn.clone();
        tokio::spawn(async move {
            upload(&conn, bytes() / STREAMS, chunk()).await.map(|()| start.elapsed())
        })
    });
    let mut ends = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        ends.push(task.await??.as_secs_f64());
    }
    let mut value = meter.bulk(bytes());
    let (first, last) = ends
        .iter()
        .fold((f64::MAX, 0.0_f64), |(first, last), &end| (first.min(end), last.max(end)));
    value["spread_percent"] = json!((last - first) / last * 100.0);
    Ok(value)
}

/// Seven streams to the dialer beside one that it reads slowly: how fast the seven are.
pub(crate) async fn beside_a_slow_one<C: Conn>(conn: C) -> io::Result<Value> {
    upload(&conn, bytes() / 32, chunk()).await?;
    let each = bytes() / STREAMS;
    let slow = open_download(&conn, each).await?;
    let slow = tokio::spawn(read_slowly(slow, each));
    let meter = Meter::start();
    let tasks = (1..STREAMS).map(|_| {
        let conn = conn.clone();
        tokio::spawn(async move { download(&conn, each).await })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await??;
    }
    slow.abort();
    Ok(meter.bulk(each * (STREAMS - 1)))
}

/// Some at a time, with pauses; to be aborted.
async fn read_slowly(mut stream: impl Stream, mut left: u64) -> io::Result<()> {
    let mut buffer = vec![0; SLOWLY];
    while 0 < left {
        let want = part(left, buffer.len());
        match stream.receive(&mut buffer[..want]).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            length => left -= length as u64,
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// So that buffers, windows and pages are there.
async fn warm_up<C: Conn>(conn: &C) -> io::Result<()> {
    upload(conn, bytes() / 32, chunk()).await?;
    download(conn, bytes() / 32).await
}

/// How many streams share a connection.
const STREAMS: u64 = 8;

/// The slow reader: 16 KiB every 10 ms, a hundredth of what a connection carries or less.
const SLOWLY: usize = 16 * 1024;
const PAUSE: Duration = Duration::from_millis(10);
