//! Printing: text for people, JSON lines for programs, failures for both.

use std::error::Error as StdError;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Value, json};

use crate::story;

/// Why a verb did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// For this reason.
    Error(Box<dyn StdError + Send + Sync>),
    /// For reasons that have been printed already, or that nobody wants to read.
    Told,
}

/// Where results go.
#[derive(Clone, Copy)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Output { json }
    }

    /// Whether programs read.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// Prints a result as lines of text, or as a JSON object to which `"ok": true` is added.
    pub(crate) fn print(self, lines: &[String], object: Value) -> Result<(), Failure> {
        if self.json {
            return self.print_json(true, object);
        }
        let text: String = lines.iter().map(|line| printable(line) + "\n").collect();
        write_stdout(&text)
    }

    /// Prints a failure: as text on stderr, or as a JSON object to which `"ok": false` is added.
    pub(crate) fn print_failure(self, lines: &[String], object: Value) -> Result<(), Failure> {
        if self.json {
            return self.print_json(false, object);
        }
        complain(lines);
        Ok(())
    }

    /// Says why a verb failed, on stderr and for programs on stdout too.
    pub(crate) fn fail(self, failure: &Failure) -> ExitCode {
        if let Failure::Error(error) = failure {
            if self.json {
                // When stdout is what failed, stderr tells.
                let _ = self.print_json(false, story::object(error.as_ref()));
            }
            complain(&story::lines(error.as_ref()));
        }
        ExitCode::FAILURE
    }

    fn print_json(self, ok: bool, object: Value) -> Result<(), Failure> {
        let mut line = json!({ "ok": ok });
        if let (Some(line), Value::Object(fields)) = (line.as_object_mut(), object) {
            line.extend(fields);
        }
        write_stdout(&(printable(&line.to_string()) + "\n"))
    }
}

impl<E: Into<Box<dyn StdError + Send + Sync>>> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure::Error(error.into())
    }
}

/// Why stdout took no more; who has closed it wants to hear nothing.
pub(crate) fn unprinted(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::Told,
        _ => Failure::from(format!("could not write to stdout: {error}")),
    }
}

/// A duration for people.
pub(crate) fn time(duration: Duration) -> String {
    format!("{:.3} ms", milliseconds(duration))
}

/// A duration for programs, in milliseconds; to the microsecond, as nobody measures finer here.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1000.0
}

/// How fast that was, in megabytes a second.
pub(crate) fn rate(bytes: u64, duration: Duration) -> f64 {
    // Exact up to 2^53 bytes, which nobody moves in one go.
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let bytes = bytes as f64;
    bytes / 1e6 / duration.as_secs_f64().max(f64::EPSILON)
}

fn write_stdout(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    written.map_err(|error| unprinted(&error))
}

fn complain(lines: &[String]) {
    let text: Vec<String> = lines.iter().map(|line| printable(line)).collect();
    // The exit code still tells when stderr takes nothing.
    let _ = writeln!(io::stderr(), "error: {}", text.join("\n"));
}

/// A line that says what it says: what would steer a terminal, or turn the order of the letters,
/// is written as an escape of JSON. Much of what is printed was chosen by the remote.
fn printable(line: &str) -> String {
    let mut printable = String::with_capacity(line.len());
    for character in line.chars() {
        let steers = character.is_control()
            || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if steers {
            printable.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            printable.push(character);
        }
    }
    printable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_escaped() {
        assert_eq!(printable("a\u{1b}[2J\n\u{7f}\u{9b}1m"), r"a\u001b[2J\u000a\u007f\u009b1m");
        assert_eq!(printable("\u{202e}txt"), r"\u202etxt");
        assert_eq!(printable("añb — 本"), "añb — 本");
    }

    #[test]
    fn times_are_told_to_the_microsecond() {
        for (nanoseconds, told) in
            [(0, "0.0"), (499, "0.0"), (34_722, "0.035"), (1_234_567_890, "1234.568")]
        {
            let told_so = json!(milliseconds(Duration::from_nanos(nanoseconds)));
            assert_eq!(told_so.to_string(), told);
        }
    }

    #[test]
    fn an_escaped_line_of_json_means_the_same() {
        let value = json!({ "agent": "\u{1b}\u{9b}\u{7f}\u{2028}\\u0041" });
        assert_eq!(printable(&value.to_string()).parse::<Value>().unwrap(), value);
    }
}
