//! Reads the tree: what a person would say in a review, said before it.

mod floors;
mod layout;
mod manifest;
mod reasons;
mod text;

use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::process::{self, Outcome};

/// Something to be mended, and how.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    line: usize,
    what: String,
    instead: &'static str,
}

/// Reads every file that is or would be committed; fails when one has something to be mended.
pub(crate) fn run() -> Outcome {
    let paths = paths()?;
    let mut findings = layout::check(&paths);
    let page = fs::read_to_string(reasons::PAGE).unwrap_or_default();
    for path in &paths {
        let bytes = fs::read(path).map_err(|error| format!("{path}: {error}"))?;
        if let Ok(text) = String::from_utf8(bytes) {
            findings.extend(text::check(path, &text));
            findings.extend(layout::check_text(path, &text));
            findings.extend(floors::check(path, &text));
            findings.extend(reasons::check(path, &text, &page));
        }
    }
    findings.iter().for_each(|finding| println!("{finding}"));
    println!("tidy: {} files, {} to be mended", paths.len(), findings.len());
    if findings.is_empty() { Ok(()) } else { Err("the tree is not tidy".into()) }
}

/// What git keeps or would keep, from the root.
pub(crate) fn paths() -> Outcome<Vec<String>> {
    let mut command = Command::new("git");
    command.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let names = process::output(command)?;
    let mut paths: Vec<_> = names.split_terminator('\0').map(str::to_owned).collect();
    paths.retain(|path| Path::new(path).is_file());
    paths.sort_unstable();
    paths.dedup();
    Ok(paths)
}

impl Finding {
    fn new(path: &str, line: usize, what: impl Into<String>, instead: &'static str) -> Self {
        Finding { path: path.to_owned(), line, what: what.into(), instead }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { path, line, what, instead } = self;
        write!(f, "{path}:{line}: {what}: {instead}")
    }
}
