//! The table of what is measured: a few lines for each stack and variant.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::scenarios::Figure;
use crate::process::{self, Outcome};

/// A stack in one of its variants.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Contestant {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) project: &'static Project,
    pub(super) variant: &'static str,
    /// The scenarios that say something about it, if it has many connections of a node where they want that.
    pub(super) scenarios: &'static [&'static str],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Ours,
    Peer,
    /// What the machine gives without a stack.
    Floor,
}

/// A program, and where it is built from.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Project {
    /// Its folder in `tests/bench`.
    folder: &'static str,
    program: &'static str,
    /// The tools without which it cannot be built.
    needs: &'static [&'static str],
    /// The packages whose versions tell what was measured.
    packages: &'static [&'static str],
    /// Whether it takes a node for each connection, whose memory then is not that of a connection.
    node_each: bool,
}

/// Variants that are the same stack on paper: ours, and whom its figures are divided by.
pub(super) struct Family {
    pub(super) name: &'static str,
    pub(super) ours: &'static str,
    pub(super) others: &'static [&'static str],
}

impl Contestant {
    /// Whether a figure of it is of the same thing as those of others.
    pub(super) fn is_comparable(&self, figure: &Figure) -> bool {
        !(self.project.node_each && figure.field.ends_with("_dialer"))
    }

    pub(super) fn runs(&self, scenario: &str) -> bool {
        let in_vain = self.project.node_each && scenario == GROWTH_OF_CONNECTIONS;
        self.scenarios.contains(&scenario) && !in_vain
    }
}

impl Project {
    /// Builds the program, or says why that cannot be here.
    pub(super) fn build(&self, builds: &Path) -> Outcome {
        if let Some(tool) = self.needs.iter().find(|tool| !process::is_installed(tool)) {
            return Err(format!("{tool} is not installed").into());
        }
        let mut command = if self.is_go() {
            let mut command = Command::new("go");
            command.args(["build", "-trimpath", "-o"]).arg(self.program(builds)).arg(".");
            command
        } else {
            process::cargo(["build", "--release", "--locked"])
        };
        command.current_dir(self.folder()).env("CARGO_TARGET_DIR", builds);
        process::run(command)
    }

    /// Whether it was built here earlier.
    pub(super) fn is_built(&self, builds: &Path) -> Outcome {
        let program = self.program(builds);
        if program.is_file() {
            Ok(())
        } else {
            Err(format!("{} is not built", self.program).into())
        }
    }

    pub(super) fn program(&self, builds: &Path) -> PathBuf {
        builds.join("release").join(self.program)
    }

    /// The versions of what it measures, as its lock file has them.
    pub(super) fn versions(&self) -> Vec<String> {
        let file = self.folder().join(if self.is_go() { "go.mod" } else { "Cargo.lock" });
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let version = |package: &&str| Some(format!("{package} {}", version(&text, package)?));
        self.packages.iter().filter_map(version).collect()
    }

    fn folder(&self) -> PathBuf {
        Path::new(PROJECTS).join(self.folder)
    }

    fn is_go(&self) -> bool {
        self.needs.contains(&"go")
    }
}

/// The version of a package in the text of a `Cargo.lock` or a `go.mod`.
fn version(text: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = text.lines().map(str::trim);
    let locked = lines.clone().skip_while(|line| *line != name).nth(1);
    if let Some(version) = locked.and_then(|line| line.strip_prefix("version = ")) {
        return Some(version.trim_matches('"').to_owned());
    }
    let path = format!("/{package} v");
    let (_, version) = lines.find_map(|line| line.split_once(&path))?;
    version.split_whitespace().next().map(str::to_owned)
}

const PROJECTS: &str = "tests/bench";

const OURS: Project = Project {
    folder: "",
    program: "peerloom-bench",
    needs: &[],
    packages: &["tokio", "aws-lc-rs", "rustls"],
    node_each: false,
};

const LIBP2P: Project = Project {
    folder: "libp2p",
    program: "peer-libp2p",
    needs: &[],
    packages: &["libp2p", "libp2p-noise", "libp2p-yamux", "libp2p-tls", "libp2p-mplex"],
    node_each: false,
};

const LITEP2P: Project = Project {
    folder: "litep2p",
    program: "peer-litep2p",
    needs: &["protoc"],
    packages: &["litep2p"],
    node_each: true,
};

const GO: Project = Project {
    folder: "golibp2p",
    program: "peer-golibp2p",
    needs: &["go"],
    packages: &["go-libp2p"],
    node_each: true,
};

const TENTACLE: Project = Project {
    folder: "tentacle",
    program: "peer-tentacle",
    needs: &[],
    packages: &["tentacle", "tentacle-secio"],
    node_each: true,
};

const FLOORS: Project = Project {
    folder: "floors",
    program: "peer-floors",
    needs: &[],
    packages: &["ring", "rustls", "aws-lc-rs"],
    node_each: false,
};

/// Every scenario, for the stacks that the goals are about.
const ALL: &[&str] = &[
    "bulk_up",
    "bulk_down",
    "bulk_4k",
    "bulk8",
    "slow_reader",
    "pingpong",
    "requests",
    "open_seq",
    "open_64",
    "conn",
    "connecho",
    "connect_100",
    "rtt",
    "lossy",
    "mem_conns",
    "mem_streams",
    "grow_streams",
    GROWTH_OF_CONNECTIONS,
    "grow_message",
];

/// Says nothing of a stack that takes a node for each connection.
const GROWTH_OF_CONNECTIONS: &str = "grow_conns";

/// What another security changes.
const SECURITY: &[&str] =
    &["bulk_up", "bulk_down", "bulk8", "pingpong", "connecho", "rtt", "mem_conns"];

/// What has a meaning without a muxer.
const FLOOR: &[&str] = &["bulk_up", "bulk_down", "bulk_4k", "bulk8", "pingpong", "connecho"];

/// And what the lines let through.
const FLOOR_AND_LINES: &[&str] =
    &["bulk_up", "bulk_down", "bulk_4k", "bulk8", "pingpong", "connecho", "rtt", "lossy"];

const ONE_STREAM: &[&str] = &["bulk_up", "bulk_down"];

pub(super) const CONTESTANTS: &[Contestant] = &[
    Contestant {
        name: "peerloom-noise",
        kind: Kind::Ours,
        project: &OURS,
        variant: "noise",
        scenarios: ALL,
    },
    Contestant {
        name: "libp2p-noise",
        kind: Kind::Peer,
        project: &LIBP2P,
        variant: "noise",
        scenarios: ALL,
    },
    Contestant {
        name: "litep2p-noise",
        kind: Kind::Peer,
        project: &LITEP2P,
        variant: "noise",
        scenarios: ALL,
    },
    Contestant {
        name: "go-noise",
        kind: Kind::Peer,
        project: &GO,
        variant: "noise",
        scenarios: ALL,
    },
    Contestant {
        name: "peerloom-tls",
        kind: Kind::Ours,
        project: &OURS,
        variant: "tls",
        scenarios: SECURITY,
    },
    Contestant {
        name: "libp2p-tls",
        kind: Kind::Peer,
        project: &LIBP2P,
        variant: "tls",
        scenarios: SECURITY,
    },
    Contestant {
        name: "go-tls",
        kind: Kind::Peer,
        project: &GO,
        variant: "tls",
        scenarios: SECURITY,
    },
    Contestant {
        name: "peerloom-mplex",
        kind: Kind::Ours,
        project: &OURS,
        variant: "mplex",
        scenarios: ONE_STREAM,
    },
    Contestant {
        name: "libp2p-mplex",
        kind: Kind::Peer,
        project: &LIBP2P,
        variant: "mplex",
        scenarios: ONE_STREAM,
    },
    Contestant {
        name: "peerloom-secio",
        kind: Kind::Ours,
        project: &OURS,
        variant: "secio",
        scenarios: ONE_STREAM,
    },
    Contestant {
        name: "peerloom-secio-mplex",
        kind: Kind::Ours,
        project: &OURS,
        variant: "secio-mplex",
        scenarios: ONE_STREAM,
    },
    Contestant {
        name: "tentacle-secio",
        kind: Kind::Peer,
        project: &TENTACLE,
        variant: "secio",
        scenarios: ONE_STREAM,
    },
    Contestant {
        name: "frame-ring",
        kind: Kind::Floor,
        project: &FLOORS,
        variant: "frame-ring",
        scenarios: FLOOR,
    },
    Contestant {
        name: "frame-secio",
        kind: Kind::Floor,
        project: &FLOORS,
        variant: "frame-secio",
        scenarios: ONE_STREAM,
    },
    Contestant {
        name: "tls-aws",
        kind: Kind::Floor,
        project: &FLOORS,
        variant: "tls-aws",
        scenarios: FLOOR,
    },
    Contestant {
        name: "tcp",
        kind: Kind::Floor,
        project: &FLOORS,
        variant: "tcp",
        scenarios: FLOOR_AND_LINES,
    },
];

pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "noise and yamux",
        ours: "peerloom-noise",
        others: &["libp2p-noise", "litep2p-noise", "go-noise", "frame-ring"],
    },
    Family {
        name: "tls and yamux",
        ours: "peerloom-tls",
        others: &["libp2p-tls", "go-tls", "tls-aws"],
    },
    Family { name: "noise and mplex", ours: "peerloom-mplex", others: &["libp2p-mplex"] },
    Family {
        name: "secio and yamux",
        ours: "peerloom-secio",
        others: &["tentacle-secio", "frame-secio"],
    },
    Family {
        name: "secio and mplex",
        ours: "peerloom-secio-mplex",
        others: &["tentacle-secio", "frame-secio"],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::scenarios::Scenario;

    #[test]
    fn every_name_in_the_tables_is_one() {
        for contestant in CONTESTANTS {
            let namesakes = CONTESTANTS.iter().filter(|other| other.name == contestant.name);
            assert_eq!(namesakes.count(), 1, "{}", contestant.name);
            for name in contestant.scenarios {
                assert!(Scenario::named(name).is_some(), "{name}");
            }
        }
        for family in FAMILIES {
            for name in family.others.iter().chain([&family.ours]) {
                assert!(CONTESTANTS.iter().any(|it| it.name == *name), "{name}");
            }
        }
    }

    #[test]
    fn versions_are_read_from_both_kinds_of_lock_file() {
        let cargo = "[[package]]\nname = \"libp2p-noise\"\nversion = \"0.47.0\"\n\n[[package]]\nname = \"libp2p\"\nversion = \"0.57.1\"\n";
        assert_eq!(version(cargo, "libp2p").as_deref(), Some("0.57.1"));
        let go = "require (\n\tgithub.com/libp2p/go-libp2p v0.51.0\n\tgithub.com/libp2p/go-libp2p-asn-util v0.4.1 // indirect\n)\n";
        assert_eq!(version(go, "go-libp2p").as_deref(), Some("0.51.0"));
        assert_eq!(version(go, "libp2p"), None);
        assert_eq!(version("", "libp2p"), None);
    }
}
