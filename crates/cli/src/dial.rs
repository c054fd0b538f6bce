//! `peerloom dial`: the report of a connection.

use peerloom::Connection;
use serde_json::{Value, json};

use crate::arguments::RemoteArguments;
use crate::output::{Failure, Output, milliseconds, time};

pub(crate) async fn run(arguments: &RemoteArguments, output: Output) -> Result<(), Failure> {
    let (host, connection) = arguments.node.connect(&arguments.address).await?;
    output.print(describe(&connection), report(&connection));
    host.close().await;
    Ok(())
}

/// The story of a connection, for people.
pub(crate) fn describe(connection: &Connection) -> String {
    let mut text = format!("peer                  {}\n", connection.peer());
    text.push_str(&format!("local address         {}\n", connection.local()));
    text.push_str(&format!("remote address        {}\n", connection.remote()));
    for step in &connection.report().steps {
        text.push_str(&format!("{:21} {}\n", step.phase.to_string(), time(step.took)));
    }
    text.push_str(&format!("security              {}\n", connection.security()));
    text.push_str(&format!("muxer                 {}", connection.muxer()));
    for attempt in &connection.report().failed {
        text.push_str(&format!("\nfailed                {attempt}"));
    }
    text
}

/// The same for programs.
fn report(connection: &Connection) -> Value {
    let report = connection.report();
    let steps: Vec<_> = report
        .steps
        .iter()
        .map(|step| json!({ "phase": step.phase.to_string(), "ms": milliseconds(step.took) }))
        .collect();
    let failed: Vec<_> = report.failed.iter().map(ToString::to_string).collect();
    json!({
        "peer": connection.peer().to_string(),
        "local": connection.local().to_string(),
        "remote": connection.remote().to_string(),
        "security": connection.security(),
        "muxer": connection.muxer(),
        "steps": steps,
        "failed": failed,
    })
}
