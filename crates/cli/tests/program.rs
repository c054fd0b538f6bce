//! The program as its user has it: run, read, interrupted.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

#[path = "program/layers.rs"]
mod layers;
#[path = "program/remotes.rs"]
mod remotes;

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::{Value, json};

use crate::remotes::Remote;

fn peerloom(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peerloom"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    peerloom(arguments).output().unwrap()
}

/// Runs a verb that succeeds, and reads its JSON lines.
fn succeed(arguments: &[&str]) -> Vec<Value> {
    let output = run(&[arguments, &["--json"]].concat());
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    let values: Vec<Value> =
        text(&output.stdout).lines().map(|line| line.parse().unwrap()).collect();
    assert!(values.iter().all(|value| value["ok"] == true), "{values:?}");
    values
}

/// Runs a verb that fails with one JSON line, and reads it.
fn fail(arguments: &[&str]) -> Value {
    let output = run(&[arguments, &["--json"]].concat());
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    let value: Value = text(&output.stdout).parse().unwrap();
    assert_eq!(value.get("ok"), Some(&json!(false)));
    value
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

    let pings = succeed(&["ping", address, "--count", "2"]);
    assert_eq!(pings.len(), 2);
    assert_eq!(pings[0]["peer"], peer);
    let echoed = succeed(&["echo", address, "--size", "100kB", "--streams", "10"]);
    assert_eq!(echoed[0]["bytes"], 1_000_000);
    let identified = succeed(&["identify", address]);
    assert_eq!(identified[0]["peer"], peer);
    assert!(identified[0]["protocols"].as_array().unwrap().contains(&"/echo/1.0.0".into()));
    let listed = succeed(&["ls", address]);
    assert!(listed[0]["protocols"].as_array().unwrap().contains(&"/perf/1.0.0".into()));
    let measured = succeed(&["perf", address, "--upload", "1MiB", "--download", "2MiB"]);
    assert_eq!(measured[0]["download"]["bytes"], 2 << 20);
    let dialled = succeed(&["dial", address]);
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
    let steps = succeed(&["demo", "--size", "1MiB"]);
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
        assert_eq!(succeed(&["identify", &node.address])[0]["key"], key_type);
    }
}

#[test]
fn a_key_file_keeps_the_peer_id_and_is_not_overwritten() {
    let file = file("key");
    let path = file.to_str().unwrap();
    let made = succeed(&["key", "new", path]);
    assert_eq!(succeed(&["key", "show", path])[0]["peer"], made[0]["peer"]);
    let node = Node::listen(&["--key", path]);
    assert!(node.address.ends_with(made[0]["peer"].as_str().unwrap()));
    assert!(failure(&["key", "new", path]).contains(path));
    assert_eq!(succeed(&["key", "show", path])[0]["peer"], made[0]["peer"]);
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
        succeed(&["key", "new", file.to_str().unwrap()])[0]["peer"].as_str().unwrap().to_owned();
    std::fs::remove_file(&file).unwrap();
    let (place, actual) = node.address.split_once("/p2p/").unwrap();
    let wrong = failure(&["ping", &format!("{place}/p2p/{other}")]);
    assert!(wrong.contains(&other) && wrong.contains(actual), "{wrong}");

    let unsupported = failure(&["dial", "/ip4/127.0.0.1/udp/1/quic-v1"]);
    assert!(unsupported.contains("it would take a QUIC transport"), "{unsupported}");
    let protocol = failure(&["cat", &node.address, "/nope/1"]);
    assert!(protocol.contains("/nope/1") && protocol.contains("/echo/1.0.0"), "{protocol}");
    let taken = failure(&["listen", "--addr", place]);
    assert!(taken.contains(place), "{taken}");
    let security = failure(&["dial", place, "--security", "secio"]);
    assert!(security.contains("/noise") && security.contains("/tls/1.0.0"), "{security}");
    assert!(failure(&["frobnicate"]).contains("frobnicate"));
}

#[test]
fn a_failed_dial_tells_its_steps_and_times() {
    let address = remotes::hangs_up();
    let told = failure(&["dial", &address]);
    let (headline, attempt) = told.split_once('\n').unwrap();
    assert_eq!(headline, "error: could not connect");
    for part in [address.as_str(), "(connect ", " ms, security negotiation "] {
        assert!(attempt.contains(part), "{part} in {told}");
    }

    for verb in ["dial", "ping", "echo"] {
        let value = fail(&[verb, &address]);
        let error = value["error"].as_str().unwrap();
        assert!(error.contains(&address) && !error.contains('\n'), "{error}");
        let attempt = &value["attempts"][0];
        assert_eq!(attempt["address"], address);
        assert_eq!(attempt["outcome"], "failed");
        assert!(attempt["reason"].as_str().unwrap().contains("failed: "), "{value}");
        assert_eq!(attempt["steps"][0]["phase"], "connect");
        assert_eq!(attempt["steps"][1]["phase"], "security negotiation");
        assert!(attempt["steps"][1]["ms"].is_f64(), "{value}");
    }

    let skipped = fail(&["dial", "/ip4/127.0.0.1/udp/1/quic-v1"]);
    assert_eq!(skipped["attempts"][0]["outcome"], "skipped");
    assert_eq!(skipped["attempts"][0]["steps"], json!([]));
    assert!(fail(&["key", "show", "/nowhere"]).get("attempts").is_none());
}

#[test]
fn a_command_line_that_is_none_is_told_to_programs_too() {
    let wrong = fail(&["dial", "nonsense"]);
    assert!(wrong["error"].as_str().unwrap().starts_with("invalid value 'nonsense'"), "{wrong}");
    let missing = fail(&["dial"]);
    assert!(missing["error"].as_str().unwrap().ends_with("provided: <ADDRESS>"), "{missing}");
    assert!(failure(&["dial"]).contains("Usage"));
}

#[test]
fn what_a_remote_says_does_not_steer_the_terminal() {
    let remote = Remote::sly();
    let address = remote.address.as_str();
    for verb in ["identify", "ls"] {
        let said = text(&run(&[verb, address]).stdout);
        assert!(said.contains(r"/sly\u001b[2J\u009b2J"), "{verb}: {said}");
        assert!(!said.contains(|c: char| c.is_control() && c != '\n'), "{verb}: {said:?}");
        assert!(!said.contains("\nspeaks     /forged/1"), "{verb}: {said}");
    }
    let refused = failure(&["cat", address, "/nope/1"]);
    assert!(refused.contains("/sly") && !refused.contains(['\u{1b}', '\u{9b}']), "{refused:?}");

    let output = run(&["identify", address, "--json"]);
    assert!(!text(&output.stdout).trim_end().contains(char::is_control));
    assert_eq!(succeed(&["identify", address])[0]["agent"], remotes::AGENT);
}

#[test]
fn a_timeout_ends_what_a_remote_draws_out() {
    let remote = Remote::sly();
    let address = remote.address.as_str();
    for verb in [&["echo", address][..], &["perf", address], &["cat", address, remotes::PROTOCOL]] {
        let told = failure(&[verb, &["--timeout", "0.5"]].concat());
        assert_eq!(told, "error: not done within 500ms, the --timeout\n", "{verb:?}");
    }
    assert!(failure(&["addr", "/ws", "--timeout", "soon"]).contains("no number of seconds"));

    let mut waiting = peerloom(&["addr", "-", "--timeout", "0.5"]);
    let mut waiting = waiting.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let _stdin = waiting.stdin.take().unwrap();
    assert_eq!(waiting.wait().unwrap().code(), Some(1));
}

#[test]
fn ls_asks_by_identify_when_ls_is_not_answered() {
    let remote = Remote::taciturn();
    let listed = succeed(&["ls", &remote.address, "--timeout", "20"]);
    assert_eq!(listed[0]["protocols"], json!(["/told/1"]));
    assert_eq!(listed[0]["source"], "identify");
}

#[test]
fn a_closed_stdout_ends_the_program_quietly() {
    let node = Node::listen(&[]);
    let address = node.address.as_str();
    for verb in [
        &["addr", "/ip4/1.2.3.4"][..],
        &["addr", "/ip4/1.2.3.4", "--json"],
        &["dial", address],
        &["dial", "/ip4/127.0.0.1/tcp/1", "--json"],
        &["ls", address],
        &["demo"],
        &["listen"],
        &["--help"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = peerloom(verb).stdout(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{verb:?}");
        let told = text(&output.stderr);
        let dial_failed = verb.contains(&"/ip4/127.0.0.1/tcp/1");
        assert!(if dial_failed { told.contains("refused") } else { told.is_empty() }, "{told}");
    }

    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut cat = peerloom(&["cat", address, "/echo/1.0.0"]);
    let cat = cat.stdin(Stdio::piped()).stdout(writer).stderr(Stdio::piped());
    let mut cat = cat.spawn().unwrap();
    cat.stdin.as_mut().unwrap().write_all(b"hello\n").unwrap();
    let output = cat.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(1), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    for verb in [&["addr", "/ws"][..], &["addr", "/ws", "--json"], &["listen"]] {
        let output = peerloom(verb).stdout(full()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{verb:?}");
        let told = text(&output.stderr);
        assert!(told.starts_with("error: could not write to stdout: "), "{told}");
    }
    for (verb, code) in
        [("addr nonsense", 1), ("frobnicate", 1), ("demo --size 1kB --timeout 20", 0)]
    {
        let mut silenced = peerloom(&verb.split(' ').collect::<Vec<_>>());
        let silenced = silenced.env("PEERLOOM_LOG", "trace").stderr(full());
        assert_eq!(silenced.output().unwrap().status.code(), Some(code), "{verb}");
    }
}

#[test]
fn a_key_file_of_another_type_is_not_used_silently() {
    let file = file("typed");
    let path = file.to_str().unwrap();
    succeed(&["key", "new", path, "--key-type", "secp256k1"]);
    for key_type in [&[][..], &["--key-type", "secp256k1"]] {
        let node = Node::listen(&[&["--key", path], key_type].concat());
        assert_eq!(succeed(&["identify", &node.address])[0]["key"], "secp256k1");
    }
    let told = failure(&["dial", "/ip4/127.0.0.1/tcp/1", "--key", path, "--key-type", "rsa"]);
    assert_eq!(told, format!("error: {path} holds a key of type secp256k1, not rsa\n"));
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn addresses_are_shown_from_text_and_from_bytes() {
    let expected = "/ip4/127.0.0.1/tcp/4001";
    for given in [expected, "047f000001060fa1"] {
        let shown = succeed(&["addr", given]);
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
    let lines = b"/ip4/1.2.3.4\n/ip4/1.2.3\n\n/dns/\xff\xfe\n \r\n/ws\r\n/tcp/80";
    addr.stdin.take().unwrap().write_all(lines).unwrap();
    let output = addr.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let values: Vec<Value> =
        text(&output.stdout).lines().map(|line| line.parse().unwrap()).collect();
    let ok: Vec<_> = values.iter().map(|value| value["ok"].as_bool().unwrap()).collect();
    assert_eq!(ok, [true, false, false, true, true]);
    assert!(values[1]["error"].as_str().unwrap().contains("/ip4/1.2.3"));
    assert_eq!(values[2]["error"], "/dns/\u{fffd}\u{fffd}: an address is text in UTF-8");
    assert_eq!(values[4]["text"], "/tcp/80");
}
