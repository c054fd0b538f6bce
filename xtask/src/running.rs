//! A program that runs beside this one: its lines, its end, and a time limit on both.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::{Outcome, shown};

/// A started program. Dropping it ends it: kindly, then not.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    name: String,
    ends: Ends,
}

/// What makes a program that serves leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    /// The end of its standard input.
    OnInput,
    /// The signal TERM.
    OnSignal,
}

impl Running {
    /// Starts a program; what it says on standard error goes to the file `log`.
    pub(crate) fn start(mut command: Command, ends: Ends, log: &Path) -> Outcome<Self> {
        let name = shown(&command);
        let log = File::create(log).map_err(|error| format!("{}: {error}", log.display()))?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().map_err(|error| format!("{name}: {error}"))?;
        let (sender, lines) = channel();
        if let Some(output) = child.stdout.take() {
            thread::spawn(move || {
                let mut lines = BufReader::new(output).lines().map_while(Result::ok);
                lines.try_for_each(|line| sender.send(line))
            });
        }
        Ok(Running { child, lines, name, ends })
    }

    /// The next line of its standard output.
    pub(crate) fn line(&mut self, deadline: Instant) -> Outcome<String> {
        match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => Ok(line),
            Err(RecvTimeoutError::Timeout) => Err(format!("{}: out of time", self.name).into()),
            Err(RecvTimeoutError::Disconnected) => {
                let status = self.wait(deadline)?;
                Err(format!("{}: {status} without the line that was expected", self.name).into())
            }
        }
    }

    /// Waits for the program to leave by itself: how it ended, and its last line.
    pub(crate) fn finish(mut self, deadline: Instant) -> Outcome<(ExitStatus, Option<String>)> {
        let status = self.wait(deadline)?;
        Ok((status, self.lines.iter().last()))
    }

    fn wait(&mut self, deadline: Instant) -> Outcome<ExitStatus> {
        loop {
            let left = self.child.try_wait();
            if let Some(status) = left.map_err(|error| format!("{}: {error}", self.name))? {
                return Ok(status);
            }
            if deadline <= Instant::now() {
                return Err(format!("{}: out of time", self.name).into());
            }
            thread::sleep(LOOK_AGAIN);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        if self.ends == Ends::OnSignal && matches!(self.child.try_wait(), Ok(None)) {
            // The standard library has no signal but KILL.
            let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        }
        if self.wait(Instant::now() + LEAVE).is_err() {
            println!("{}: did not leave when it was told to", self.name);
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// How often to see whether a program has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// How long a program may take to leave when it is told to.
const LEAVE: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    fn shell(script: &str, ends: Ends) -> Running {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let name = format!("xtask-{}-{:?}.log", std::process::id(), thread::current().id());
        let log = env::temp_dir().join(name);
        let running = Running::start(command, ends, &log).unwrap();
        std::fs::remove_file(log).unwrap();
        running
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(20)
    }

    #[test]
    fn lines_come_one_by_one_and_then_the_end() {
        let mut running = shell("echo one; echo two; echo three; exit 4", Ends::OnInput);
        assert_eq!(running.line(soon()).unwrap(), "one");
        let (status, last) = running.finish(soon()).unwrap();
        assert_eq!((status.code(), last.as_deref()), (Some(4), Some("three")));
    }

    #[test]
    fn a_program_that_leaves_early_is_told_from_one_that_is_slow() {
        let failure = shell("exit 4", Ends::OnInput).line(soon()).unwrap_err().to_string();
        assert!(failure.contains("exit status: 4"), "{failure}");
        let failure = shell("cat", Ends::OnInput).line(Instant::now()).unwrap_err().to_string();
        assert!(failure.contains("out of time"), "{failure}");
    }

    #[test]
    fn dropping_ends_a_program_that_waits_for_its_input_or_for_a_signal() {
        for (script, ends) in [("cat", Ends::OnInput), ("exec sleep 60", Ends::OnSignal)] {
            let start = Instant::now();
            drop(shell(script, ends));
            assert!(start.elapsed() < LEAVE, "{script}");
        }
    }
}
