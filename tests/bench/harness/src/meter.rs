//! Wall time and CPU time of both processes over an interval.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::cpu;
use crate::settings::{dialer, listener};

pub(crate) struct Meter {
    pub(crate) start: Instant,
    dialer: Duration,
    listener: Duration,
}

impl Meter {
    pub(crate) fn start() -> Self {
        Meter { dialer: cpu(dialer()), listener: cpu(listener()), start: Instant::now() }
    }

    /// What moving this many bytes took.
    pub(crate) fn bulk(self, bytes: u64) -> Value {
        let (wall, dialer, listener) = self.stop();
        let gib = bytes as f64 / f64::from(1 << 30);
        json!({
            "mb_s": bytes as f64 / 1e6 / wall, "cpu_s_per_gib": (dialer + listener) / gib,
            "cpu_dialer": dialer / gib, "cpu_listener": listener / gib, "wall": wall,
        })
    }

    /// What this many operations took.
    pub(crate) fn rate(self, count: u64) -> Value {
        let (wall, dialer, listener) = self.stop();
        let each = |seconds: f64| seconds * 1e6 / count as f64;
        json!({
            "per_s": count as f64 / wall, "cpu_us_per_op": each(dialer + listener),
            "cpu_dialer_us": each(dialer), "cpu_listener_us": each(listener), "n": count,
        })
    }

    fn stop(self) -> (f64, f64, f64) {
        let wall = self.start.elapsed().as_secs_f64();
        let dialer = cpu(dialer()).saturating_sub(self.dialer).as_secs_f64();
        (wall, dialer, cpu(listener()).saturating_sub(self.listener).as_secs_f64())
    }
}

/// The value below which this part of the sorted values lies.
pub(crate) fn quantile(sorted: &[f64], part: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * part) as usize).copied().unwrap_or(f64::NAN)
}
