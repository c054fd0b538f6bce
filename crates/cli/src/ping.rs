//! `peerloom ping`: is the other end alive, and how far away.

use std::time::Duration;

use peerloom::ping;
use serde_json::json;

use crate::arguments::PingArguments;
use crate::node::Hosts;
use crate::output::{Failure, Output, milliseconds, time};

pub(crate) async fn run(
    arguments: &PingArguments,
    hosts: &Hosts,
    output: Output,
) -> Result<(), Failure> {
    let (host, connection) = hosts.connect(&arguments.remote).await?;
    let mut stream = host.new_stream_on(&connection, [ping::PROTOCOL]).await?;
    for number in 1..=arguments.count {
        if 1 < number {
            tokio::time::sleep(PAUSE).await;
        }
        let took = match tokio::time::timeout(PATIENCE, ping::ping(&mut stream)).await {
            Ok(result) => result?,
            Err(_) => {
                return Err(format!("ping {number} was not answered within {PATIENCE:?}").into());
            }
        };
        let peer = connection.peer().to_string();
        output.print(
            &[format!("ping {number} {peer} {}", time(took))],
            json!({ "ping": number, "peer": peer, "ms": milliseconds(took) }),
        )?;
    }
    Ok(())
}

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long to wait between two pings.
const PAUSE: Duration = Duration::from_millis(100);
