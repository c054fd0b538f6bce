//! Settings from the environment.

use std::str::FromStr;

/// The setting of this name, or what it is when it is not set.
pub fn setting<T: FromStr>(name: &str, default: T) -> T {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// How much is written or read at once.
pub(crate) fn chunk() -> usize {
    setting("PB_CHUNK", 64 * 1024)
}

/// The process that listens.
pub(crate) fn listener() -> i32 {
    setting("PB_LISTENER_PID", 0)
}

/// The process that dials: this one.
pub(crate) fn dialer() -> i32 {
    i32::try_from(std::process::id()).unwrap_or(0)
}
