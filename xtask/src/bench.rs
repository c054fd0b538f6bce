//! This stack beside others and beside what the machine gives, in one run, as ratios.

mod charts;
mod contestants;
mod goals;
pub(crate) mod instructions;
mod line;
mod machine;
mod measure;
mod page;
mod results;
mod scenarios;

use std::fs;
use std::path::{Path, PathBuf};

use self::contestants::{CONTESTANTS, Contestant, Project};
use self::results::{Measurement, Results};
use self::scenarios::SCENARIOS;
use crate::process::Outcome;
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How often each is measured; what hardly varies is measured less often.
    #[arg(long, default_value_t = 5, value_name = "N")]
    rounds: u64,
    /// Only these stacks.
    #[arg(long, num_args = 1.., value_name = "NAME", value_parser = contestant_names())]
    peers: Vec<String>,
    /// Only these scenarios.
    #[arg(long, num_args = 1.., value_name = "NAME", value_parser = scenario_names())]
    scenario: Vec<String>,
    /// Measures nothing, and prints and draws what these files of results have.
    #[arg(long, num_args = 1.., value_name = "FILE", conflicts_with_all = ["rounds", "peers", "scenario", "add", "no_build"])]
    from: Vec<PathBuf>,
    /// Takes the programs as they were last built here.
    #[arg(long)]
    no_build: bool,
    /// Adds to the results that are in the folder already, instead of replacing them.
    #[arg(long)]
    add: bool,
    /// Where benchmarks.md and benchmarks/, with the charts and results.jsonl, are written. [default: docs, or target/bench where only some is measured]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Measures no time: counts the instructions of small pieces of the data path, under valgrind, and fails when a count has moved.
    #[arg(long, exclusive = true)]
    check: bool,
    /// Counts them and keeps the counts, for later checks.
    #[arg(long, exclusive = true)]
    record: bool,
}

/// Measures or reads, prints, writes.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Outcome {
    let builds = workspace.target.join("bench");
    if arguments.check {
        return instructions::check(&builds);
    }
    if arguments.record {
        return instructions::record(&builds);
    }
    let everything = arguments.peers.is_empty() && arguments.scenario.is_empty();
    let usual = if everything { Path::new("docs") } else { &builds };
    let out = arguments.out.as_deref().unwrap_or(usual);
    let folder = out.join("benchmarks");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let kept = folder.join("results.jsonl");
    let results = if arguments.from.is_empty() {
        let mut results = Results::default();
        if arguments.add && kept.is_file() {
            results = Results::read(std::slice::from_ref(&kept))?;
        }
        results.machine = machine::describe();
        measure_all(arguments, &builds, &mut results, &kept)?;
        results
    } else {
        Results::read(&arguments.from)?
    };
    println!("\n{}", page::tables(&results));
    results.write(&kept)?;
    write(&results, out, &folder)
}

/// Rounds of every scenario of every contestant. What is measured is kept at once: a run is long.
fn measure_all(
    arguments: &Arguments,
    builds: &Path,
    results: &mut Results,
    kept: &Path,
) -> Outcome {
    let contestants = build(arguments, builds, results);
    if contestants.is_empty() {
        return Err("nothing that is asked for can be built here".into());
    }
    let before = results.rounds();
    for round in 1..=arguments.rounds {
        let scenarios = SCENARIOS.iter().filter(|it| arguments.wants_scenario(it.name));
        for scenario in scenarios.filter(|scenario| round <= scenario.rounds) {
            for contestant in contestants.iter().filter(|it| it.runs(scenario.name)) {
                let said = measure::measure(contestant, scenario, builds);
                let measurement = Measurement {
                    contestant: contestant.name.into(),
                    scenario: scenario.name.into(),
                    round: before + round,
                    said: said.map_err(|failure| failure.to_string()),
                };
                println!(
                    "round {round}: {} of {}: {}",
                    scenario.name,
                    contestant.name,
                    measurement.brief(scenario)
                );
                results.measurements.push(measurement);
                results.write(kept)?;
            }
        }
    }
    Ok(())
}

/// Builds the programs of those who are asked for; who is left can be measured.
fn build(arguments: &Arguments, builds: &Path, results: &mut Results) -> Vec<&'static Contestant> {
    let mut built: Vec<(&Project, Result<(), String>)> = Vec::new();
    let mut ready = Vec::new();
    for contestant in CONTESTANTS.iter().filter(|it| arguments.wants(it.name)) {
        let project = contestant.project;
        if !built.iter().any(|(other, _)| *other == project) {
            let outcome = match arguments.no_build {
                true => project.is_built(builds),
                false => project.build(builds),
            };
            built.push((project, outcome.map_err(|failure| failure.to_string())));
        }
        // What an earlier run said of it holds no longer.
        results.missing.retain(|(name, _)| name != contestant.name);
        match built.iter().find(|(other, _)| *other == project) {
            Some((_, Err(why))) => {
                println!("{}: not measured, {why}", contestant.name);
                results.missing.push((contestant.name.to_owned(), why.clone()));
            }
            _ => ready.push(contestant),
        }
    }
    ready
}

/// The page and its charts.
fn write(results: &Results, out: &Path, folder: &Path) -> Outcome {
    let mut named = Vec::new();
    for chart in charts::charts(results) {
        let path = folder.join(&chart.file);
        fs::write(&path, chart.svg).map_err(|error| format!("{}: {error}", path.display()))?;
        named.push((chart.file, chart.title));
    }
    let page = out.join("benchmarks.md");
    let before = fs::read_to_string(&page).unwrap_or_else(|_| "# Benchmarks\n\n".into());
    let after = page::with_generated(&before, &page::generated(results, &named));
    fs::write(&page, after).map_err(|error| format!("{}: {error}", page.display()))?;
    println!("written: {} and {}", page.display(), folder.display());
    Ok(())
}

impl Arguments {
    fn wants(&self, contestant: &str) -> bool {
        self.peers.is_empty() || self.peers.iter().any(|name| name == contestant)
    }

    fn wants_scenario(&self, scenario: &str) -> bool {
        self.scenario.is_empty() || self.scenario.iter().any(|name| name == scenario)
    }
}

fn contestant_names() -> Vec<&'static str> {
    CONTESTANTS.iter().map(|contestant| contestant.name).collect()
}

fn scenario_names() -> Vec<&'static str> {
    SCENARIOS.iter().map(|scenario| scenario.name).collect()
}
