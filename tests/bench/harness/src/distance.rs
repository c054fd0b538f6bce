//! Over a line that the caller provides: with delay, and with delay and loss.

use std::io;
use std::time::Instant;

use serde_json::{Value, json};

use crate::jobs::{one_byte, upload};
use crate::meter::{Meter, quantile};
use crate::settings::{chunk, setting};
use crate::stack::{Conn, Node};
use crate::target::Target;

/// Through a delay line: how many round trips things take, and how fast bulk is.
pub(crate) async fn round_trips<N: Node>(target: &Target<N>) -> io::Result<Value> {
    let trip: f64 = setting("PB_RTT_MS", 50.0);
    let trips = |start: Instant| start.elapsed().as_secs_f64() * 1e3 / trip;
    let mut readings = [const { Vec::new() }; 3];
    for _ in 0..3 {
        let start = Instant::now();
        let conn = target.dial().await?;
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
    let conn = target.dial().await?;
    let bytes: u64 = setting("PB_RTT_BYTES", 64 << 20);
    let meter = Meter::start();
    upload(&conn, bytes, chunk()).await?;
    let bulk = meter.bulk(bytes)["mb_s"].clone();
    Ok(
        json!({ "ready_rtts": ready, "first_byte_rtts": first, "next_stream_rtts": next, "bulk_mb_s": bulk }),
    )
}

/// Through a line with delay and loss: how fast bulk is, and how long a stream that is opened meanwhile waits for its byte.
pub(crate) async fn lossy<N: Node>(target: &Target<N>) -> io::Result<Value> {
    let conn = target.dial().await?;
    let bytes: u64 = setting("PB_LOSSY_BYTES", 16 << 20);
    let meter = Meter::start();
    let bulk = {
        let conn = conn.clone();
        tokio::spawn(async move { upload(&conn, bytes, chunk()).await })
    };
    let mut latencies = Vec::new();
    while !bulk.is_finished() {
        let start = Instant::now();
        one_byte(&conn).await?;
        latencies.push(start.elapsed().as_secs_f64() * 1e3);
    }
    bulk.await??;
    let mut value = meter.bulk(bytes);
    latencies.sort_by(f64::total_cmp);
    value["first_byte_ms_p50"] = json!(quantile(&latencies, 0.5));
    Ok(value)
}
