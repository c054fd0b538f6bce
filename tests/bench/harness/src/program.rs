//! The command line of every stack's program.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::process::{file_limit, peak};
use crate::scenario::scenario;
use crate::settings::{dialer, listener, setting};
use crate::stack::Node;
use crate::target::Target;

/// Does what the command line says, and ends the process.
pub fn run<N: Node>() -> ! {
    file_limit();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(setting("PB_THREADS", 2))
        .enable_all()
        .build()
        .expect("a tokio runtime can be made");
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let code = match arguments[..] {
        [variant, "listen"] => runtime.block_on(listen::<N>(variant)),
        [variant, "dial", address, name] => runtime.block_on(dial::<N>(variant, address, name)),
        _ => {
            eprintln!(
                "usage: <program> <variant> listen | <program> <variant> dial <address> <scenario>"
            );
            2
        }
    };
    std::process::exit(code)
}

async fn listen<N: Node>(variant: &str) -> i32 {
    let (_node, address) = match N::listen(variant).await {
        Ok(listening) => listening,
        Err(error) => {
            eprintln!("could not listen: {error}");
            return 1;
        }
    };
    println!("LISTEN {} {address}", std::process::id());
    let mut stdin = tokio::io::stdin();
    while matches!(stdin.read(&mut [0; 64]).await, Ok(1..)) {}
    0
}

async fn dial<N: Node>(variant: &str, address: &str, name: &str) -> i32 {
    let limit = Duration::from_secs_f64(setting("PB_LIMIT_SECS", 120.0));
    let measuring = async {
        let node = Arc::new(N::dialer(variant).await?);
        let target = Target { node, variant: variant.into(), address: address.into() };
        scenario(&target, name).await
    };
    let (value, code) = match tokio::time::timeout(limit, measuring).await {
        Ok(Ok(value)) => (with_peaks(value), 0),
        Ok(Err(error)) => (json!({ "error": error.to_string() }), 1),
        Err(_) => (json!({ "error": "time limit" }), 1),
    };
    println!("{value}");
    code
}

fn with_peaks(mut value: Value) -> Value {
    value["peak_rss_dialer"] = json!(peak(dialer()));
    value["peak_rss_listener"] = json!(peak(listener()));
    value
}
