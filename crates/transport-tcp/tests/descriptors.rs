//! A listener without descriptors waits for one; it neither ends nor spins.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::fs::File;
use std::process::Command;
use std::time::Duration;

use peerloom_core::{Fault, Listener, ListenerEvent, Transport as _};
use peerloom_transport_tcp::{Error, Transport};
use tokio::time::{Instant, timeout};

/// Set in the process that has few descriptors, which runs this test once more.
const FEW: &str = "PEERLOOM_FEW_DESCRIPTORS";

#[test]
fn a_listener_without_descriptors_accepts_when_there_are_some_again() {
    if std::env::var_os(FEW).is_some() {
        return with_few_descriptors();
    }
    let this_test = std::env::current_exe().unwrap();
    let mut child = Command::new("sh");
    child.args(["-c", "ulimit -n 64; exec \"$0\" --nocapture"]).arg(this_test).env(FEW, "1");
    let output = child.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::main(flavor = "current_thread")]
async fn with_few_descriptors() {
    let transport = Transport::default();
    let mut listener = transport.listen(&"/ip4/127.0.0.1/tcp/0".parse().unwrap()).await.unwrap();
    let address = listener.addresses().remove(0);
    let _waiting = transport.dial(&address).await.unwrap();
    stop_when_stuck();
    tokio::time::pause();

    let files: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    let error = transport.dial(&address).await.unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(Error::NoDescriptor(..))), "{error:?}");
    assert_eq!(error.fault(), Fault::Limit);

    // The paused clock goes on only while nothing runs, so a listener that spins stops it.
    let before = Instant::now();
    assert!(timeout(Duration::from_secs(5), listener.next()).await.is_err());
    assert!(Duration::from_secs(5) <= before.elapsed());

    drop(files);
    let event = listener.next().await.unwrap();
    assert!(matches!(event, ListenerEvent::Incoming(_)));
}

/// Ends the process when the clock stands still.
fn stop_when_stuck() {
    std::thread::spawn(|| {
        std::thread::sleep(Duration::from_secs(20));
        std::process::exit(1);
    });
}
