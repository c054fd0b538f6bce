//! Which dependencies a `Cargo.toml` names, and in which lines.

/// A dependency as one line of a manifest has it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Dependency<'a> {
    pub(super) name: &'a str,
    pub(super) line: usize,
    /// Whether only tests, examples and benches see it.
    pub(super) development: bool,
}

/// The value of `key` in `[package]`, as it stands there.
pub(super) fn package<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let mut lines = text.lines().skip_while(|line| line.trim() != "[package]").skip(1);
    let value = lines.by_ref().take_while(|line| !line.starts_with('[')).find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == key).then_some(value.trim())
    })?;
    Some(value.trim_matches('"'))
}

/// All dependencies, those of single platforms and of build scripts included.
pub(super) fn dependencies(text: &str) -> Vec<Dependency<'_>> {
    let mut dependencies = Vec::new();
    let mut section = "";
    for (line, content) in (1..).zip(text.lines()) {
        let content = content.trim();
        if let Some(rest) = content.strip_prefix('[') {
            section = rest.trim_end_matches(']');
            // `[dependencies.name]` names one in its head.
            if let Some((table, name)) = section.rsplit_once("dependencies.") {
                dependencies.push(Dependency { name, line, development: table.ends_with("dev-") });
                section = "";
            }
        } else if section.ends_with("dependencies") && !content.starts_with('#') {
            let name = content.split(['.', '=', ' ']).next().unwrap_or_default().trim_matches('"');
            if !name.is_empty() && content.contains('=') {
                let development = section.ends_with("dev-dependencies");
                dependencies.push(Dependency { name, line, development });
            }
        }
    }
    dependencies
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_read_in_every_form() {
        let text = "[package]\nname = \"a\"\n\n[dependencies]\n# why\none.workspace = true\ntwo = { version = \"1\" }\n\
                    [dependencies.three]\nversion = \"1\"\n[target.'cfg(unix)'.dependencies]\nfour=\"1\"\n\
                    [dev-dependencies]\nfive = \"1\"\n[dev-dependencies.six]\npath = \"x\"\n[features]\nseven = []\n";
        let read: Vec<_> =
            dependencies(text).into_iter().map(|d| (d.name, d.line, d.development)).collect();
        assert_eq!(
            read,
            [
                ("one", 6, false),
                ("two", 7, false),
                ("three", 8, false),
                ("four", 11, false),
                ("five", 13, true),
                ("six", 14, true)
            ]
        );
    }

    #[test]
    fn a_value_of_the_package_is_found_in_its_section_only() {
        let text =
            "[lib]\nname = \"other\"\n[package]\nname = \"a\"\n[[bin]]\ndescription = \"x\"\n";
        assert_eq!(package(text, "name"), Some("a"));
        assert_eq!(package(text, "description"), None);
    }
}
