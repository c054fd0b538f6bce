//! One pair: a listener, a dialer, and whether it went well.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Pair;
use super::peers::{Direction, Peer};
use crate::process::Outcome;
use crate::running::{Ends, Running};

/// Where the programs are.
pub(super) struct Programs<'a> {
    pub(super) ours: &'a Path,
    pub(super) builds: &'a Path,
}

/// How trying a pair went.
pub(super) struct Attempt {
    pub(super) outcome: Outcome,
    pub(super) took: Duration,
    /// How an attempt before this one had failed.
    pub(super) before: Option<String>,
}

impl Programs<'_> {
    /// Tries a pair, and once more if that fails: other implementations limit how often one may dial.
    pub(super) fn try_pair(&self, pair: Pair) -> Attempt {
        let start = Instant::now();
        let first = self.attempt(pair);
        let Err(failure) = first else {
            return Attempt { outcome: first, took: start.elapsed(), before: None };
        };
        let start = Instant::now();
        let outcome = self.attempt(pair);
        Attempt { outcome, took: start.elapsed(), before: Some(failure.to_string()) }
    }

    fn attempt(&self, pair: Pair) -> Outcome {
        let deadline = Instant::now() + LIMIT;
        let logs = self.builds.join("logs");
        fs::create_dir_all(&logs).map_err(|error| format!("{}: {error}", logs.display()))?;
        let log = |side: &str| logs.join(format!("{}.{side}.log", name(pair)));

        let (listener, ends) = self.listener(pair);
        let mut listener = Running::start(listener, ends, &log("listener"))?;
        let address = listener
            .line(deadline)
            .map_err(|failure| blame("listener", &failure, &log("listener")))?;
        let dialer = self.dialer(pair, address.trim());
        let dialer = Running::start(dialer, Ends::OnInput, &log("dialer"))?;
        let finished = dialer.finish(deadline);
        let (status, last) =
            finished.map_err(|failure| blame("dialer", &failure, &log("dialer")))?;
        let said = last.as_deref().and_then(|line| serde_json::from_str::<Value>(line).ok());
        judge(status.success(), said).map_err(|what| blame("dialer", &what, &log("dialer")).into())
    }

    fn listener(&self, pair: Pair) -> (Command, Ends) {
        match pair.direction {
            Direction::OursDials => {
                let mut command = self.theirs(pair.peer);
                command.args(["listen", "--transport", pair.stack.transport]);
                command.args(pair.stack.layers()).args(pair.twist.theirs());
                (command, Ends::OnInput)
            }
            Direction::OursListens => {
                let mut command = Command::new(self.ours);
                command.args(["listen", "--addr", pair.stack.address()]);
                command.args(pair.stack.layers()).args(pair.twist.ours());
                (command, Ends::OnSignal)
            }
        }
    }

    fn dialer(&self, pair: Pair, address: &str) -> Command {
        match pair.direction {
            Direction::OursDials => {
                let (action, more) = pair.action.ours();
                let mut command = Command::new(self.ours);
                command.args([action, address]).args(more).arg("--json");
                command.args(pair.stack.layers()).args(pair.twist.ours());
                command
            }
            Direction::OursListens => {
                let mut command = self.theirs(pair.peer);
                command.args(["dial", address, pair.action.name()]);
                command.args(pair.stack.layers()).args(pair.twist.theirs());
                command
            }
        }
    }

    fn theirs(&self, peer: &Peer) -> Command {
        let mut words = peer.program.iter().map(|word| place(word, self.builds));
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).current_dir(peer.folder());
        command
    }
}

/// A word of a command line with the folder of the builds in its place.
pub(super) fn place(word: &str, builds: &Path) -> PathBuf {
    match word.strip_prefix("{builds}/") {
        Some(rest) => builds.join(rest),
        None => word.into(),
    }
}

fn name(pair: Pair) -> String {
    let Pair { peer, stack, direction, .. } = pair;
    format!("{} {stack} {direction} {}", peer.name, pair.what()).replace(' ', "-")
}

/// A dialer has passed when it left with 0, printed JSON, and did not say there that something went wrong.
fn judge(success: bool, said: Option<Value>) -> Result<(), String> {
    let said = said.unwrap_or_default();
    match said.get("error").and_then(Value::as_str) {
        Some(error) => Err(error.to_owned()),
        None if !success => Err("it failed without saying why".into()),
        None if said.is_null() => Err("it did not end with a line of JSON".into()),
        None if said.get("ok") == Some(&Value::Bool(false)) => Err("not ok".into()),
        None if !speaks_echo(&said) => Err("identify does not name the echo that is served".into()),
        None => Ok(()),
    }
}

/// Whether the protocols that a peer was told of, if it was, have the one that every peer serves.
fn speaks_echo(said: &Value) -> bool {
    let protocols = said.get("protocols").and_then(Value::as_array);
    protocols.is_none_or(|protocols| protocols.iter().any(|protocol| protocol == "/echo/1.0.0"))
}

/// What went wrong on one side, with the last thing that it said.
fn blame(side: &str, what: &impl ToString, log: &Path) -> String {
    let log = fs::read_to_string(log).unwrap_or_default();
    let last = log.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
    format!("{side}: {} {}", what.to_string(), last.trim()).trim_end().to_owned()
}

/// How long one pair may take: the dialers' own limit is half of it.
const LIMIT: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_dialer_that_left_with_nought_and_said_nothing_bad_has_passed() {
        assert_eq!(judge(true, Some(json!({"ok": true}))), Ok(()));
        assert_eq!(judge(true, Some(json!({"rtt": [1, 2, 3]}))), Ok(()));
        assert!(judge(true, None).is_err());
        assert!(judge(false, Some(json!({"ok": true}))).is_err());
        assert!(judge(true, Some(json!({"ok": false}))).is_err());
        assert_eq!(judge(false, Some(json!({"error": "no route"}))), Err("no route".into()));
    }

    #[test]
    fn builds_are_put_in_their_place() {
        assert_eq!(
            place("{builds}/release/x", Path::new("target/i")),
            Path::new("target/i/release/x")
        );
        assert_eq!(place("node", Path::new("target/i")), Path::new("node"));
    }
}
