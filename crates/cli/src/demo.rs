//! `peerloom demo`: hosts of two generations in one program, over real sockets.

use peerloom::{Connection, Host, identify, perf, ping};
use serde_json::json;

use crate::arguments::{DemoArguments, Muxer, NodeArguments, Security};
use crate::node::Hosts;
use crate::output::{Failure, Output, milliseconds, rate, time};
use crate::progress;

pub(crate) async fn run(
    arguments: &DemoArguments,
    hosts: &Hosts,
    output: Output,
) -> Result<(), Failure> {
    let Nodes { listener, dialers } = Nodes::new(&arguments.node);
    let listener = hosts.start(listener.builder()?.listen("/ip4/127.0.0.1/tcp/0")?).await?;
    listener.set_stream_handler(perf::PROTOCOL, perf::serve);
    let address = listener.addresses().pop().ok_or("the listener has no address")?;
    output.print(
        &[format!("listening at          {address}")],
        json!({ "step": "listen", "address": address.to_string() }),
    )?;
    for dialer in dialers {
        let dialer = hosts.start(dialer.builder()?).await?;
        let connection = dialer.connect(&address).await?;
        connected(&connection, output)?;
        identified(&*dialer.identified(&connection).await?, output)?;
        pinged(&dialer, &connection, output).await?;
        moved(&dialer, &connection, arguments.size, output).await?;
        dialer.close().await;
    }
    Ok(())
}

/// Who takes part: one listener, and dialers that come one after the other.
struct Nodes {
    listener: NodeArguments,
    dialers: Vec<NodeArguments>,
}

impl Nodes {
    /// As they are asked for; if nothing is, a listener of all layers meets a dialer of today's and
    /// one of 2018's, which know nothing of each other.
    fn new(asked: &NodeArguments) -> Self {
        let dialer = NodeArguments { key: None, ..asked.clone() };
        if !asked.security.is_empty() || !asked.muxer.is_empty() {
            return Nodes { listener: asked.clone(), dialers: vec![dialer] };
        }
        let with = |node: &NodeArguments, security: &[Security], muxer: &[Muxer]| NodeArguments {
            security: security.to_vec(),
            muxer: muxer.to_vec(),
            ..node.clone()
        };
        let (noise, tls, secio) = (Security::Noise, Security::Tls, Security::Secio);
        let (yamux, mplex) = (Muxer::Yamux, Muxer::Mplex);
        let today = with(&dialer, &[noise, tls], &[yamux]);
        let of_2018 = with(&dialer, &[secio], &[mplex]);
        let listener = with(asked, &[noise, tls, secio], &[yamux, mplex]);
        Nodes { listener, dialers: vec![today, of_2018] }
    }
}

fn connected(connection: &Connection, output: Output) -> Result<(), Failure> {
    for step in &connection.report().steps {
        output.print(
            &[format!("{:21} {}", step.phase.to_string(), time(step.took))],
            json!({ "step": step.phase.to_string(), "ms": milliseconds(step.took) }),
        )?;
    }
    let (security, muxer) = (connection.security(), connection.muxer());
    output.print(
        &[format!("agreed on             {security} and {muxer}")],
        json!({ "step": "agreed", "security": security, "muxer": muxer, "peer": connection.peer().to_string() }),
    )
}

fn identified(info: &identify::Info, output: Output) -> Result<(), Failure> {
    let (agent, protocols) = (&info.agent_version, info.protocols.join(" "));
    output.print(
        &[format!("identified            {agent}, which speaks {protocols}")],
        json!({ "step": "identify", "agent": agent, "protocols": info.protocols }),
    )
}

async fn pinged(host: &Host, connection: &Connection, output: Output) -> Result<(), Failure> {
    let mut stream = host.new_stream_on(connection, [ping::PROTOCOL]).await?;
    for _ in 0..PINGS {
        let took = ping::ping(&mut stream).await?;
        output.print(
            &[format!("ping                  {}", time(took))],
            json!({ "step": "ping", "ms": milliseconds(took) }),
        )?;
    }
    Ok(())
}

async fn moved(
    host: &Host,
    connection: &Connection,
    size: u64,
    output: Output,
) -> Result<(), Failure> {
    let stream = host.new_stream_on(connection, [perf::PROTOCOL]).await?;
    let bar = progress::bar(size.saturating_mul(2), output);
    let measured = perf::run_with(stream, size, size, |progress| {
        bar.set_position(progress.uploaded.saturating_add(progress.downloaded));
    })
    .await?;
    bar.finish_and_clear();
    for (step, bytes, took) in [
        ("upload", measured.uploaded, measured.upload),
        ("download", measured.downloaded, measured.download),
    ] {
        let speed = rate(bytes, took);
        output.print(
            &[format!("{step:21} {bytes} bytes in {} ({speed:.0} MB/s)", time(took))],
            json!({ "step": step, "bytes": bytes, "ms": milliseconds(took) }),
        )?;
    }
    Ok(())
}

/// How many pings the demo sends.
const PINGS: usize = 3;
