//! `peerloom perf`: how fast bytes move.

use peerloom::perf;
use serde_json::json;

use crate::arguments::PerfArguments;
use crate::node::Hosts;
use crate::output::{Failure, Output, milliseconds, rate, time};
use crate::progress;

pub(crate) async fn run(
    arguments: &PerfArguments,
    hosts: &Hosts,
    output: Output,
) -> Result<(), Failure> {
    let (host, connection) = hosts.connect(&arguments.remote).await?;
    let stream = host.new_stream_on(&connection, [perf::PROTOCOL]).await?;
    let bar = progress::bar(arguments.upload.saturating_add(arguments.download), output);
    let measured = perf::run_with(stream, arguments.upload, arguments.download, |progress| {
        bar.set_position(progress.uploaded + progress.downloaded);
    })
    .await?;
    bar.finish_and_clear();
    let object = json!({
        "upload": { "bytes": measured.uploaded, "ms": milliseconds(measured.upload) },
        "download": { "bytes": measured.downloaded, "ms": milliseconds(measured.download) },
    });
    output.print(&describe(&measured), object)?;
    Ok(())
}

/// What was measured, for people.
fn describe(measured: &perf::Measured) -> [String; 2] {
    let line = |what, bytes, took| {
        format!("{what:9} {bytes} bytes in {} ({:.0} MB/s)", time(took), rate(bytes, took))
    };
    [
        line("upload", measured.uploaded, measured.upload),
        line("download", measured.downloaded, measured.download),
    ]
}
