//! Messages to and fro on streams that stay open.

use std::io;
use std::time::Instant;

use serde_json::{Value, json};

use crate::jobs::{open_echo, open_requests, ping, request};
use crate::meter::{Meter, quantile};
use crate::settings::duration;
use crate::stack::Conn;

/// 32 bytes to and fro on one stream.
pub(crate) async fn pingpong<C: Conn>(conn: C) -> io::Result<Value> {
    let mut stream = open_echo(&conn).await?;
    for _ in 0..300 {
        ping(&mut stream).await?;
    }
    let mut latencies = Vec::with_capacity(1 << 20);
    let meter = Meter::start();
    let limit = duration();
    while meter.start.elapsed() < limit {
        let start = Instant::now();
        ping(&mut stream).await?;
        latencies.push(start.elapsed().as_nanos() as f64 / 1e3);
    }
    let mut value = meter.rate(latencies.len() as u64);
    with_latencies(&mut value, latencies);
    Ok(value)
}

/// Requests of 1 KiB and as long responses, one at a time on each of a hundred streams at once.
pub(crate) async fn requests<C: Conn>(conn: C) -> io::Result<Value> {
    let mut streams = Vec::new();
    let mut buffer = [7; MESSAGE];
    for _ in 0..STREAMS {
        let mut stream = open_requests(&conn, MESSAGE as u64).await?;
        request(&mut stream, MESSAGE as u64, &mut buffer).await?;
        streams.push(stream);
    }
    let meter = Meter::start();
    let start = meter.start;
    let tasks = streams.into_iter().map(|mut stream| {
        tokio::spawn(async move {
            let mut latencies = Vec::new();
            let limit = duration();
            while start.elapsed() < limit {
                let asked = Instant::now();
                request(&mut stream, MESSAGE as u64, &mut [7; MESSAGE]).await?;
                latencies.push(asked.elapsed().as_nanos() as f64 / 1e3);
            }
            io::Result::Ok(latencies)
        })
    });
    let mut latencies = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        latencies.extend(task.await??);
    }
    let mut value = meter.rate(latencies.len() as u64);
    with_latencies(&mut value, latencies);
    Ok(value)
}

fn with_latencies(value: &mut Value, mut latencies: Vec<f64>) {
    latencies.sort_by(f64::total_cmp);
    value["p50_us"] = json!(quantile(&latencies, 0.5));
    value["p99_us"] = json!(quantile(&latencies, 0.99));
}

/// How long a request is.
const MESSAGE: usize = 1024;

/// How many streams have a request under way.
const STREAMS: usize = 100;
