//! What must not stand in a file, whatever the file is for.

use super::Finding;

/// Left-overs, addresses of a machine or a registry, white space that nobody sees.
pub(super) fn check(path: &str, text: &str) -> Vec<Finding> {
    if is_given(path) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let mut find =
            |what: String, instead| findings.push(Finding::new(path, number, what, instead));
        if line.ends_with([' ', '\t']) {
            find("white space at the end".into(), "remove it");
        }
        if let Some(word) = LEFT_OVERS.iter().find(|word| has_word(line, word)) {
            find(format!("`{word}`"), "do it, or leave it out");
        }
        if let Some(folder) = MACHINE.iter().find(|folder| has_path(line, folder)) {
            find(
                format!("a path of one machine, {folder}…"),
                "std::env::temp_dir(), or relative to the root",
            );
        }
        if let Some(address) = REGISTRIES.iter().find(|address| line.contains(**address)) {
            find(format!("the registry's address {address}"), "leave it to the package manager");
        }
    }
    findings
}

/// Files that tools or other projects wrote: lock files and test vectors.
fn is_given(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    LOCKS.contains(&name) || path.split('/').any(|folder| GIVEN.contains(&folder))
}

/// Whether `word` stands in `line` with no letter, digit or underscore around it.
fn has_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(start, _)| {
        let (before, rest) = line.split_at(start);
        let goes_on = word.ends_with(part) && rest.split_at(word.len()).1.starts_with(part);
        !before.ends_with(part) && !goes_on
    })
}

/// Whether a path in `line` begins with `folder`, rather than having it further down.
fn has_path(line: &str, folder: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || "_-.*})]>".contains(c);
    line.match_indices(folder).any(|(start, _)| !line.split_at(start).0.ends_with(inside))
}

// Written in two halves, so that this file does not find itself.

const LEFT_OVERS: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("to", "do!"),
    concat!("unimple", "mented!"),
    concat!("PLACE", "HOLDER"),
];

const MACHINE: &[&str] =
    &[concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/t", "mp/")];

const REGISTRIES: &[&str] = &[
    concat!("registry", ".npmjs"),
    concat!("registry", ".yarnpkg"),
    concat!("crates", ".io/api"),
    concat!("static.", "crates.io"),
    concat!("index.", "crates.io"),
    concat!("proxy", ".golang"),
    concat!("sum", ".golang"),
    concat!("pypi", ".org/simple"),
    concat!("files", ".pythonhosted"),
    concat!("repo1", ".maven"),
];

const LOCKS: &[&str] =
    &["Cargo.lock", "package-lock.json", "go.sum", "uv.lock", "poetry.lock", "requirements.txt"];

/// Folders of bytes that are not ours to change.
const GIVEN: &[&str] = &["vectors", "corpus", "corpus-seeds", "proptest-regressions"];

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<(usize, String)> {
        check(path, text).into_iter().map(|finding| (finding.line, finding.what)).collect()
    }

    #[test]
    fn white_space_at_the_end_is_found_in_its_line() {
        assert_eq!(found("a.rs", "one\ntwo \nthree\t\n").len(), 2);
        assert_eq!(found("a.rs", "one\ntwo \n")[0].0, 2);
    }

    #[test]
    fn left_overs_are_found_as_words_only() {
        for word in LEFT_OVERS {
            assert_eq!(found("a.md", &format!("// {word}: later")).len(), 1, "{word}");
            assert_eq!(found("a.md", &format!("x{word}")).len(), 0, "{word}");
        }
        assert_eq!(found("Cargo.toml", "todo = \"warn\""), []);
    }

    #[test]
    fn a_path_of_a_machine_is_found_and_one_within_an_address_is_not() {
        for folder in MACHINE {
            assert_eq!(found("a.rs", &format!("open(\"{folder}x\")")).len(), 1, "{folder}");
            assert_eq!(found("a.rs", &format!("\"/unix{folder}x\"")).len(), 0, "{folder}");
            assert_eq!(
                found("a.rs", &format!("https://example.org{folder}x")).len(),
                0,
                "{folder}"
            );
        }
    }

    #[test]
    fn the_address_of_a_registry_is_found_outside_of_lock_files() {
        for address in REGISTRIES {
            let text = format!("https://{address}/x");
            assert_eq!(found("docs/a.md", &text).len(), 1, "{address}");
            assert_eq!(found("tests/interop/js/package-lock.json", &text).len(), 0, "{address}");
        }
    }

    #[test]
    fn vectors_stay_as_they_were_given() {
        assert_eq!(found("crates/noise/tests/vectors/a.txt", "one \n"), []);
    }
}
