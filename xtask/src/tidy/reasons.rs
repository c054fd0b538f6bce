//! Every dependency has its reason written down.

use super::Finding;
use super::manifest::{self, Dependency};

/// The page that has them.
pub(super) const PAGE: &str = "docs/dependencies.md";

/// Looks up each dependency of one manifest of the workspace on the page.
pub(super) fn check(path: &str, text: &str, page: &str) -> Vec<Finding> {
    let member = path.starts_with("crates/") || path.starts_with("xtask/");
    if !member || !path.ends_with("/Cargo.toml") {
        return Vec::new();
    }
    let foreign = |dependency: &Dependency| !dependency.name.starts_with("peerloom");
    let unknown = |dependency: &Dependency| !page.contains(&format!("`{}`", dependency.name));
    let dependencies = manifest::dependencies(text).into_iter().filter(foreign).filter(unknown);
    let finding = |Dependency { name, line, .. }| {
        Finding::new(
            path,
            line,
            format!("no reason for {name}"),
            "give it a line in docs/dependencies.md",
        )
    };
    dependencies.map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_that_the_page_does_not_name_is_found_in_its_line() {
        let text = "[dependencies]\ntokio.workspace = true\npeerloom-core.workspace = true\n";
        assert_eq!(check("crates/yamux/Cargo.toml", text, "| `tokio` | tasks |"), []);
        let findings = check("crates/yamux/Cargo.toml", text, "| `tokio-util` | tasks |");
        assert!(matches!(findings.as_slice(), [Finding { line: 2, .. }]), "{findings:?}");
        assert_eq!(check("tests/fuzz/Cargo.toml", text, ""), []);
    }
}
