//! How many instructions small pieces of the data path take, against what was recorded.
//!
//! A count is the same whatever else the machine does. It depends on the compiler, the C library and
//! valgrind, which shows every program the same processor (with AVX2 and AES, without AVX-512 and SHA): so it
//! is judged only where it was made with the same tools as the recorded one.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::process::{self, Outcome};
use crate::table;

/// Counts and compares; fails when a count has moved.
pub(crate) fn check(builds: &Path) -> Outcome {
    need_valgrind()?;
    let text = fs::read_to_string(COUNTS).map_err(|error| format!("{COUNTS}: {error}"))?;
    let recorded = Counts::parse(&text)?;
    let now = Counts::measure(builds)?;
    let moved = compare(&recorded, &now);
    if recorded.tools != now.tools {
        println!("Not judged: recorded with {}, counted with {}.", recorded.tools, now.tools);
        println!("To compare here, record at the commit to compare with, and check at this one.");
        return Ok(());
    }
    if moved.is_empty() {
        return Ok(());
    }
    let hint = "where that is meant, `cargo xtask bench --record` keeps the new counts";
    Err(format!("moved by more than {TOLERANCE} %: {}; {hint}", moved.join(", ")).into())
}

/// Counts and keeps the counts.
pub(crate) fn record(builds: &Path) -> Outcome {
    need_valgrind()?;
    let now = Counts::measure(builds)?;
    let before = fs::read_to_string(COUNTS).ok().and_then(|text| Counts::parse(&text).ok());
    compare(&before.unwrap_or_default(), &now);
    fs::write(COUNTS, now.text()).map_err(|error| format!("{COUNTS}: {error}"))?;
    println!("written to {COUNTS}");
    Ok(())
}

/// Whether instructions can be counted here.
pub(crate) fn can_count() -> bool {
    process::is_installed("valgrind")
}

/// Instructions by what takes them, for one round of each.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    /// What they were made with.
    tools: String,
    of: BTreeMap<String, u64>,
}

impl Counts {
    fn measure(builds: &Path) -> Outcome<Self> {
        let mut build = process::cargo(["build", "--release", "--locked"]);
        build.current_dir(PROJECT).env("CARGO_TARGET_DIR", builds);
        process::run(build)?;
        let program = builds.join("release").join(PROGRAM);
        let mut counts = Counts { tools: tools()?, of: BTreeMap::new() };
        for name in process::output(Command::new(&program))?.lines() {
            let count = count(&program, name, builds)?;
            counts.of.insert(name.to_owned(), count);
        }
        Ok(counts)
    }

    fn parse(text: &str) -> Outcome<Self> {
        let mut counts = Counts::default();
        for line in text.lines() {
            if let Some(tools) = line.strip_prefix(WITH) {
                tools.clone_into(&mut counts.tools);
                continue;
            }
            let entry = line
                .split_once(' ')
                .and_then(|(name, count)| Some((name.to_owned(), count.trim().parse().ok()?)));
            let (name, count) = entry.ok_or(format!("{COUNTS}: not a count: {line}"))?;
            counts.of.insert(name, count);
        }
        Ok(counts)
    }

    fn text(&self) -> String {
        let mut text = format!("{WITH}{}\n", self.tools);
        for (name, count) in &self.of {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{name} {count}");
        }
        text
    }
}

fn need_valgrind() -> Outcome {
    if can_count() {
        return Ok(());
    }
    Err("instructions are counted by valgrind, which is not installed: install the package valgrind of your system".into())
}

/// Prints both, and names what has moved, is new or is gone.
fn compare(recorded: &Counts, now: &Counts) -> Vec<String> {
    let mut names: Vec<_> = recorded.of.keys().chain(now.of.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let mut rows = Vec::new();
    let mut moved = Vec::new();
    for name in names {
        let (before, after) = (recorded.of.get(name).copied(), now.of.get(name).copied());
        let is_near = before.zip(after).is_some_and(|(before, after)| is_near(before, after));
        if !is_near {
            moved.push(name.clone());
        }
        let shown = |count: Option<u64>| count.map_or("-".into(), |count| count.to_string());
        rows.push([name.clone(), shown(before), shown(after), change(before, after)]);
    }
    table::print(["instructions of", "recorded", "now", "change"], &rows);
    moved
}

fn is_near(before: u64, after: u64) -> bool {
    before.abs_diff(after).saturating_mul(100) <= before.saturating_mul(TOLERANCE)
}

/// In percent, with one place.
fn change(before: Option<u64>, after: Option<u64>) -> String {
    let Some((before, after)) = before.zip(after) else { return "-".into() };
    let thousandths = before.abs_diff(after).saturating_mul(1000) / before.max(1);
    let sign = if after < before { '-' } else { '+' };
    format!("{sign}{}.{} %", thousandths / 10, thousandths % 10)
}

/// Runs one piece under callgrind: the instructions of one round.
fn count(program: &Path, name: &str, builds: &Path) -> Outcome<u64> {
    let log = builds.join("instructions.log");
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null", TOGGLE]);
    command.arg(format!("--log-file={}", log.display())).arg(program).arg(name);
    let rounds = process::output(command)?;
    let rounds: u64 = rounds.trim().parse().map_err(|_| format!("{name}: not rounds: {rounds}"))?;
    let log = fs::read_to_string(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let collected = log.lines().find_map(|line| line.split_once("Collected :"));
    let collected = collected.and_then(|(_, count)| count.trim().parse::<u64>().ok());
    let count = collected.and_then(|collected| collected.checked_div(rounds)).unwrap_or_default();
    if count == 0 {
        return Err(format!("{name}: callgrind has not seen the counted function:\n{log}").into());
    }
    Ok(count)
}

/// The compiler, the platform and valgrind.
fn tools() -> Outcome<String> {
    let mut compiler = Command::new("rustc");
    compiler.arg("-vV");
    let compiler = process::output(compiler)?;
    let field = |name| compiler.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("?");
    let mut valgrind = Command::new("valgrind");
    valgrind.arg("--version");
    let valgrind = process::output(valgrind)?;
    Ok(format!("rustc {}, {}, {}", field("release: "), field("host: "), valgrind.trim()))
}

const PROJECT: &str = "tests/bench/instructions";

const PROGRAM: &str = "peerloom-instructions";

const COUNTS: &str = "tests/bench/instructions/counts.txt";

const WITH: &str = "with ";

/// What is collected: the function of the program that does the rounds, and all that it calls.
const TOGGLE: &str = "--toggle-collect=*meter::counted*";

/// By how many percent a count may move. Runs of one program differ by less than a hundredth of that, as keys and
/// the seeds of hash tables do; the rest is for what the compiler lays out differently when code nearby changes.
const TOLERANCE: u64 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(tools: &str, of: &[(&str, u64)]) -> Counts {
        let of = of.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        Counts { tools: tools.to_owned(), of }
    }

    #[test]
    fn counts_are_read_as_they_were_written() {
        let written = counts("rustc 1, valgrind 2", &[("a", 1), ("b", 20)]);
        assert_eq!(Counts::parse(&written.text()).unwrap(), written);
        assert!(Counts::parse("a b").is_err());
    }

    #[test]
    fn what_moved_either_way_is_new_or_is_gone_is_named() {
        let before = counts("", &[("same", 1000), ("more", 1000), ("less", 1000), ("gone", 1)]);
        let after = counts("", &[("same", 1030), ("more", 1031), ("less", 969), ("new", 1)]);
        assert_eq!(compare(&before, &after), ["gone", "less", "more", "new"]);
    }

    #[test]
    fn a_change_is_told_in_percent() {
        assert_eq!(change(Some(1000), Some(1025)), "+2.5 %");
        assert_eq!(change(Some(1000), Some(900)), "-10.0 %");
        assert_eq!(change(None, Some(1)), "-");
    }
}
