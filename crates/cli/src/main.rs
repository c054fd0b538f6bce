//! The command-line program `peerloom`: the curl of libp2p.

mod addr;
mod arguments;
mod cat;
mod demo;
mod dial;
mod echo;
mod identify;
mod key;
mod layers;
mod listed;
mod listen;
mod ls;
mod node;
mod output;
mod perf;
mod ping;
mod progress;
mod story;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use serde_json::json;

use crate::arguments::{Arguments, Verb};
use crate::node::Hosts;
use crate::output::{Failure, Output};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return answer(&error),
    };
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("PEERLOOM_LOG"))
        .with_writer(std::io::stderr)
        // It would say on stderr that stderr takes nothing, and panic.
        .log_internal_errors(false)
        .init();
    let output = Output::new(arguments.json);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return output.fail(&Failure::from(error)),
    };
    let result = runtime.block_on(run_within(arguments.timeout, arguments.verb, output));
    // A read of stdin may still be under way on a thread of its own; nobody waits for it.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => output.fail(&failure),
    }
}

/// Says what a command line lacks, or the help or version that it asks for.
fn answer(error: &clap::Error) -> ExitCode {
    let printed = error.print();
    if !error.use_stderr() {
        return if printed.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    if std::env::args_os().any(|argument| argument == "--json") {
        let text = error.to_string();
        // The usage and tips that follow are for people.
        let reason = text.split("\n\n").next().unwrap_or_default();
        let words: Vec<&str> = reason.trim_start_matches("error:").split_whitespace().collect();
        let object = json!({ "error": words.join(" ") });
        let _ = Output::new(true).print_failure(&[], object);
    }
    ExitCode::FAILURE
}

async fn run_within(limit: Option<Duration>, verb: Verb, output: Output) -> Result<(), Failure> {
    let hosts = Hosts::default();
    let running = run(verb, &hosts, output);
    let result = match limit {
        None => running.await,
        Some(limit) => tokio::time::timeout(limit, running)
            .await
            .unwrap_or_else(|_| Err(format!("not done within {limit:?}, the --timeout").into())),
    };
    hosts.close().await;
    result
}

async fn run(verb: Verb, hosts: &Hosts, output: Output) -> Result<(), Failure> {
    match verb {
        // It may wait for stdin, which would keep the time limit from being looked at.
        Verb::Addr(arguments) => {
            tokio::task::spawn_blocking(move || addr::run(&arguments, output)).await?
        }
        Verb::Cat(arguments) => cat::run(&arguments, hosts).await,
        Verb::Demo(arguments) => demo::run(&arguments, hosts, output).await,
        Verb::Dial(arguments) => dial::run(&arguments, hosts, output).await,
        Verb::Echo(arguments) => echo::run(&arguments, hosts, output).await,
        Verb::Identify(arguments) => identify::run(&arguments, hosts, output).await,
        Verb::Key(arguments) => key::run(&arguments, output),
        Verb::Listen(arguments) => listen::run(&arguments, hosts, output).await,
        Verb::Ls(arguments) => ls::run(&arguments, hosts, output).await,
        Verb::Perf(arguments) => perf::run(&arguments, hosts, output).await,
        Verb::Ping(arguments) => ping::run(&arguments, hosts, output).await,
    }
}
