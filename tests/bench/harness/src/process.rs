//! CPU time and memory of this process and of another one of ours.

use std::time::Duration;

/// User and system time of a process, its ended threads included.
pub(crate) fn cpu(process: i32) -> Duration {
    let mut clock = 0;
    // SAFETY: `clock` is a valid place for the result.
    if process <= 0 || unsafe { libc::clock_getcpuclockid(process, &raw mut clock) } != 0 {
        return Duration::ZERO;
    }
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid place for the result.
    if unsafe { libc::clock_gettime(clock, &raw mut time) } != 0 {
        return Duration::ZERO;
    }
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The resident memory of a process, in bytes.
pub(crate) fn resident(process: i32) -> u64 {
    status(process, "VmRSS:")
}

/// The most resident memory that a process has had, in bytes.
pub(crate) fn peak(process: i32) -> u64 {
    status(process, "VmHWM:")
}

/// How many files and sockets this process may have open; raised to what it may be given.
pub(crate) fn file_limit() -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a valid place for the result, and then holds what the kernel wrote there.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) == 0
            && limit.rlim_cur < limit.rlim_max
        {
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit);
            libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit);
        }
    }
    limit.rlim_cur
}

fn status(process: i32, field: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(field)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse().ok()).unwrap_or(0) * 1024
}
