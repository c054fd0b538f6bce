//! Programs of other implementations against ours, in both directions.

mod peers;
mod report;
mod run;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use self::peers::{Action, Direction, PEERS, Peer, Stack, Suite, Twist};
use self::report::Outcomes;
use crate::process::{self, Outcome};
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Fail when the tools to build one of the peers are missing.
    #[arg(long)]
    require_all: bool,
    /// Only these peers.
    #[arg(long, num_args = 1.., value_name = "NAME")]
    peer: Vec<String>,
    /// Only stacks with these security protocols.
    #[arg(long, num_args = 1.., value_name = "NAME")]
    security: Vec<String>,
    /// Our program, if it is not to be built.
    #[arg(long, value_name = "PATH")]
    ours: Option<PathBuf>,
}

/// One thing to try: who dials whom over which stack, and what for.
#[derive(Clone, Copy)]
struct Pair<'a> {
    peer: &'a Peer,
    stack: Stack,
    direction: Direction,
    action: Action,
    twist: Twist,
}

/// Builds the peers, tries every pair, and fails when one that should pass does not.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Outcome {
    arguments.check()?;
    let ours = match &arguments.ours {
        Some(path) => {
            path.canonicalize().map_err(|error| format!("{}: {error}", path.display()))?
        }
        None => build_ours(workspace)?,
    };
    let builds = workspace.target.join("interop");
    let mut outcomes = Outcomes::default();
    for peer in PEERS {
        let asked = |pair: &Pair| among(&arguments.security, pair.stack.security);
        let pairs: Vec<_> = pairs(peer).into_iter().filter(asked).collect();
        if pairs.is_empty() || !among(&arguments.peer, peer.name) {
            continue;
        }
        if let Some(tool) = peer.needs.iter().find(|tool| !process::is_installed(tool)) {
            outcomes.missing(peer.name, tool);
            continue;
        }
        build(peer, &builds)?;
        outcomes.note(peer);
        let programs = run::Programs { ours: &ours, builds: &builds };
        for pair in pairs {
            outcomes.add(pair, programs.try_pair(pair));
        }
    }
    outcomes.finish(arguments.require_all)
}

impl Arguments {
    /// Every peer.
    pub(crate) fn all(require_all: bool) -> Self {
        Arguments { require_all, peer: Vec::new(), security: Vec::new(), ours: None }
    }

    /// Whether what is named is there.
    fn check(&self) -> Outcome {
        let peers = PEERS.iter().map(|peer| peer.name);
        let stacks = PEERS.iter().flat_map(|peer| peer.stacks);
        let securities = stacks.map(|stack| stack.security).collect::<BTreeSet<_>>();
        for (what, asked, known) in [
            ("peer", &self.peer, peers.collect::<Vec<_>>()),
            ("security", &self.security, securities.into_iter().collect()),
        ] {
            if let Some(name) = asked.iter().find(|name| !known.contains(&name.as_str())) {
                let known = known.join(", ");
                return Err(format!("no {what} is called {name}; there are: {known}").into());
            }
        }
        Ok(())
    }
}

/// Whether it was asked for; all are when nothing was.
fn among(asked: &[String], name: &str) -> bool {
    asked.is_empty() || asked.iter().any(|other| other == name)
}

impl Pair<'_> {
    /// The action, and what is unusual about it.
    fn what(self) -> String {
        match self.twist {
            Twist::None => self.action.name().to_owned(),
            twist => format!("{} ({twist})", self.action.name()),
        }
    }

    /// The reason why this pair cannot pass, if one is known.
    fn known_fault(self) -> Option<&'static str> {
        let fits = |fault: &&peers::Fault| {
            fault.direction.is_none_or(|direction| direction == self.direction)
                && fault.action.is_none_or(|action| action == self.action)
                && fault.stack.is_none_or(|stack| stack == self.stack)
                && fault.twist.is_none_or(|twist| twist == self.twist)
        };
        self.peer.faults.iter().find(fits).map(|fault| fault.reason)
    }
}

/// Every action over every stack both ways; over the first stack of each security, a ping to each
/// side's every type of key; over the first of all, one both ways with every suite of algorithms that
/// the peer can be held to and in a private network.
fn pairs(peer: &Peer) -> Vec<Pair<'_>> {
    let mut pairs = Vec::new();
    for &stack in peer.stacks {
        let pair =
            |direction| move |action| Pair { peer, stack, direction, action, twist: Twist::None };
        for direction in Direction::BOTH {
            pairs.extend(Action::ALL.map(pair(direction)));
        }
    }
    let ping =
        |stack, direction, twist| Pair { peer, stack, direction, action: Action::Ping, twist };
    for stack in peer.first_of_each_security() {
        let ours = peer.keys.iter().map(|key| Twist::OurKey(key));
        pairs.extend(ours.map(|key| ping(stack, Direction::OursListens, key)));
        let theirs = peer.identities.iter().map(|key| Twist::TheirKey(key));
        pairs.extend(theirs.map(|key| ping(stack, Direction::OursDials, key)));
    }
    let Some(&stack) = peer.stacks.first() else { return pairs };
    let network = peer.takes_swarm_key.then_some(Twist::PrivateNetwork);
    for twist in Suite::with(peer.ciphers).map(Twist::Suite).chain(network) {
        pairs.extend(Direction::BOTH.map(|direction| ping(stack, direction, twist)));
    }
    pairs
}

fn build_ours(workspace: &Workspace) -> Outcome<PathBuf> {
    process::run(process::cargo(["build", "--locked", "--package", "peerloom-cli"]))?;
    Ok(workspace.target.join("debug").join("peerloom"))
}

fn build(peer: &Peer, builds: &Path) -> Outcome {
    for line in peer.build {
        let mut words = line.iter().map(|word| run::place(word, builds));
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).current_dir(peer.folder()).env("CARGO_TARGET_DIR", builds);
        process::run(command)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_peer_is_tried_both_ways_with_every_action() {
        for peer in PEERS {
            let expected = peer.stacks.len() * 2 * Action::ALL.len()
                + peer.first_of_each_security().count() * (peer.keys.len() + peer.identities.len())
                + 2 * (3 * peer.ciphers.len() * 2)
                + 2 * usize::from(peer.takes_swarm_key);
            assert_eq!(pairs(peer).len(), expected, "{}", peer.name);
        }
    }

    #[test]
    fn a_known_fault_covers_what_it_names_and_nothing_else() {
        let faults = &[peers::Fault {
            direction: Some(Direction::OursDials),
            action: Some(Action::Bulk),
            stack: None,
            twist: None,
            reason: "slow",
        }];
        let peer = Peer { faults, ..PEERS[0] };
        let known = pairs(&peer).into_iter().filter(|pair| pair.known_fault().is_some()).count();
        assert_eq!(known, peer.stacks.len());
    }
}
