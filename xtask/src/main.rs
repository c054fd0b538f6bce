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
    /// Measures this stack beside rust-libp2p, in one run, as ratios.
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
