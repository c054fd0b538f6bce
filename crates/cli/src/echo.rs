//! `peerloom echo`: random bytes there and back, compared.

use std::time::Instant;

use indicatif::ProgressBar;
use peerloom::{Connection, Host, echo};
use serde_json::json;
use tokio::task::JoinSet;

use crate::arguments::EchoArguments;
use crate::node::Hosts;
use crate::output::{Failure, Output, milliseconds, rate, time};
use crate::progress;

pub(crate) async fn run(
    arguments: &EchoArguments,
    hosts: &Hosts,
    output: Output,
) -> Result<(), Failure> {
    let (host, connection) = hosts.connect(&arguments.remote).await?;
    let total = arguments.size.saturating_mul(u64::from(arguments.streams));
    let bar = progress::bar(total.saturating_mul(2), output);
    let start = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..arguments.streams {
        running.spawn(exchange(host.clone(), connection.clone(), arguments.size, bar.clone()));
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    let took = start.elapsed();
    bar.finish_and_clear();
    let streams = arguments.streams;
    output.print(
        &[format!(
            "{total} bytes echoed on {streams} streams in {} ({:.0} MB/s each way)",
            time(took),
            rate(total, took)
        )],
        json!({ "bytes": total, "streams": streams, "ms": milliseconds(took) }),
    )
}

async fn exchange(
    host: Host,
    connection: Connection,
    size: u64,
    bar: ProgressBar,
) -> Result<(), Failure> {
    let stream = host.new_stream_on(&connection, [echo::PROTOCOL]).await?;
    echo::exchange(bar.wrap_async_read(stream), size, CHUNK).await?;
    Ok(())
}

/// How much is written at once: no power of two, so that no layer's frames fit it.
const CHUNK: usize = 10_007;
