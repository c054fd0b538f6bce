//! Everything that must pass before a commit, step by step until one fails.

use std::time::Instant;

use clap::ValueEnum;

use crate::bench::instructions;
use crate::process::{self, Outcome};
use crate::workspace::Workspace;
use crate::{counts, deny, fuzz, interop, table, tidy};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only these steps.
    #[arg(long, num_args = 1.., value_name = "STEP")]
    only: Vec<Step>,
    /// All but these steps.
    #[arg(long, num_args = 1.., value_name = "STEP", conflicts_with = "only")]
    skip: Vec<Step>,
    /// Fail when the tools to build one of the other implementations are missing.
    #[arg(long)]
    require_all: bool,
}

/// The steps, in the order in which they run: quick ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Step {
    Fmt,
    Tidy,
    Counts,
    Clippy,
    Test,
    Portable,
    Doc,
    Deny,
    FuzzSmoke,
    InteropTest,
    Instructions,
}

/// Runs the steps and says how each went and how long it took.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Outcome {
    let mut rows = Vec::new();
    let mut failed = None;
    for step in Step::value_variants() {
        let name = name(*step);
        if !arguments.wants(*step) {
            rows.push([name, "left out".into(), String::new()]);
            continue;
        }
        if failed.is_some() {
            rows.push([name, "not run".into(), String::new()]);
            continue;
        }
        println!("\n=== {name}");
        let start = Instant::now();
        let outcome = step.run(workspace, arguments);
        let seconds = format!("{:.1}", start.elapsed().as_secs_f64());
        let result = if outcome.is_ok() { "ok" } else { "FAILED" };
        println!("=== {name}: {result} after {seconds} s");
        rows.push([name.clone(), result.into(), seconds]);
        failed = outcome.err().map(|failure| format!("{name}: {failure}"));
    }
    table::print(["step", "result", "seconds"], &rows);
    failed.map_or(Ok(()), |failure| Err(failure.into()))
}

impl Arguments {
    fn wants(&self, step: Step) -> bool {
        (self.only.is_empty() || self.only.contains(&step)) && !self.skip.contains(&step)
    }
}

impl Step {
    fn run(self, workspace: &Workspace, arguments: &Arguments) -> Outcome {
        match self {
            Step::Fmt => format_check(),
            Step::Tidy => tidy::run(),
            Step::Counts => counts::run(),
            Step::Clippy => process::run(process::cargo(CLIPPY)),
            Step::Test => process::run(process::cargo(TEST)),
            Step::Portable => portable(),
            Step::Doc => document(),
            Step::Deny => deny::run(workspace, &deny::Arguments::default()),
            Step::FuzzSmoke => fuzz::run(workspace, &fuzz::Arguments::default()),
            Step::InteropTest => {
                interop::run(workspace, &interop::Arguments::all(arguments.require_all))
            }
            Step::Instructions => count_instructions(workspace),
        }
    }
}

fn name(step: Step) -> String {
    step.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// The workspace, and the projects beside it that have a workspace of their own.
fn format_check() -> Outcome {
    process::run(process::cargo(["fmt", "--all", "--check"]))?;
    for path in tidy::paths()? {
        if path.starts_with("tests/") && path.ends_with("/Cargo.toml") {
            process::run(process::cargo(["fmt", "--check", "--manifest-path", &path]))?;
        }
    }
    Ok(())
}

fn portable() -> Outcome {
    PORTABLE.iter().try_for_each(|line| process::run(process::cargo(line.split(' '))))
}

/// Not even CI insists on valgrind: the other steps bring what they need along, and this one cannot.
fn count_instructions(workspace: &Workspace) -> Outcome {
    if instructions::can_count() {
        return instructions::check(&workspace.target.join("bench"));
    }
    println!("valgrind is not installed: no instructions are counted");
    Ok(())
}

fn document() -> Outcome {
    let mut command = process::cargo(["doc", "--workspace", "--no-deps", "--locked"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    process::run(command)
}

const CLIPPY: [&str; 8] = [
    "clippy",
    "--workspace",
    "--all-targets",
    "--all-features",
    "--locked",
    "--",
    "-D",
    "warnings",
];

/// With what is off by default too; the cryptography then comes from its default provider.
const TEST: [&str; 4] = ["test", "--workspace", "--all-features", "--locked"];

/// What has to work with the cryptography in Rust alone: its own tests, and nodes of nothing else, small and large.
const PORTABLE: [&str; 5] = [
    "test --locked -p peerloom-crypto -p peerloom-identity -p peerloom-noise -p peerloom-pnet --no-default-features --features portable",
    "test --locked -p peerloom-crypto -p peerloom-identity --no-default-features --features portable-curves",
    "test --locked -p peerloom-secio --no-default-features --features portable",
    "clippy --locked -p peerloom --no-default-features --features portable -- -D warnings",
    "clippy --locked -p peerloom --no-default-features --features portable-curves,dns,mplex,pnet,secio,unix,ws -- -D warnings",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_and_skip_choose_the_steps() {
        let wanted = |only: &[Step], skip: &[Step]| {
            let (only, skip) = (only.to_vec(), skip.to_vec());
            let arguments = Arguments { only, skip, require_all: false };
            Step::value_variants().iter().filter(|step| arguments.wants(**step)).count()
        };
        let all = Step::value_variants().len();
        assert_eq!(wanted(&[], &[]), all);
        assert_eq!(wanted(&[Step::Fmt, Step::Tidy], &[]), 2);
        assert_eq!(wanted(&[], &[Step::Fmt]), all - 1);
    }

    #[test]
    fn a_step_is_named_as_on_the_command_line() {
        assert_eq!(name(Step::InteropTest), "interop-test");
    }
}
