//! What a unit of work costs as there is more of it: streams of a connection, connections, bytes of a message.

use std::future::Future;
use std::io;
use std::time::Duration;

use serde_json::{Value, json};

use crate::jobs::{one_byte, open_echo, open_requests, ping, request};
use crate::meter::Meter;
use crate::process::{file_limit, resident};
use crate::settings::{chunk, listener, setting};
use crate::stack::{Conn, Node, Stream};
use crate::target::{Held, Target};

/// Many streams open on one connection: what opening one costs, and a round trip on each in turn.
pub(crate) async fn streams<C: Conn>(conn: C) -> io::Result<Value> {
    let mut held = Vec::new();
    let mut points = Points::default();
    for count in counts() {
        let point = async {
            let (opening, more) = (Meter::start(), count - held.len());
            while held.len() < count {
                held.push(open_echo(&conn).await?);
            }
            let opening = opening.rate(more as u64);
            let (meter, rounds) = (Meter::start(), TRIPS.div_ceil(count));
            for _ in 0..rounds {
                for stream in &mut held {
                    ping(stream).await?;
                }
            }
            let trips = meter.rate((rounds * count) as u64);
            Ok(json!({
                "n": count, "open_cpu_us": opening["cpu_us_per_op"], "cpu_us": trips["cpu_us_per_op"],
                "per_s": trips["per_s"],
            }))
        };
        if !points.add(point).await {
            break;
        }
    }
    Ok(points.finish())
}

/// Many connections with one host: what making one costs, its memory, and a stream on each in turn.
pub(crate) async fn connections<N: Node>(target: &Target<N>) -> io::Result<Value> {
    let mut held = Held::new(target);
    let mut points = Points::default();
    let mut before = (0, 0);
    for count in counts() {
        let point = async {
            let (making, more) = (Meter::start(), count - held.conns.len());
            held.grow(count).await?;
            let making = making.rate(more as u64);
            let (meter, rounds) = (Meter::start(), TRIPS.div_ceil(count));
            for _ in 0..rounds {
                for conn in &held.conns {
                    one_byte(conn).await?;
                }
            }
            let trips = meter.rate((rounds * count) as u64);
            let now = resident(listener());
            let bytes = (now as f64 - before.1 as f64) / (count - before.0) as f64;
            let first = before.0 == 0;
            before = (count, now);
            Ok(json!({
                "n": count, "open_cpu_us": making["cpu_us_per_op"], "cpu_us": trips["cpu_us_per_op"],
                "per_s": making["per_s"], "listener_bytes": if first { Value::Null } else { json!(bytes) },
            }))
        };
        if !points.add(point).await {
            break;
        }
    }
    Ok(points.finish())
}

/// Messages of many sizes, each answered by one of its size.
pub(crate) async fn messages<C: Conn>(conn: C) -> io::Result<Value> {
    let mut points = Points::default();
    for size in (0..=20).step_by(2).map(|power| 1_usize << power) {
        let point = async {
            let mut stream = open_requests(&conn, size as u64).await?;
            let mut buffer = vec![7; size.min(chunk())];
            for _ in 0..20 {
                request(&mut stream, size as u64, &mut buffer).await?;
            }
            let meter = Meter::start();
            let mut count = 0;
            while meter.start.elapsed() < Duration::from_secs_f64(setting("PB_POINT_SECS", 0.3)) {
                request(&mut stream, size as u64, &mut buffer).await?;
                count += 1;
            }
            let _ = stream.finish().await;
            let trips = meter.rate(count);
            Ok(json!({ "n": size, "cpu_us": trips["cpu_us_per_op"], "per_s": trips["per_s"] }))
        };
        if !points.add(point).await {
            break;
        }
    }
    Ok(points.finish())
}

/// What has been measured, and why not more.
#[derive(Default)]
struct Points {
    measured: Vec<Value>,
    stopped: Option<String>,
}

impl Points {
    /// Takes down a point; false when it failed, and there is no use in larger ones.
    async fn add(&mut self, point: impl Future<Output = io::Result<Value>>) -> bool {
        let failed = match tokio::time::timeout(PATIENCE, point).await {
            Ok(Ok(point)) => {
                self.measured.push(point);
                return true;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "out of time".into(),
        };
        self.stopped = Some(failed);
        false
    }

    fn finish(self) -> Value {
        json!({ "points": self.measured, "stopped": self.stopped, "files": file_limit() })
    }
}

/// 1, 10, 100, … up to `PB_MOST`.
fn counts() -> impl Iterator<Item = usize> {
    let most = setting("PB_MOST", 10_000);
    std::iter::successors(Some(1), |count| Some(count * 10)).take_while(move |&count| count <= most)
}

/// How many round trips there are at a point at least.
const TRIPS: usize = 1000;

/// How long a point may take.
const PATIENCE: Duration = Duration::from_secs(60);
