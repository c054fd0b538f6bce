//! Programs of other implementations against ours, in both directions.

mod peers;
mod report;
mod run;

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
    let names: Vec<_> = PEERS.iter().map(|peer| peer.name).collect();
    if let Some(name) = arguments.peer.iter().find(|name| !names.contains(&name.as_str())) {
        return Err(format!("no peer is called {name}; there are: {}", names.join(", ")).into());
    }
    let ours = match &arguments.ours {
        Some(path) => {
            path.canonicalize().map_err(|error| format!("{}: {error}", path.display()))?
        }
        None => build_ours(workspace)?,
    };
    let builds = workspace.target.join("interop");
    let mut outcomes = Outcomes::default();
    for peer in PEERS {
        if !arguments.peer.is_empty() && !arguments.peer.iter().any(|name| name == peer.name) {
            continue;
        }
        if let Some(tool) = peer.needs.iter().find(|tool| !process::is_installed(tool)) {
            outcomes.missing(peer.name, tool);
            continue;
        }
        build(peer, &builds)?;
        outcomes.note(peer);
        let programs = run::Programs { ours: &ours, builds: &builds };
        for pair in pairs(peer) {
            outcomes.add(pair, programs.try_pair(pair));
        }
    }
    outcomes.finish(arguments.require_all)
}

impl Arguments {
    /// Every peer.
    pub(crate) fn all(require_all: bool) -> Self {
        Arguments { require_all, peer: Vec::new(), ours: None }
    }
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

/// Every action over every stack both ways; over the first stack, a ping to each side's every type
/// of key, and one both ways with every suite of algorithms that the peer can be held to and in a
/// private network.
fn pairs(peer: &Peer) -> Vec<Pair<'_>> {
    let mut pairs = Vec::new();
    for &stack in peer.stacks {
        let pair =
            |direction| move |action| Pair { peer, stack, direction, action, twist: Twist::None };
        for direction in Direction::BOTH {
            pairs.extend(Action::ALL.map(pair(direction)));
        }
    }
    let Some(&stack) = peer.stacks.first() else { return pairs };
    let ping = |direction, twist| Pair { peer, stack, direction, action: Action::Ping, twist };
    let (keys, identities) = (peer.keys.iter(), peer.identities.iter());
    pairs.extend(keys.map(|key| ping(Direction::OursListens, Twist::OurKey(key))));
    pairs.extend(identities.map(|key| ping(Direction::OursDials, Twist::TheirKey(key))));
    let network = peer.takes_swarm_key.then_some(Twist::PrivateNetwork);
    for twist in Suite::with(peer.ciphers).map(Twist::Suite).chain(network) {
        pairs.extend(Direction::BOTH.map(|direction| ping(direction, twist)));
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
                + peer.keys.len()
                + peer.identities.len()
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
