//! Why something failed, told in full: all causes of an error, all attempts of a dial.

use std::error::Error as StdError;
use std::iter::successors;

use peerloom::DialError;
use peerloom::swarm::{Attempt, Outcome, Step};
use serde_json::{Value, json};

use crate::output::milliseconds;

/// An error and its causes on one line, then a line for each attempt of a dial, for people.
pub(crate) fn lines(error: &(dyn StdError + 'static)) -> Vec<String> {
    let attempts = attempts_of(error).iter().map(|attempt| format!("  {attempt}"));
    std::iter::once(causes(error)).chain(attempts).collect()
}

/// The same for programs.
pub(crate) fn object(error: &(dyn StdError + 'static)) -> Value {
    let lines = lines(error);
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    let told = lines.join("; ");
    match attempts_of(error) {
        [] => json!({ "error": told }),
        tried => json!({ "error": told, "attempts": attempts(tried) }),
    }
}

/// What became of the addresses of a dial, for programs.
pub(crate) fn attempts(attempts: &[Attempt]) -> Value {
    attempts.iter().map(attempt).collect()
}

/// How long each step took, for programs.
pub(crate) fn steps(steps: &[Step]) -> Value {
    steps
        .iter()
        .map(|step| json!({ "phase": step.phase.to_string(), "ms": milliseconds(step.took) }))
        .collect()
}

fn attempt(attempt: &Attempt) -> Value {
    let (outcome, reason) = match &attempt.outcome {
        Outcome::Skipped(reason) => ("skipped", causes(reason)),
        Outcome::Failed(error) => ("failed", causes(error.as_ref())),
        Outcome::Resolved(found) => {
            let found: Vec<_> = found.iter().map(ToString::to_string).collect();
            ("resolved", found.join(", "))
        }
        _ => ("unknown", String::new()),
    };
    json!({
        "address": attempt.address.to_string(),
        "steps": steps(&attempt.steps),
        "outcome": outcome,
        "reason": reason,
    })
}

fn attempts_of<'a>(error: &'a (dyn StdError + 'static)) -> &'a [Attempt] {
    let dial = chain(error).find_map(|cause| cause.downcast_ref::<DialError>());
    dial.map_or(&[], DialError::attempts)
}

/// An error and its causes on one line.
pub(crate) fn causes(error: &(dyn StdError + 'static)) -> String {
    chain(error).map(headline).collect::<Vec<_>>().join(": ")
}

/// What an error says, without the attempts that a dial lists below it.
fn headline(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    if error.is::<DialError>() {
        text.truncate(text.find('\n').unwrap_or(text.len()));
    }
    text
}

fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    successors(Some(error), |&error| error.source())
}
