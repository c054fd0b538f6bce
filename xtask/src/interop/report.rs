//! What came of the pairs: a table, and whether that will do.

use super::Pair;
use super::peers::Peer;
use super::run::Attempt;
use crate::process::Outcome;
use crate::table;

/// The pairs that were tried and the peers that were not.
#[derive(Default)]
pub(super) struct Outcomes {
    rows: Vec<[String; 7]>,
    failed: usize,
    /// How many passed at the second try only.
    second_tries: usize,
    missing: Vec<String>,
    notes: Vec<String>,
}

/// What an outcome means, given what is known of the pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Passed,
    Failed,
    /// It failed as it was known to.
    Known,
    /// It was known to fail and did not.
    Mended,
}

impl Outcomes {
    /// Takes down a pair.
    pub(super) fn add(&mut self, pair: Pair, attempt: Attempt) {
        let Attempt { outcome, took, before } = attempt;
        let failure = outcome.map_err(|failure| failure.to_string());
        let fault = pair.known_fault();
        let verdict = Verdict::of(failure.clone(), fault);
        self.failed += usize::from(!verdict.is_fine());
        self.second_tries += usize::from(failure.is_ok() && before.is_some());
        let note = match (failure, fault, before) {
            (Err(failure), Some(reason), _) => format!("{reason} ({failure})"),
            (Ok(()), Some(_), _) => "no longer fails: take it off the list of faults".into(),
            (Err(failure), None, _) => failure,
            (Ok(()), None, Some(first)) => format!("at the second try; the first: {first}"),
            (Ok(()), None, None) => String::new(),
        };
        let row = [
            pair.peer.name.into(),
            pair.direction.to_string(),
            pair.stack.to_string(),
            pair.what(),
            verdict.name().into(),
            format!("{:.1}", took.as_secs_f64()),
            note,
        ];
        println!("{}", row.join("  "));
        self.rows.push(row);
    }

    /// Takes down what has to be known of a peer to read its rows.
    pub(super) fn note(&mut self, peer: &Peer) {
        self.notes.extend(peer.notes.iter().map(|note| format!("{}: {note}", peer.name)));
    }

    /// Takes down a peer that cannot be built here.
    pub(super) fn missing(&mut self, peer: &str, tool: &str) {
        println!("{peer}: not run, {tool} is not installed");
        self.missing.push(format!("{peer} (needs {tool})"));
    }

    /// Prints the table; fails when something should have passed.
    pub(super) fn finish(self, require_all: bool) -> Outcome {
        let Outcomes { rows, failed, second_tries, missing, notes } = self;
        table::print(["peer", "direction", "stack", "action", "result", "seconds", "note"], &rows);
        println!("\n{} pairs, {failed} failed, {second_tries} needed a second try", rows.len());
        notes.iter().for_each(|note| println!("{note}"));
        if !missing.is_empty() {
            println!("not run: {}", missing.join(", "));
        }
        if 0 < failed {
            return Err(format!("{failed} of {} pairs failed", rows.len()).into());
        }
        if rows.len() < second_tries * SECOND_TRIES {
            let why = "a fault that comes and goes is a fault";
            return Err(format!("{second_tries} pairs needed a second try: {why}").into());
        }
        if require_all && !missing.is_empty() {
            return Err(format!("not run: {}", missing.join(", ")).into());
        }
        Ok(())
    }
}

impl Verdict {
    /// Judges an outcome.
    pub(super) fn of(outcome: Result<(), String>, fault: Option<&str>) -> Self {
        match (outcome, fault) {
            (Ok(()), None) => Verdict::Passed,
            (Ok(()), Some(_)) => Verdict::Mended,
            (Err(_), None) => Verdict::Failed,
            (Err(_), Some(_)) => Verdict::Known,
        }
    }

    /// Whether the run may still succeed.
    pub(super) fn is_fine(self) -> bool {
        self != Verdict::Failed
    }

    fn name(self) -> &'static str {
        match self {
            Verdict::Passed => "ok",
            Verdict::Failed => "FAILED",
            Verdict::Known => "known fault",
            Verdict::Mended => "ok, mended",
        }
    }
}

/// One pair in so many may need a second try, which is for peers that limit how often one may dial.
const SECOND_TRIES: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_goes_by_the_known_faults() {
        assert!(Verdict::of(Ok(()), None).is_fine());
        assert!(!Verdict::of(Err("no".into()), None).is_fine());
        assert!(Verdict::of(Err("no".into()), Some("slow")).is_fine());
        assert!(Verdict::of(Ok(()), Some("slow")).is_fine());
    }

    #[test]
    fn a_missing_tool_matters_only_when_all_are_required() {
        let outcomes = || {
            let mut outcomes = Outcomes::default();
            outcomes.missing("js", "npm");
            outcomes
        };
        assert!(outcomes().finish(false).is_ok());
        assert!(outcomes().finish(true).is_err());
    }
}
