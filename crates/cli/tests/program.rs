//! The program as its user has it: run, read, interrupted.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;

fn peerloom(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peerloom"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    peerloom(arguments).output().unwrap()
}

/// Runs a verb that succeeds, and reads its JSON lines.
fn json(arguments: &[&str]) -> Vec<Value> {
    let output = run(&[arguments, &["--json"]].concat());
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    let values: Vec<Value> =
        text(&output.stdout).lines().map(|line| line.parse().unwrap()).collect();
    assert!(values.iter().all(|value| value["ok"] == true), "{values:?}");
    values
}

/// Runs a verb that fails, and returns what it says on stderr.
fn failure(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    text(&output.stderr)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A listening node, ended with the test.
struct Node {
    process: Child,
    stdout: BufReader<ChildStdout>,
    address: String,
}

impl Node {
    fn listen(arguments: &[&str]) -> Self {
        let mut process =
            peerloom(&[&["listen"], arguments].concat()).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut address = String::new();
        stdout.read_line(&mut address).unwrap();
        Node { process, stdout, address: address.trim().to_owned() }
    }

    /// Sends a signal, and returns the exit code and what came on stdout after the address.
    fn signal(mut self, signal: &str) -> (Option<i32>, String) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let code = self.process.wait().unwrap().code();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        (code, rest)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A file of this test's own, which is gone when the test begins.
fn file(name: &str) -> PathBuf {
    let file = std::env::temp_dir().join(format!("peerloom-{}-{name}", std::process::id()));
    let _ = std::fs::remove_file(&file);
    file
}

#[test]
fn every_verb_talks_to_a_listening_node() {
    let node = Node::listen(&[]);
    let address = node.address.as_str();
    let peer = address.rsplit('/').next().unwrap();

    let pings = json(&["ping", address, "--count", "2"]);
    assert_eq!(pings.len(), 2);
    assert_eq!(pings[0]["peer"], peer);
    let echoed = json(&["echo", address, "--size", "100kB", "--streams", "10"]);
    assert_eq!(echoed[0]["bytes"], 1_000_000);
    let identified = json(&["identify", address]);
    assert_eq!(identified[0]["peer"], peer);
    assert!(identified[0]["protocols"].as_array().unwrap().contains(&"/echo/1.0.0".into()));
    let listed = json(&["ls", address]);
    assert!(listed[0]["protocols"].as_array().unwrap().contains(&"/perf/1.0.0".into()));
    let measured = json(&["perf", address, "--upload", "1MiB", "--download", "2MiB"]);
    assert_eq!(measured[0]["download"]["bytes"], 2 << 20);
    let dialled = json(&["dial", address]);
    assert_eq!(dialled[0]["security"], "/noise");
    assert_eq!(dialled[0]["steps"].as_array().unwrap().len(), 4);
}

#[test]
fn a_node_ends_in_order_when_it_is_told_to() {
    for signal in ["-TERM", "-INT"] {
        let node = Node::listen(&["--addr", "/ip4/127.0.0.1/tcp/0"]);
        assert!(node.address.contains("/p2p/"), "{}", node.address);
        assert_eq!(node.signal(signal), (Some(0), String::new()));
    }
}

#[test]
fn cat_carries_stdin_there_and_the_answer_back() {
    let node = Node::listen(&[]);
    let mut cat = peerloom(&["cat", &node.address, "/echo/1.0.0"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    cat.stdin.take().unwrap().write_all(b"hello\n").unwrap();
    let output = cat.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(0), "hello\n"));
}

#[test]
fn the_demo_ends_by_itself() {
    let steps = json(&["demo", "--size", "1MiB"]);
    let names: Vec<_> = steps.iter().map(|step| step["step"].as_str().unwrap()).collect();
    for name in
        ["listen", "connect", "handshake", "agreed", "identify", "ping", "upload", "download"]
    {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
}

#[test]
fn every_key_type_makes_a_node() {
    for key_type in ["ed25519", "secp256k1", "ecdsa", "rsa"] {
        let node = Node::listen(&["--key-type", key_type]);
        assert_eq!(json(&["identify", &node.address])[0]["key"], key_type);
    }
}

#[test]
fn a_key_file_keeps_the_peer_id_and_is_not_overwritten() {
    let file = file("key");
    let path = file.to_str().unwrap();
    let made = json(&["key", "new", path]);
    assert_eq!(json(&["key", "show", path])[0]["peer"], made[0]["peer"]);
    let node = Node::listen(&["--key", path]);
    assert!(node.address.ends_with(made[0]["peer"].as_str().unwrap()));
    assert!(failure(&["key", "new", path]).contains(path));
    assert_eq!(json(&["key", "show", path])[0]["peer"], made[0]["peer"]);
    std::fs::remove_file(&file).unwrap();
    assert!(failure(&["key", "show", path]).contains(path));
}

#[test]
fn failures_name_the_layer_and_the_reason() {
    let node = Node::listen(&[]);
    let nobody = failure(&["dial", "/ip4/127.0.0.1/tcp/1"]);
    assert!(nobody.contains("connect failed: tcp") && nobody.contains("refused"), "{nobody}");

    let file = file("other");
    let other =
        json(&["key", "new", file.to_str().unwrap()])[0]["peer"].as_str().unwrap().to_owned();
    std::fs::remove_file(&file).unwrap();
    let (place, actual) = node.address.split_once("/p2p/").unwrap();
    let wrong = failure(&["ping", &format!("{place}/p2p/{other}")]);
    assert!(wrong.contains(&other) && wrong.contains(actual), "{wrong}");

    let unsupported = failure(&["dial", "/ip4/127.0.0.1/udp/1/quic-v1"]);
    assert!(unsupported.contains("no transport supports"), "{unsupported}");
    let protocol = failure(&["cat", &node.address, "/nope/1"]);
    assert!(protocol.contains("/nope/1") && protocol.contains("/echo/1.0.0"), "{protocol}");
    let taken = failure(&["listen", "--addr", place]);
    assert!(taken.contains(place), "{taken}");
    assert!(failure(&["dial", place, "--security", "tls"]).contains("noise"));
    assert!(failure(&["frobnicate"]).contains("frobnicate"));
}

#[test]
fn a_failure_is_told_to_programs_too() {
    let output = run(&["dial", "/ip4/127.0.0.1/tcp/1", "--json"]);
    let value: Value = text(&output.stdout).parse().unwrap();
    assert_eq!(value["ok"], false);
    assert!(value["error"].as_str().unwrap().contains("refused"), "{value}");
}

#[test]
fn addresses_are_shown_from_text_and_from_bytes() {
    let expected = "/ip4/127.0.0.1/tcp/4001";
    for given in [expected, "047f000001060fa1"] {
        let shown = json(&["addr", given]);
        assert_eq!(shown[0]["text"], expected);
        assert_eq!(shown[0]["bytes"], "047f000001060fa1");
        assert_eq!(shown[0]["parts"][1]["protocol"], "tcp");
        assert_eq!(shown[0]["parts"][1]["value"], "4001");
    }
}

#[test]
fn addresses_come_from_stdin_and_a_bad_one_does_not_stop_the_others() {
    let mut addr = peerloom(&["addr", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    addr.stdin.take().unwrap().write_all(b"/ip4/1.2.3.4\n/ip4/1.2.3\n/ws\n").unwrap();
    let output = addr.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let values: Vec<Value> =
        text(&output.stdout).lines().map(|line| line.parse().unwrap()).collect();
    let ok: Vec<_> = values.iter().map(|value| value["ok"].as_bool().unwrap()).collect();
    assert_eq!(ok, [true, false, true]);
    assert!(values[1]["error"].as_str().unwrap().contains("/ip4/1.2.3"));
}
