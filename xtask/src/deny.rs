//! Bans, licences and sources of the dependencies, by cargo-deny and `deny.toml`.

use std::path::PathBuf;
use std::process::Command;

use crate::process::{self, Outcome};
use crate::workspace::Workspace;

#[derive(clap::Args, Default)]
pub(crate) struct Arguments {
    /// Also ask the advisory database, which cargo-deny fetches over the network.
    #[arg(long)]
    advisories: bool,
}

/// Checks the dependencies; the advisories only when asked to, because they need the network.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Outcome {
    let mut command = Command::new(program(workspace)?);
    command.args([
        "--locked",
        "--workspace",
        "--all-features",
        "check",
        "bans",
        "licenses",
        "sources",
    ]);
    if arguments.advisories {
        command.arg("advisories");
    } else {
        println!(
            "advisories: not checked, that needs the network; `cargo xtask deny --advisories` does"
        );
    }
    process::run(command)
}

/// cargo-deny: the one in the path, or the one that was built here, now or earlier.
fn program(workspace: &Workspace) -> Outcome<PathBuf> {
    if process::is_installed(PROGRAM) {
        return Ok(PROGRAM.into());
    }
    let tools = workspace.target.join("tools");
    let program = tools.join("bin").join(PROGRAM);
    if !program.is_file() {
        // Unoptimized: it runs for a second, and this builds in a third of the time.
        let install = ["install", "--debug", "--locked", PROGRAM, "--version", VERSION, "--root"];
        let mut command = process::cargo(install);
        command.arg(&tools).arg("--target-dir").arg(tools.join("build"));
        process::run(command)?;
    }
    Ok(program)
}

const PROGRAM: &str = "cargo-deny";

/// The version that is built when none is installed.
const VERSION: &str = "0.20.2";
