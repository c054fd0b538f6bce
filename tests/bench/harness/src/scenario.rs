//! The scenarios, by name.

use std::io;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::jobs::{download, one_byte, ping, upload};
use crate::memory;
use crate::meter::{Meter, quantile};
use crate::settings::setting;
use crate::stack::{Conn, Node};

pub(crate) async fn scenario<N: Node>(node: &N, address: &str, name: &str) -> io::Result<Value> {
    match name {
        "bulk_up" | "bulk_down" => bulk(node.dial(address).await?, name == "bulk_up").await,
        "bulk8" => bulk8(node.dial(address).await?).await,
        "pingpong" => pingpong(node.dial(address).await?).await,
        "open_seq" => open_seq(node.dial(address).await?).await,
        "open_64" => open_64(node.dial(address).await?).await,
        "conn" | "connecho" => connect(node, address, name == "connecho").await,
        "mem_conns" => memory::connections(node, address).await,
        "mem_streams" => memory::streams(node, address).await,
        "rtt" => round_trips(node, address).await,
        other => Err(io::Error::other(format!("unknown scenario {other}"))),
    }
}

/// One stream, one way, after a warm-up of both ways.
async fn bulk<C: Conn>(conn: C, up: bool) -> io::Result<Value> {
    upload(&conn, bytes() / 32).await?;
    download(&conn, bytes() / 32).await?;
    let meter = Meter::start();
    if up {
        upload(&conn, bytes()).await?;
    } else {
        download(&conn, bytes()).await?;
    }
    Ok(meter.bulk(bytes()))
}

/// Eight streams on one connection at once.
async fn bulk8<C: Conn>(conn: C) -> io::Result<Value> {
    upload(&conn, bytes() / 32).await?;
    let meter = Meter::start();
    let tasks = (0..8).map(|_| {
        let conn = conn.clone();
        tokio::spawn(async move { upload(&conn, bytes() / 8).await })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await??;
    }
    Ok(meter.bulk(bytes()))
}

/// 32 bytes to and fro on one stream.
async fn pingpong<C: Conn>(conn: C) -> io::Result<Value> {
    let mut stream = conn.open().await?;
    stream.write_all(b"E").await?;
    for _ in 0..300 {
        ping(&mut stream).await?;
    }
    let mut latencies = Vec::with_capacity(1 << 20);
    let meter = Meter::start();
    while meter.start.elapsed() < duration() {
        let start = Instant::now();
        ping(&mut stream).await?;
        latencies.push(start.elapsed().as_nanos() as f64 / 1e3);
    }
    let mut value = meter.rate(latencies.len() as u64);
    latencies.sort_by(f64::total_cmp);
    value["p50_us"] = json!(quantile(&latencies, 0.5));
    value["p99_us"] = json!(quantile(&latencies, 0.99));
    Ok(value)
}

/// Open, one byte there and back, close; one at a time.
async fn open_seq<C: Conn>(conn: C) -> io::Result<Value> {
    for _ in 0..100 {
        one_byte(&conn).await?;
    }
    let meter = Meter::start();
    let mut count = 0;
    while meter.start.elapsed() < duration() {
        one_byte(&conn).await?;
        count += 1;
    }
    Ok(meter.rate(count))
}

/// The same from 64 tasks at once.
async fn open_64<C: Conn>(conn: C) -> io::Result<Value> {
    for _ in 0..100 {
        one_byte(&conn).await?;
    }
    let meter = Meter::start();
    let start = meter.start;
    let tasks: Vec<_> = (0..64).map(|_| tokio::spawn(opening(conn.clone(), start))).collect();
    let (mut count, mut failed) = (0, 0);
    for task in tasks {
        let (of_task, failed_of_task) = task.await?;
        count += of_task;
        failed += failed_of_task;
    }
    let mut value = meter.rate(count);
    value["failed"] = json!(failed);
    Ok(value)
}

/// One of the tasks: how many streams came off, and how many did not.
async fn opening<C: Conn>(conn: C, start: Instant) -> (u64, u64) {
    let (mut count, mut failed) = (0, 0);
    while start.elapsed() < duration() && (failed < 1000 || 0 < count) {
        match tokio::time::timeout(Duration::from_secs(5), one_byte(&conn)).await {
            Ok(Ok(())) => count += 1,
            Ok(Err(_)) | Err(_) => failed += 1,
        }
    }
    (count, failed)
}

/// Dial until the stack says ready, with `echo` also one byte there and back; close.
async fn connect<N: Node>(node: &N, address: &str, echo: bool) -> io::Result<Value> {
    for _ in 0..10 {
        let conn = node.dial(address).await?;
        let _ = one_byte(&conn).await;
        conn.close().await;
    }
    let meter = Meter::start();
    let mut failed = 0;
    let mut latencies = Vec::new();
    while meter.start.elapsed() < duration() {
        let start = Instant::now();
        let conn = node.dial(address).await?;
        if echo && one_byte(&conn).await.is_err() {
            failed += 1;
        } else {
            latencies.push(start.elapsed().as_nanos() as f64 / 1e3);
        }
        conn.close().await;
    }
    let mut value = meter.rate(latencies.len() as u64);
    latencies.sort_by(f64::total_cmp);
    value["failed"] = json!(failed);
    value["ready_us_p50"] = json!(quantile(&latencies, 0.5));
    Ok(value)
}

/// Through a delay line: how many round trips things take, and how fast bulk is.
async fn round_trips<N: Node>(node: &N, address: &str) -> io::Result<Value> {
    let trip: f64 = setting("PB_RTT_MS", 50.0);
    let trips = |start: Instant| start.elapsed().as_secs_f64() * 1e3 / trip;
    let mut readings = [const { Vec::new() }; 3];
    for _ in 0..3 {
        let start = Instant::now();
        let conn = node.dial(address).await?;
        readings[0].push(trips(start));
        one_byte(&conn).await?;
        readings[1].push(trips(start));
        let start = Instant::now();
        one_byte(&conn).await?;
        readings[2].push(trips(start));
        conn.close().await;
    }
    let [ready, first, next] = readings.map(|mut values| {
        values.sort_by(f64::total_cmp);
        quantile(&values, 0.5)
    });
    let conn = node.dial(address).await?;
    let bytes: u64 = setting("PB_RTT_BYTES", 64 << 20);
    let meter = Meter::start();
    upload(&conn, bytes).await?;
    let bulk = meter.bulk(bytes)["mb_s"].clone();
    Ok(
        json!({ "ready_rtts": ready, "first_byte_rtts": first, "next_stream_rtts": next, "bulk_mb_s": bulk }),
    )
}

fn bytes() -> u64 {
    setting("PB_BYTES", 1 << 30)
}

fn duration() -> Duration {
    Duration::from_secs_f64(setting("PB_SECS", 2.0))
}
