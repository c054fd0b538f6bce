//! This stack beside rust-libp2p, in one run: rounds in turn, medians, and the median of each round's ratio.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::process::{self, Outcome};
use crate::running::{Ends, Running};
use crate::table;
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How often each is measured.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// What is measured: bulk_up, bulk_down, bulk8, pingpong, open_seq, open_64, conn, connecho.
    #[arg(long, num_args = 1.., value_name = "NAME", default_values_t = ["bulk_up".to_owned()])]
    scenario: Vec<String>,
}

/// A program to measure.
struct Contestant {
    name: &'static str,
    program: &'static str,
    variant: &'static str,
}

/// The figure that a scenario is judged by.
struct Figure {
    scenario: &'static str,
    field: &'static str,
    unit: &'static str,
}

/// Builds the programs, runs them in turn, prints the table.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Outcome {
    let figures = arguments.scenario.iter().map(|name| {
        FIGURES.iter().find(|figure| figure.scenario == name).ok_or(format!("no scenario {name}"))
    });
    let figures = figures.collect::<Result<Vec<_>, _>>()?;
    let builds = workspace.target.join("bench");
    build(&builds)?;
    let mut rows = Vec::new();
    for figure in figures {
        let mut measured: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for round in 1..=arguments.rounds {
            for contestant in CONTESTANTS {
                let value = measure(contestant, figure, &builds)?;
                println!(
                    "round {round}: {} {} {value:.1} {}",
                    figure.scenario, contestant.name, figure.unit
                );
                measured.entry(contestant.name).or_default().push(value);
            }
        }
        let base = measured.get(BASE).cloned().unwrap_or_default();
        for contestant in CONTESTANTS {
            let values = measured.get(contestant.name).cloned().unwrap_or_default();
            let ratios = values.iter().zip(&base).map(|(value, base)| value / base).collect();
            rows.push([
                figure.scenario.to_owned(),
                contestant.name.to_owned(),
                format!("{:.1} {}", median(values), figure.unit),
                format!("{:.2}", median(ratios)),
            ]);
        }
    }
    table::print(["scenario", "stack", "median", "ratio to rust-libp2p"], &rows);
    Ok(())
}

/// Builds every project in `tests/bench` that is a program.
fn build(builds: &Path) -> Outcome {
    let read = |error| format!("{PROJECTS}: {error}");
    let mut folders = vec![PathBuf::from(PROJECTS)];
    for entry in fs::read_dir(PROJECTS).map_err(read)? {
        folders.push(entry.map_err(read)?.path());
    }
    for folder in folders.iter().filter(|folder| folder.join("src/main.rs").is_file()) {
        let mut command = process::cargo(["build", "--release", "--locked", "--manifest-path"]);
        command.arg(folder.join("Cargo.toml")).env("CARGO_TARGET_DIR", builds);
        process::run(command)?;
    }
    Ok(())
}

fn measure(contestant: &Contestant, figure: &Figure, builds: &Path) -> Outcome<f64> {
    let deadline = Instant::now() + LIMIT;
    let log = |side: &str| builds.join(format!("{}.{side}.log", contestant.name));
    let program = builds.join("release").join(contestant.program);

    let mut listener = Command::new(&program);
    listener.args([contestant.variant, "listen"]);
    let mut listener = Running::start(listener, Ends::OnInput, &log("listener"))?;
    let line = listener.line(deadline)?;
    let ["LISTEN", pid, address] = line.split_whitespace().collect::<Vec<_>>()[..] else {
        return Err(format!("{}: not where it listens: {line}", contestant.program).into());
    };
    let mut dialer = Command::new(&program);
    dialer.args([contestant.variant, "dial", address, figure.scenario]);
    dialer.env("PB_LISTENER_PID", pid);
    let dialer = Running::start(dialer, Ends::OnInput, &log("dialer"))?;
    let (status, last) = dialer.finish(deadline)?;
    let said = last.and_then(|line| serde_json::from_str::<Value>(&line).ok()).unwrap_or_default();
    match said.get(figure.field).and_then(Value::as_f64) {
        Some(value) if status.success() => Ok(value),
        _ => Err(format!("{} {}: {status}, {said}", contestant.name, figure.scenario).into()),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let (below, above) = values.split_at(values.len() / 2);
    match (below.last(), above.first()) {
        (Some(below), Some(above)) if values.len().is_multiple_of(2) => {
            f64::midpoint(*below, *above)
        }
        (_, middle) => middle.copied().unwrap_or(f64::NAN),
    }
}

const PROJECTS: &str = "tests/bench";

const BASE: &str = "rust-libp2p";

const CONTESTANTS: &[Contestant] = &[
    Contestant { name: "peerloom", program: "peerloom-bench", variant: "noise" },
    Contestant { name: BASE, program: "peer-libp2p", variant: "noise" },
];

const FIGURES: &[Figure] = &[
    Figure { scenario: "bulk_up", field: "mb_s", unit: "MB/s" },
    Figure { scenario: "bulk_down", field: "mb_s", unit: "MB/s" },
    Figure { scenario: "bulk8", field: "mb_s", unit: "MB/s" },
    Figure { scenario: "pingpong", field: "p50_us", unit: "µs" },
    Figure { scenario: "open_seq", field: "per_s", unit: "streams/s" },
    Figure { scenario: "open_64", field: "per_s", unit: "streams/s" },
    Figure { scenario: "conn", field: "per_s", unit: "connections/s" },
    Figure { scenario: "connecho", field: "per_s", unit: "connections/s" },
];

/// How long one measurement may take.
const LIMIT: Duration = Duration::from_secs(180);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_between_the_two_in_the_middle() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(vec![4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < f64::EPSILON);
        assert!(median(Vec::new()).is_nan());
    }
}
