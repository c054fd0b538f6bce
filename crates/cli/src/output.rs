//! Printing: text for people, JSON lines for programs, errors with all their causes.

use std::error::Error as StdError;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Value, json};

/// Why a verb did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// For this reason.
    Error(Box<dyn StdError + Send + Sync>),
    /// For reasons that have been printed already.
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

    /// Prints a result as text, or as a JSON object to which `"ok": true` is added.
    pub(crate) fn print(self, text: impl AsRef<str>, object: Value) {
        if self.json {
            self.print_json(true, object);
        } else {
            println!("{}", text.as_ref());
        }
    }

    /// Prints one line of JSON.
    pub(crate) fn print_json(self, ok: bool, object: Value) {
        let mut line = json!({ "ok": ok });
        if let (Some(line), Value::Object(fields)) = (line.as_object_mut(), object) {
            line.extend(fields);
        }
        println!("{line}");
    }

    /// Says what went wrong, on stderr and for programs on stdout too.
    pub(crate) fn fail(self, failure: &Failure) -> ExitCode {
        let Failure::Error(error) = failure else { return ExitCode::FAILURE };
        let story = story(error.as_ref());
        if self.json {
            self.print_json(false, json!({ "error": story }));
        }
        eprintln!("error: {story}");
        ExitCode::FAILURE
    }
}

impl<E: Into<Box<dyn StdError + Send + Sync>>> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure::Error(error.into())
    }
}

/// An error and all its causes.
pub(crate) fn story(error: &dyn StdError) -> String {
    let mut story = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        story.push_str(": ");
        story.push_str(&source.to_string());
        next = source.source();
    }
    story
}

/// A duration for people.
pub(crate) fn time(duration: Duration) -> String {
    format!("{:.3} ms", milliseconds(duration))
}

/// A duration for programs.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// How fast that was, in megabytes a second.
pub(crate) fn rate(bytes: u64, duration: Duration) -> f64 {
    // Exact up to 2^53 bytes, which nobody moves in one go.
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let bytes = bytes as f64;
    bytes / 1e6 / duration.as_secs_f64().max(f64::EPSILON)
}
