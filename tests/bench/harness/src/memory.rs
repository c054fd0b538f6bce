//! What connections and streams that are held cost in memory.

use std::io;
use std::time::Duration;

use serde_json::{Value, json};

use crate::jobs::{download, one_byte, open_echo, upload};
use crate::process::resident;
use crate::settings::{chunk, dialer, listener, setting};
use crate::stack::{Conn, Node};
use crate::target::{Held, Target};

/// Resident memory of the dialer and the listener, after each has come to rest.
#[derive(Default)]
struct Readings(Vec<(u64, u64)>);

pub(crate) async fn connections<N: Node>(target: &Target<N>) -> io::Result<Value> {
    let count: usize = setting("PB_CONNS", 1000);
    let mut readings = Readings::default();
    let mut held = Held::new(target);
    for many in [WARM_UP, count + WARM_UP] {
        held.grow(many).await?;
        readings.take().await;
    }
    for conn in &held.conns {
        one_byte(conn).await?;
    }
    readings.take().await;
    for conn in &held.conns {
        upload(conn, 1 << 20, chunk()).await?;
        download(conn, 1 << 20).await?;
    }
    readings.take().await;
    let ((fresh_dialer, fresh_listener), (echoed_dialer, echoed_listener)) =
        (readings.each(1, count), readings.each(2, count));
    let (used_dialer, used_listener) = readings.each(3, count);
    Ok(json!({
        "n": count, "node_per_conn": !N::MANY,
        "base_rss_dialer": readings.0[0].0, "base_rss_listener": readings.0[0].1,
        "fresh_dialer": fresh_dialer, "fresh_listener": fresh_listener,
        "echoed_dialer": echoed_dialer, "echoed_listener": echoed_listener,
        "used_dialer": used_dialer, "used_listener": used_listener,
    }))
}

pub(crate) async fn streams<C: Conn>(conn: C) -> io::Result<Value> {
    let count: usize = setting("PB_STREAMS", 1000);
    let mut readings = Readings::default();
    let mut held = Vec::new();
    for many in [WARM_UP, count + WARM_UP] {
        while held.len() < many {
            held.push(open_echo(&conn).await?);
        }
        readings.take().await;
    }
    let (dialer, listener) = readings.each(1, count);
    Ok(json!({ "n": count, "dialer": dialer, "listener": listener }))
}

impl Readings {
    async fn take(&mut self) {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        self.0.push((resident(dialer()), resident(listener())));
    }

    /// By how much a reading is above the first, for each of `count`.
    fn each(&self, reading: usize, count: usize) -> (f64, f64) {
        let above = |now: u64, before: u64| (now as f64 - before as f64) / count as f64;
        let (first, later) = (self.0[0], self.0[reading]);
        (above(later.0, first.0), above(later.1, first.1))
    }
}

/// How many come first, so that what is allocated once does not count.
const WARM_UP: usize = 20;
