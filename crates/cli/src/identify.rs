//! `peerloom identify`: what a node tells of itself.

use peerloom::identify::Info;
use serde_json::json;

use crate::arguments::RemoteArguments;
use crate::node::{Hosts, key_type_name};
use crate::output::{Failure, Output};

pub(crate) async fn run(
    arguments: &RemoteArguments,
    hosts: &Hosts,
    output: Output,
) -> Result<(), Failure> {
    let (host, connection) = hosts.connect(arguments).await?;
    let info = host.identified(&connection).await?;
    let peer = connection.peer().to_string();
    let addresses: Vec<_> = info.listen_addresses.iter().map(ToString::to_string).collect();
    let observed = info.observed_address.as_ref().map(ToString::to_string);
    let object = json!({
        "peer": peer, "agent": info.agent_version, "version": info.protocol_version,
        "key": info.public_key.as_ref().map(|key| key_type_name(key.key_type())),
        "addresses": addresses, "protocols": info.protocols, "observed": observed,
        "signed": info.signed_record.is_some(),
    });
    output.print(&describe(&peer, &info), object)?;
    Ok(())
}

fn describe(peer: &str, info: &Info) -> Vec<String> {
    let mut lines =
        vec![format!("peer       {peer}"), format!("agent      {}", info.agent_version)];
    if !info.protocol_version.is_empty() {
        lines.push(format!("version    {}", info.protocol_version));
    }
    lines.extend(info.observed_address.iter().map(|address| format!("sees us at {address}")));
    lines.extend(info.listen_addresses.iter().map(|address| format!("listens    {address}")));
    lines.extend(info.protocols.iter().map(|protocol| format!("speaks     {protocol}")));
    lines
}
