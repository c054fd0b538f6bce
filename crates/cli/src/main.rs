//! The command-line program `peerloom`: the curl of libp2p.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program prints")]

mod addr;
mod arguments;
mod cat;
mod demo;
mod dial;
mod echo;
mod identify;
mod key;
mod listen;
mod ls;
mod node;
mod output;
mod perf;
mod ping;
mod progress;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::{Arguments, Verb};
use crate::output::{Failure, Output};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors, and go to stdout.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
    };
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("PEERLOOM_LOG"))
        .with_writer(std::io::stderr)
        .init();
    let output = Output::new(arguments.json);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return output.fail(&Failure::from(error)),
    };
    let result = runtime.block_on(run(arguments.verb, output));
    // A read of stdin may still be under way on a thread of its own; nobody waits for it.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => output.fail(&failure),
    }
}

async fn run(verb: Verb, output: Output) -> Result<(), Failure> {
    match verb {
        Verb::Addr(arguments) => addr::run(&arguments, output),
        Verb::Cat(arguments) => cat::run(&arguments).await,
        Verb::Demo(arguments) => demo::run(&arguments, output).await,
        Verb::Dial(arguments) => dial::run(&arguments, output).await,
        Verb::Echo(arguments) => echo::run(&arguments, output).await,
        Verb::Identify(arguments) => identify::run(&arguments, output).await,
        Verb::Key(arguments) => key::run(&arguments, output),
        Verb::Listen(arguments) => listen::run(&arguments, output).await,
        Verb::Ls(arguments) => ls::run(&arguments, output).await,
        Verb::Perf(arguments) => perf::run(&arguments, output).await,
        Verb::Ping(arguments) => ping::run(&arguments, output).await,
    }
}
