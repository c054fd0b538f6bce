//! `peerloom dial`: the report of a connection.

use peerloom::Connection;
use serde_json::{Value, json};

use crate::arguments::RemoteArguments;
use crate::node::Hosts;
use crate::output::{Failure, Output, time};
use crate::story::{attempts, steps};

pub(crate) async fn run(
    arguments: &RemoteArguments,
    hosts: &Hosts,
    output: Output,
) -> Result<(), Failure> {
    let (_, connection) = hosts.connect(arguments).await?;
    output.print(&describe(&connection), report(&connection))?;
    Ok(())
}

/// The story of a connection, for people.
fn describe(connection: &Connection) -> Vec<String> {
    let report = connection.report();
    let mut lines = vec![
        format!("peer                  {}", connection.peer()),
        format!("local address         {}", connection.local()),
        format!("remote address        {}", connection.remote()),
    ];
    let steps = report.steps.iter();
    lines.extend(steps.map(|step| format!("{:21} {}", step.phase.to_string(), time(step.took))));
    lines.push(format!("security              {}", connection.security()));
    lines.push(format!("muxer                 {}", connection.muxer()));
    lines.extend(report.failed.iter().map(|attempt| format!("failed                {attempt}")));
    lines
}

/// The same for programs.
fn report(connection: &Connection) -> Value {
    let report = connection.report();
    json!({
        "peer": connection.peer().to_string(),
        "local": connection.local().to_string(),
        "remote": connection.remote().to_string(),
        "security": connection.security(),
        "muxer": connection.muxer(),
        "steps": steps(&report.steps),
        "failed": attempts(&report.failed),
    })
}
