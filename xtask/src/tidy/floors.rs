//! The floors: a crate depends on crates below it, never on one beside or above it.

use super::Finding;
use super::manifest::{self, Dependency};

/// Reads one crate's manifest against the plan of the house.
pub(super) fn check(path: &str, text: &str) -> Vec<Finding> {
    let mut parts = path.split('/');
    let (Some("crates"), Some(folder), Some("Cargo.toml"), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    let mut find =
        |line, what: String, instead| findings.push(Finding::new(path, line, what, instead));
    let package = if folder == FACADE { folder.to_owned() } else { format!("{PREFIX}{folder}") };
    if manifest::package(text, "name") != Some(&package) {
        find(1, format!("not called {package}"), "a package is called after its folder");
    }
    if manifest::package(text, "description").is_none_or(str::is_empty) {
        find(1, "no description".into(), "one line: what it is");
    }
    let Some(below) = below(folder) else {
        find(1, format!("{folder} stands on no floor"), "give it one in xtask/src/tidy/floors.rs");
        return findings;
    };
    for Dependency { name, line, development } in manifest::dependencies(text) {
        if name.starts_with("libp2p") {
            find(line, format!("{folder} depends on {name}"), "only the programs in tests/ may");
        }
        if development {
            continue;
        }
        if DEVELOPMENT.contains(&name) {
            find(line, format!("{folder} depends on {name}"), "it is for [dev-dependencies]");
        } else if let Some(other) = name.strip_prefix(PREFIX).or((name == FACADE).then_some(name))
            && !below.contains(&other)
        {
            find(
                line,
                format!("{folder} depends on {other}"),
                "arrows run down only, see docs/architecture.md",
            );
        }
    }
    findings
}

/// The crates that a crate may depend on: those of the floors below it.
fn below(folder: &str) -> Option<&'static [&'static str]> {
    Some(match folder {
        "crypto" | "peer-id" | "multistream-select" | "ping" | "echo" | "perf" => &[],
        "multiaddr" => &["peer-id"],
        "identity" => &["crypto", "multiaddr", "peer-id"],
        "core" => &["multiaddr", "peer-id"],
        "muxer-shell" => &["core"],
        "identify" => &["crypto", "identity", "multiaddr", "peer-id"],
        "record-stream" => &["core"],
        "noise" | "secio" | "tls" => {
            &["core", "crypto", "identity", "multiaddr", "peer-id", "record-stream"]
        }
        "plaintext" | "pnet" | "swarm" | "transport-dns" | "transport-memory" | "transport-tcp"
        | "transport-unix" | "transport-ws" => {
            &["core", "crypto", "identity", "multiaddr", "multistream-select", "peer-id"]
        }
        "mplex" | "yamux" => &["core", "muxer-shell", "peer-id"],
        "testkit" => &["core", "crypto", "identity", "multiaddr", "muxer-shell", "peer-id"],
        "host" => &[
            "core",
            "crypto",
            "identify",
            "identity",
            "multiaddr",
            "multistream-select",
            "peer-id",
            "swarm",
        ],
        FACADE => &[
            "core",
            "crypto",
            "echo",
            "host",
            "identify",
            "identity",
            "multiaddr",
            "mplex",
            "multistream-select",
            "noise",
            "peer-id",
            "perf",
            "ping",
            "plaintext",
            "pnet",
            "secio",
            "swarm",
            "tls",
            "transport-dns",
            "transport-memory",
            "transport-tcp",
            "transport-unix",
            "transport-ws",
            "yamux",
        ],
        "cli" => &[FACADE],
        _ => return None,
    })
}

/// The crate that names all layers; the only one whose package is called like its folder.
const FACADE: &str = "peerloom";

const PREFIX: &str = "peerloom-";

/// What no user of a crate should have to build.
const DEVELOPMENT: &[&str] = &["peerloom-testkit", "proptest", "snow"];

#[cfg(test)]
mod tests {
    use super::*;

    fn found(folder: &str, rest: &str) -> Vec<(usize, String)> {
        let name = if folder == FACADE { folder.to_owned() } else { format!("{PREFIX}{folder}") };
        let text = format!("[package]\nname = \"{name}\"\ndescription = \"x\"\n{rest}");
        let findings = check(&format!("crates/{folder}/Cargo.toml"), &text);
        findings.into_iter().map(|finding| (finding.line, finding.what)).collect()
    }

    #[test]
    fn down_is_allowed() {
        assert_eq!(
            found(
                "yamux",
                "[dependencies]\npeerloom-core.workspace = true\ntokio.workspace = true\n"
            ),
            []
        );
        assert_eq!(found("cli", "[dependencies]\npeerloom.workspace = true\n"), []);
    }

    #[test]
    fn sideways_and_up_are_not() {
        for (folder, dependency) in [
            ("yamux", "peerloom-noise"),
            ("yamux", "peerloom-mplex"),
            ("muxer-shell", "peerloom-yamux"),
            ("core", "peerloom-swarm"),
            ("ping", "peerloom-core"),
            ("swarm", "peerloom-yamux"),
            ("host", "peerloom"),
            ("peer-id", "peerloom-multiaddr"),
            ("cli", "peerloom-core"),
        ] {
            let text = format!("[dependencies]\n{dependency}.workspace = true\n");
            let found = found(folder, &text);
            assert!(matches!(found.as_slice(), [(5, _)]), "{folder} on {dependency}: {found:?}");
        }
    }

    #[test]
    fn tests_may_use_what_users_may_not() {
        for name in DEVELOPMENT {
            assert_eq!(
                found("noise", &format!("[dev-dependencies]\n{name}.workspace = true\n")),
                []
            );
            assert_eq!(
                found("noise", &format!("[dependencies]\n{name}.workspace = true\n")).len(),
                1
            );
        }
        assert_eq!(found("yamux", "[dev-dependencies]\npeerloom-noise.workspace = true\n"), []);
        assert_eq!(found("yamux", "[dev-dependencies]\nlibp2p = \"0.57\"\n").len(), 1);
    }

    #[test]
    fn a_crate_has_a_floor_a_name_and_a_description() {
        assert_eq!(found("new-thing", "").len(), 1);
        let text = "[package]\nname = \"yamux\"\n";
        assert_eq!(check("crates/yamux/Cargo.toml", text).len(), 2);
        assert_eq!(check("xtask/Cargo.toml", text), []);
    }
}
