//! `peerloom listen`: a node that serves until it is told to stop.

use peerloom::{echo, perf};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::arguments::ListenArguments;
use crate::node::Hosts;
use crate::output::{Failure, Output};

pub(crate) async fn run(
    arguments: &ListenArguments,
    hosts: &Hosts,
    output: Output,
) -> Result<(), Failure> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let host = hosts.start(arguments.node.builder()?).await?;
    host.set_stream_handler(echo::PROTOCOL, echo::serve);
    host.set_stream_handler(perf::PROTOCOL, perf::serve);
    for address in &arguments.addresses {
        host.listen(address.clone()).await?;
    }
    for address in host.addresses() {
        output.print(&[address.to_string()], json!({ "address": address.to_string() }))?;
    }
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
