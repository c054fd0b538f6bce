//! A few seconds of fuzzing for every target, on the stable compiler.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::process::{self, Outcome};
use crate::table;
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How long each target runs.
    #[arg(long, default_value_t = SECONDS)]
    seconds: u32,
    /// Only these targets.
    #[arg(long, num_args = 1.., value_name = "NAME")]
    target: Vec<String>,
}

/// Builds the targets with coverage counters, runs each, fails at the first finding.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Outcome {
    let host = host()?;
    let builds = workspace.target.join("fuzz");
    build(&builds, &[])?;

    let mut rows = Vec::new();
    for Target { name, features } in targets()? {
        if arguments.target.is_empty() || arguments.target.contains(&name) {
            if !features.is_empty() {
                build(&builds, &["--features", &features, "--bin", &name])?;
            }
            let program = builds.join(&host).join("release").join(&name);
            let inputs = fuzz(&program, &name, &builds, arguments.seconds)?;
            rows.push([name, "ok".into(), arguments.seconds.to_string(), inputs]);
        }
    }
    table::print(["target", "result", "seconds", "inputs"], &rows);
    if rows.is_empty() { Err("no such fuzz target".into()) } else { Ok(()) }
}

impl Default for Arguments {
    fn default() -> Self {
        Arguments { seconds: SECONDS, target: Vec::new() }
    }
}

fn build(builds: &Path, which: &[&str]) -> Outcome {
    let mut build = process::cargo(["build", "--release", "--locked"]);
    // The coverage flags stand in the project's own configuration, which this variable would replace.
    build.args(which).current_dir(PROJECT).env_remove("RUSTFLAGS").env("CARGO_TARGET_DIR", builds);
    process::run(build)
}

/// Starts from the seeds that are kept and from what earlier runs here have found; how many inputs it tried.
fn fuzz(program: &Path, name: &str, builds: &Path, seconds: u32) -> Outcome<String> {
    let found = builds.join("corpus").join(name);
    let artifacts = builds.join("artifacts").join(name);
    for folder in [&found, &artifacts] {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let log = builds.join(format!("{name}.log"));
    let output = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let mut command = Command::new(program);
    command.arg(format!("-max_total_time={seconds}")).args(LIMITS).stderr(output);
    command.arg(format!("-artifact_prefix={}/", artifacts.display())).arg(found);
    let seeds = Path::new(SEEDS).join(name);
    if seeds.is_dir() {
        command.arg(seeds);
    }
    let outcome = process::run(command);
    let log = fs::read(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let log = String::from_utf8_lossy(&log);
    outcome.inspect_err(|_| eprintln!("{log}"))?;
    let inputs = log.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units: "));
    Ok(inputs.unwrap_or_default().to_owned())
}

/// The platform that this machine builds for.
fn host() -> Outcome<String> {
    let mut command = Command::new("rustc");
    command.arg("-vV");
    let version = process::output(command)?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("rustc -vV names no host")?.to_owned())
}

/// A program that is fed.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    name: String,
    /// The features that it is there only with, and that nobody else should be built with.
    features: String,
}

fn targets() -> Outcome<Vec<Target>> {
    let metadata = ["metadata", "--no-deps", "--format-version=1", "--manifest-path", MANIFEST];
    Ok(binaries(&process::output(process::cargo(metadata))?))
}

/// The programs of all packages in what `cargo metadata` prints.
fn binaries(metadata: &str) -> Vec<Target> {
    let metadata: Value = serde_json::from_str(metadata).unwrap_or_default();
    let list =
        |value: &Value, key| value.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let targets =
        list(&metadata, "packages").into_iter().flat_map(|package| list(&package, "targets"));
    let programs = targets.filter(|target| list(target, "kind").iter().any(|kind| kind == "bin"));
    let read = |target: Value| {
        let name = target.get("name")?.as_str()?.to_owned();
        let features = list(&target, "required-features");
        let features = features.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",");
        Some(Target { name, features })
    };
    programs.filter_map(read).collect()
}

const PROJECT: &str = "tests/fuzz";

const MANIFEST: &str = "tests/fuzz/Cargo.toml";

const SEEDS: &str = "tests/fuzz/corpus-seeds";

/// Enough for the seeds and their neighbours; long runs are for `cargo fuzz`.
const SECONDS: u32 = 10;

/// Megabytes for a target and seconds for an input, beyond which it has found something.
const LIMITS: [&str; 3] = ["-rss_limit_mb=512", "-timeout=5", "-print_final_stats=1"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_of_a_project_are_its_targets() {
        let metadata = r#"{"packages": [{"targets": [
            {"name": "one", "kind": ["bin"]}, {"name": "lib", "kind": ["lib"]},
            {"name": "two", "kind": ["bin"], "required-features": ["a", "b"]}
        ]}]}"#;
        let target =
            |name: &str, features: &str| Target { name: name.into(), features: features.into() };
        assert_eq!(binaries(metadata), [target("one", ""), target("two", "a,b")]);
    }
}
