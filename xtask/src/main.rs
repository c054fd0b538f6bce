//! What people and CI run on the workspace: `cargo xtask ci`, and each of its steps alone.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "telling people is this program's work"
)]

mod bench;
mod ci;
mod counts;
mod deny;
mod fuzz;
mod interop;
mod process;
mod running;
mod table;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::process::Outcome;
use crate::workspace::Workspace;

/// The chores of the workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything that must pass before a commit, step by step until one fails.
    Ci(ci::Arguments),
    /// Reads the tree: floors, names, first lines, sizes, left-overs.
    Tidy,
    /// Bans, licences and sources of the dependencies.
    Deny(deny::Arguments),
    /// How many crates the parts that stand alone, and a node, are made of.
    Counts,
    /// Runs the programs of other implementations against ours, in both directions.
    InteropTest(interop::Arguments),
    /// Measures this stack beside others and beside what the machine gives, in one run, as ratios.
    ///
    /// Builds the programs in tests/bench that can be built here and names the others. In every round each scenario is run by each stack,
    /// one after the other, and a ratio is the median of those within a round: what else the machine does falls on all. Ratios are
    /// printed first, then the goals and whether they are met. Where everything is measured, docs/benchmarks.md and the charts beside it are
    /// written anew, which takes the better part of an hour; where only some is, target/bench has them. PB_BYTES, PB_SECS and the other settings in
    /// tests/bench/README.md make a run shorter.
    Bench(bench::Arguments),
    /// Builds the fuzz targets and runs each for a few seconds.
    FuzzSmoke(fuzz::Arguments),
}

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    match Workspace::enter().and_then(|workspace| run(&workspace, &command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(workspace: &Workspace, command: &Command) -> Outcome {
    match command {
        Command::Ci(arguments) => ci::run(workspace, arguments),
        Command::Tidy => tidy::run(),
        Command::Deny(arguments) => deny::run(workspace, arguments),
        Command::Counts => counts::run(),
        Command::InteropTest(arguments) => interop::run(workspace, arguments),
        Command::Bench(arguments) => bench::run(workspace, arguments),
        Command::FuzzSmoke(arguments) => fuzz::run(workspace, arguments),
    }
}
