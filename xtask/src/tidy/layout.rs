//! Where things are, what they are called, how they begin and how long they are.

use super::Finding;

/// Names, and what every crate has.
pub(super) fn check(paths: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for path in paths {
        let mut parts = path.split('/').map(|part| part.split('.').next().unwrap_or(part));
        if let Some(name) = parts.find(|name| VAGUE.contains(name)) {
            findings.push(Finding::new(
                path,
                1,
                format!("the name `{name}`"),
                "name what is in it",
            ));
        }
        if let Some(folder) = crate_of(path)
            && path.ends_with("/Cargo.toml")
            && !paths.contains(&format!("{folder}/README.md"))
        {
            findings.push(Finding::new(
                path,
                1,
                "a crate without README.md",
                "say what it is, with an example",
            ));
        }
    }
    findings
}

/// First lines, sizes, and that a crate's README is an example that compiles.
pub(super) fn check_text(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find =
        |line, what: String, instead| findings.push(Finding::new(path, line, what, instead));
    let lines = text.lines().count();
    if path.ends_with(".rs") {
        if !text.starts_with("//! ") {
            find(1, "no purpose in the first line".into(), "`//!` and one sentence");
        }
        let code = text.lines().take(before_tests(text)).count();
        if MOST_LINES <= code && !is_test(path) {
            find(
                MOST_LINES,
                format!("{code} lines before the tests"),
                "make it two files of under 400",
            );
        }
    }
    let Some(folder) = crate_of(path) else { return findings };
    if path == format!("{folder}/src/lib.rs") {
        if MOST_CONTENTS <= lines {
            find(
                MOST_CONTENTS,
                format!("a lib.rs of {lines} lines"),
                "a table of contents of under 60",
            );
        }
        if !text.contains("include_str!(\"../README.md\")") {
            find(
                lines,
                "README.md is no doctest".into(),
                "`#[cfg(doctest)] #[doc = include_str!(\"../README.md\")]`",
            );
        }
    }
    if path == format!("{folder}/README.md") && !text.contains("\n```") {
        find(1, "a README without an example".into(), "a complete one, in a code block");
    }
    findings
}

/// The folder of the crate that `path` belongs to.
fn crate_of(path: &str) -> Option<String> {
    let name = path.strip_prefix("crates/")?.split_once('/')?.0;
    Some(format!("crates/{name}"))
}

/// Whether a whole file is tests.
fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || crate_of(path).is_some() && path.contains("/tests/")
}

/// How many lines stand before the tests at the end.
fn before_tests(text: &str) -> usize {
    let lines: Vec<_> = text.lines().collect();
    let tests = |pair: &[&str]| matches!(pair, ["#[cfg(test)]", next] if next.starts_with("mod ") && next.ends_with('{'));
    lines.windows(2).position(tests).unwrap_or(lines.len())
}

/// Names that say nothing, so that anything ends up under them.
const VAGUE: &[&str] = &["misc", "common", "util", "utils", "types", "helper", "helpers"];

/// How long a file may not be before its tests.
const MOST_LINES: usize = 400;

/// How long a `lib.rs` may not be.
const MOST_CONTENTS: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        check_text(path, text).into_iter().map(|finding| finding.what).collect()
    }

    fn found_among(paths: &[&str]) -> Vec<String> {
        let paths: Vec<_> = paths.iter().map(|&path| path.to_owned()).collect();
        check(&paths).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn a_file_begins_with_its_purpose() {
        assert_eq!(found("crates/a/src/b.rs", "//! Purpose.\n"), [""; 0]);
        assert_eq!(found("crates/a/src/b.rs", "use std::io;\n").len(), 1);
        assert_eq!(found("crates/a/src/b.rs", "").len(), 1);
    }

    #[test]
    fn code_is_counted_up_to_the_tests() {
        let code = |lines: usize| format!("//! Purpose.\n{}", "x\n".repeat(lines - 1));
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "x\n".repeat(1000));
        assert_eq!(found("crates/a/src/b.rs", &(code(399) + &tests)), [""; 0]);
        assert_eq!(found("crates/a/src/b.rs", &(code(400) + &tests)).len(), 1);
        assert_eq!(found("crates/a/src/b.rs", &code(400)).len(), 1);
        assert_eq!(found("crates/a/tests/b.rs", &code(400)), [""; 0]);
        assert_eq!(found("tests/interop/a/src/main.rs", &code(400)).len(), 1);
    }

    #[test]
    fn a_lib_is_a_table_of_contents_with_the_readme_as_doctest() {
        let readme = "#[doc = include_str!(\"../README.md\")]\n";
        assert_eq!(found("crates/a/src/lib.rs", &format!("//! Purpose.\n{readme}")), [""; 0]);
        assert_eq!(found("crates/a/src/lib.rs", "//! Purpose.\n").len(), 1);
        let long = format!("//! Purpose.\n{readme}{}", "x\n".repeat(58));
        assert_eq!(found("crates/a/src/lib.rs", &long).len(), 1);
    }

    #[test]
    fn a_readme_has_an_example() {
        assert_eq!(found("crates/a/README.md", "# a\n\n```rust\n```\n"), [""; 0]);
        assert_eq!(found("crates/a/README.md", "# a\n").len(), 1);
        assert_eq!(found("docs/README.md", "# a\n"), [""; 0]);
    }

    #[test]
    fn every_crate_has_a_readme() {
        assert_eq!(found_among(&["crates/a/Cargo.toml", "crates/a/README.md"]), [""; 0]);
        assert_eq!(found_among(&["crates/a/Cargo.toml", "crates/b/README.md"]).len(), 1);
        assert_eq!(found_among(&["xtask/Cargo.toml"]), [""; 0]);
    }

    #[test]
    fn names_say_what_is_in_it() {
        for path in ["crates/common/src/a.rs", "crates/a/src/utils.rs", "crates/a/src/types/b.rs"] {
            assert_eq!(found_among(&[path]).len(), 1, "{path}");
        }
        assert_eq!(found_among(&["crates/a/src/stream_types.rs"]), [""; 0]);
    }
}
