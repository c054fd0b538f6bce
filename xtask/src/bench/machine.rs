//! What it was measured on, and with which versions.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use super::contestants::{CONTESTANTS, Project};
use crate::process;

/// The machine, the compilers, and the versions of everybody.
pub(super) fn describe() -> Map<String, Value> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let settings: Vec<_> = std::env::vars().filter(|(name, _)| name.starts_with("PB_")).collect();
    let mut described = Map::from_iter([
        ("date".to_owned(), json!(date(SystemTime::now()))),
        ("cpu".to_owned(), json!(field(&read("/proc/cpuinfo"), "model name"))),
        ("cores".to_owned(), json!(cores)),
        ("memory".to_owned(), json!(gib(field(&read("/proc/meminfo"), "MemTotal")))),
        ("kernel".to_owned(), json!(read("/proc/sys/kernel/osrelease").trim())),
        ("congestion".to_owned(), json!(read(CONGESTION_CONTROL).trim())),
        ("rustc".to_owned(), json!(said("rustc", &["--version"]))),
        ("commit".to_owned(), json!(said("git", &["rev-parse", "--short", "HEAD"]))),
    ]);
    if process::is_installed("go") {
        described.insert("go".into(), json!(said("go", &["version"])));
    }
    let settings = settings.iter().map(|(name, value)| format!("{name}={value}"));
    described.insert("settings".into(), settings.collect());
    let mut projects: Vec<&Project> = CONTESTANTS.iter().map(|it| it.project).collect();
    projects.dedup();
    let mut versions: Vec<_> = projects.iter().flat_map(|project| project.versions()).collect();
    versions.sort_unstable();
    versions.dedup();
    described.insert("versions".into(), versions.into());
    described
}

/// What a program says when it is asked something, if it is there.
fn said(program: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(program);
    command.args(arguments);
    process::output(command).unwrap_or_default().trim().to_owned()
}

/// The first value of a field in one of the kernel's lists.
fn field<'a>(text: &'a str, name: &str) -> &'a str {
    let named = |line: &'a str| line.split_once(':').filter(|(field, _)| field.trim() == name);
    text.lines().find_map(named).map_or("unknown", |(_, value)| value.trim())
}

/// Kilobytes as the kernel writes them, in GiB.
fn gib(kilobytes: &str) -> String {
    let number = kilobytes.split(' ').next().and_then(|number| number.parse::<f64>().ok());
    number.map_or("unknown".into(), |number| format!("{:.0} GiB", number / f64::from(1 << 20)))
}

/// The day, in UTC: days since 1970 made into a year of the calendar that begins in March.
fn date(now: SystemTime) -> String {
    let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

/// What decides how fast TCP sends, on loopback too.
const CONGESTION_CONTROL: &str = "/proc/sys/net/ipv4/tcp_congestion_control";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_field_is_the_first_of_its_name() {
        let text = "processor\t: 0\nmodel name\t: One\nprocessor\t: 1\nmodel name\t: Two\n";
        assert_eq!(field(text, "model name"), "One");
        assert_eq!(field(text, "MemTotal"), "unknown");
    }

    #[test]
    fn memory_is_told_in_gib() {
        assert_eq!(gib("24684096 kB"), "24 GiB");
        assert_eq!(gib("unknown"), "unknown");
    }

    #[test]
    fn a_date_is_that_of_the_day() {
        let on = |days: u64| date(UNIX_EPOCH + Duration::from_secs(days * 86_400 + 3600));
        assert_eq!(on(0), "1970-01-01");
        assert_eq!(on(11_016), "2000-02-29");
        assert_eq!(on(11_017), "2000-03-01");
        assert_eq!(on(20_453), "2025-12-31");
        assert_eq!(on(20_454), "2026-01-01");
    }
}
