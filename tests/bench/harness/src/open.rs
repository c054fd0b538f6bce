//! Opening streams: open, one byte there and back, close.

use std::io;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::jobs::one_byte;
use crate::meter::Meter;
use crate::settings::duration;
use crate::stack::Conn;

pub(crate) async fn one_by_one<C: Conn>(conn: C) -> io::Result<Value> {
    warm_up(&conn).await?;
    let meter = Meter::start();
    let mut count = 0;
    let limit = duration();
    while meter.start.elapsed() < limit {
        one_byte(&conn).await?;
        count += 1;
    }
    Ok(meter.rate(count))
}

pub(crate) async fn from_64_tasks<C: Conn>(conn: C) -> io::Result<Value> {
    warm_up(&conn).await?;
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
    let limit = duration();
    while start.elapsed() < limit && (failed < 1000 || 0 < count) {
        match tokio::time::timeout(Duration::from_secs(5), one_byte(&conn)).await {
            Ok(Ok(())) => count += 1,
            Ok(Err(_)) | Err(_) => failed += 1,
        }
    }
    (count, failed)
}

async fn warm_up<C: Conn>(conn: &C) -> io::Result<()> {
    for _ in 0..100 {
        one_byte(conn).await?;
    }
    Ok(())
}
