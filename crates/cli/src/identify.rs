//! `peerloom identify`: what a node tells of itself.

use peerloom::identify::Info;
use serde_json::json;

use crate::arguments::RemoteArguments;
use crate::output::{Failure, Output};

pub(crate) async fn run(arguments: &RemoteArguments, output: Output) -> Result<(), Failure> {
    let (host, connection) = arguments.node.connect(&arguments.address).await?;
    let info = host.identified(&connection).await?;
    let peer = connection.peer().to_string();
    let addresses: Vec<_> = info.listen_addresses.iter().map(ToString::to_string).collect();
    let observed = info.observed_address.as_ref().map(ToString::to_string);
    let object = json!({
        "peer": peer, "agent": info.agent_version, "version": info.protocol_version,
        "key": info.public_key.as_ref().map(|key| format!("{:?}", key.key_type()).to_lowercase()),
        "addresses": addresses, "protocols": info.protocols, "observed": observed,
        "signed": info.signed_record.is_some(),
    });
    output.print(describe(&peer, &info), object);
    host.close().await;
    Ok(())
}

fn describe(peer: &str, info: &Info) -> String {
    let mut text = format!("peer       {peer}\nagent      {}", info.agent_version);
    if !info.protocol_version.is_empty() {
        text.push_str(&format!("\nversion    {}", info.protocol_version));
    }
    if let Some(observed) = &info.observed_address {
        text.push_str(&format!("\nsees us at {observed}"));
    }
    for address in &info.listen_addresses {
        text.push_str(&format!("\nlistens    {address}"));
    }
    for protocol in &info.protocols {
        text.push_str(&format!("\nspeaks     {protocol}"));
    }
    text
}
