//! How many crates the parts that stand alone, and a node, are made of.

use std::collections::BTreeSet;

use crate::process::{self, Outcome};
use crate::table;

/// Counts, and fails when something has grown over its limit.
pub(crate) fn run() -> Outcome {
    let mut rows = Vec::new();
    let mut over = Vec::new();
    for limit in LIMITS {
        let tree = ["tree", "--locked", "-e", "normal", "--prefix", "none", "-p", limit.package];
        let text = process::output(process::cargo(tree.iter().chain(limit.features)))?;
        let count = count(&text);
        rows.push([limit.what.to_owned(), count.to_string(), limit.most.to_string()]);
        if limit.most < count {
            over.push(limit.what);
        }
    }
    table::print(["crates of", "now", "at most"], &rows);
    if over.is_empty() {
        return Ok(());
    }
    Err(format!("too many crates: {}; `cargo tree -e normal -p …` shows whose", over.join(", "))
        .into())
}

/// The different crates in what `cargo tree --prefix none` prints, the root included.
fn count(tree: &str) -> usize {
    let crates = tree.lines().filter_map(|line| line.split_once(" v"));
    let crates = crates.map(|(name, rest)| (name, rest.split(' ').next()));
    crates.collect::<BTreeSet<_>>().len()
}

struct Limit {
    what: &'static str,
    package: &'static str,
    features: &'static [&'static str],
    most: usize,
}

/// Whoever wants one layer alone should not have to read a page of crate names.
const LIMITS: &[Limit] = &[
    Limit { what: "multiaddr", package: "peerloom-multiaddr", features: &[], most: 25 },
    Limit {
        what: "multistream-select",
        package: "peerloom-multistream-select",
        features: &[],
        most: 25,
    },
    Limit { what: "peer-id", package: "peerloom-peer-id", features: &[], most: 30 },
    Limit { what: "yamux", package: "peerloom-yamux", features: &[], most: 35 },
    Limit {
        what: "a node: tcp, noise, yamux",
        package: "peerloom",
        features: &["--no-default-features", "--features", "portable"],
        most: 79,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_counts_once_a_version() {
        let tree = "one v0.1.0 (/a/path)\ntwo v1.0.0\nthree v2.0.0 (proc-macro)\ntwo v1.0.0 (*)\ntwo v1.1.0\n";
        assert_eq!(count(tree), 4);
    }
}
