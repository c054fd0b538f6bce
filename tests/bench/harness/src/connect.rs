//! Making connections.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::jobs::one_byte;
use crate::meter::{Meter, quantile};
use crate::settings::duration;
use crate::stack::{Conn, Node};
use crate::target::Target;

/// Dial until the stack says ready, with `echo` also one byte there and back; close.
pub(crate) async fn one_by_one<N: Node>(target: &Target<N>, echo: bool) -> io::Result<Value> {
    for _ in 0..10 {
        let conn = target.dial().await?;
        let _ = one_byte(&conn).await;
        conn.close().await;
    }
    let meter = Meter::start();
    let mut failed = 0;
    let mut latencies = Vec::new();
    let limit = duration();
    while meter.start.elapsed() < limit {
        let start = Instant::now();
        let conn = target.dial().await?;
        // Some stacks turn a connection away while the last one is still being closed.
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

/// A hundred connections into one host at once, again and again: how long until each of them has a byte back.
pub(crate) async fn at_once<N: Node>(target: &Target<N>) -> io::Result<Value> {
    let mut nodes = Vec::new();
    for _ in 0..AT_ONCE {
        nodes.push(target.node().await?);
    }
    close(crowd(&nodes, &target.address).await?).await;
    let meter = Meter::start();
    let (mut failed, mut times) = (0, Vec::new());
    let limit = duration();
    while times.is_empty() || meter.start.elapsed() < limit {
        let start = Instant::now();
        let conns = crowd(&nodes, &target.address).await?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
        failed += AT_ONCE - conns.len();
        close(conns).await;
    }
    let mut value = meter.rate((times.len() * AT_ONCE - failed) as u64);
    times.sort_by(f64::total_cmp);
    value["failed"] = json!(failed);
    value["all_ms_p50"] = json!(quantile(&times, 0.5));
    Ok(value)
}

/// Some stacks have but one connection with a peer, so that the next ones have to wait for this.
async fn close(conns: Vec<impl Conn>) {
    for conn in conns {
        conn.close().await;
    }
}

/// Dials from every node at once; the connections that had a byte back.
async fn crowd<N: Node>(nodes: &[Arc<N>], address: &str) -> io::Result<Vec<N::Conn>> {
    let tasks = nodes.iter().map(|node| {
        let (node, address) = (node.clone(), address.to_owned());
        let connecting = async move {
            let conn = node.dial(&address).await?;
            one_byte(&conn).await?;
            io::Result::Ok(conn)
        };
        tokio::spawn(tokio::time::timeout(PATIENCE, connecting))
    });
    let mut conns = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        conns.extend(task.await?.ok().and_then(Result::ok));
    }
    Ok(conns)
}

/// How many connections are made at once.
const AT_ONCE: usize = 100;

/// How long one of them may take, so that what a stack forgets counts as failed.
const PATIENCE: Duration = Duration::from_secs(5);
