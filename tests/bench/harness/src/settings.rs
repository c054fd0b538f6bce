//! Settings from the environment.

use std::str::FromStr;
use std::time::Duration;

/// The setting of this name, or what it is when it is not set.
pub fn setting<T: FromStr>(name: &str, default: T) -> T {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// How much is written or read at once.
pub(crate) fn chunk() -> usize {
    setting("PB_CHUNK", 64 * 1024)
}

/// How much a bulk scenario moves.
pub(crate) fn bytes() -> u64 {
    setting("PB_BYTES", 1 << 30)
}

/// How long a scenario goes on that counts what it gets done.
pub(crate) fn duration() -> Duration {
    Duration::from_secs_f64(setting("PB_SECS", 2.0))
}

/// The process that listens.
pub(crate) fn listener() -> i32 {
    setting("PB_LISTENER_PID", 0)
}

/// The process that dials: this one.
pub(crate) fn dialer() -> i32 {
    i32::try_from(std::process::id()).unwrap_or(0)
}
