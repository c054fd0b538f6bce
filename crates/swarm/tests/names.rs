//! Addresses that stand for others: each of them is dialled, and told of.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod harness;

use std::time::Duration;

use peerloom_core::{BoxListener, BoxTransport, Error, Fault, Link, Transport};
use peerloom_identity::Keypair;
use peerloom_multiaddr::{Multiaddr, Protocol};
use peerloom_swarm::{
    Attempt, Config, DialError, Event, Outcome, Phase, Skipped, Timeouts, UpgradeError,
};
use peerloom_transport_memory::Network;

use harness::{Node, Wishes, failure};

/// The memory transport, and names for its places.
struct Named {
    network: Network,
    names: Vec<(Multiaddr, Vec<Multiaddr>)>,
}

impl Transport for Named {
    fn name(&self) -> &'static str {
        "named"
    }

    fn supports(&self, address: &Multiaddr) -> bool {
        let named = matches!(address.iter().next(), Some(Protocol::Dns(_)));
        named || self.network.transport().supports(address)
    }

    async fn resolve(&self, address: &Multiaddr) -> Result<Vec<Multiaddr>, Error> {
        if address.to_string().starts_with("/dns/silence") {
            return std::future::pending().await;
        }
        if self.network.transport().supports(address) {
            return Ok(vec![address.clone()]);
        }
        let found = self.names.iter().find(|(name, _)| *name == address.without_peer_id());
        let found = found.map(|(_, found)| found.clone());
        found.ok_or_else(|| Error::new("named", Fault::Network, "no such name"))
    }

    async fn dial(&self, address: &Multiaddr) -> Result<Link, Error> {
        self.network.transport().dial(address).await
    }

    async fn listen(&self, address: &Multiaddr) -> Result<BoxListener, Error> {
        self.network.transport().listen(address).await
    }
}

fn address(text: &str) -> Multiaddr {
    text.parse().unwrap()
}

/// A dialer that knows what some names stand for.
fn dialer(network: &Network, names: &[(&str, Vec<Multiaddr>)]) -> Node {
    let names = names.iter().map(|(name, found)| (address(name), found.clone())).collect();
    let named = BoxTransport::new(Named { network: network.clone(), names });
    let timeouts = Timeouts { resolve: LIMIT, ..Timeouts::default() };
    let config = Config { timeouts, ..Config::default() };
    Node::with(network, Wishes { transports: Some(vec![named]), config, ..Wishes::default() })
}

const LIMIT: Duration = Duration::from_secs(3);

async fn failed(dialer: &Node, name: &str) -> DialError {
    dialer.swarm.dial(None, vec![address(name)]).await.unwrap_err()
}

fn phases(attempt: &Attempt) -> Vec<Phase> {
    attempt.steps.iter().map(|step| step.phase).collect()
}

fn skipped(error: &DialError, address: &Multiaddr) -> Option<Skipped> {
    error.attempts().iter().find_map(|attempt| match &attempt.outcome {
        Outcome::Skipped(reason) if attempt.address == *address => Some(reason.clone()),
        _ => None,
    })
}

#[tokio::test]
async fn every_address_of_a_name_is_tried_in_its_place() {
    let network = Network::default();
    let mut listener = Node::new(&network);
    let (good, dead) = (listener.listen().await, address("/memory/dead"));
    let found = vec![dead.clone(), good.clone()];
    let dialer = dialer(&network, &[("/dns/a", found.clone())]);
    let later = address("/memory/later");
    let connection = dialer.swarm.dial(None, vec![address("/dns/a"), later]).await.unwrap();
    assert_eq!(connection.remote(), &good);
    listener.until(|event| matches!(event, Event::Connected(_)).then_some(())).await;
    let steps: Vec<_> = connection.report().steps.iter().map(|step| step.phase).collect();
    assert_eq!(steps[..2], [Phase::Resolve, Phase::Connect]);
    let [name, first] = connection.report().failed.as_slice() else { panic!("{connection:?}") };
    assert_eq!((&name.address, phases(name)), (&address("/dns/a"), vec![Phase::Resolve]));
    assert!(matches!(&name.outcome, Outcome::Resolved(to) if *to == found));
    assert_eq!((&first.address, phases(first)), (&dead, vec![Phase::Resolve, Phase::Connect]));
}

#[tokio::test]
async fn a_failed_dial_tells_the_name_and_each_of_its_addresses() {
    let network = Network::default();
    let found = vec![address("/memory/x"), address("/memory/y")];
    let dialer = dialer(&network, &[("/dns/a", found), ("/dns/empty", Vec::new())]);
    let text = failed(&dialer, "/dns/a").await.to_string();
    assert!(text.contains("/dns/a: stands for /memory/x, /memory/y (resolve "), "{text}");
    for place in ["/memory/x", "/memory/y"] {
        assert!(text.contains(&format!("  {place}: connect failed: ")), "{text}");
    }
    let text = failed(&dialer, "/dns/empty").await.to_string();
    assert!(text.contains("/dns/empty: stands for no address"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_name_that_cannot_be_resolved_fails_in_that_phase() {
    let dialer = dialer(&Network::default(), &[]);
    let error = failed(&dialer, "/dns/unknown").await;
    assert!(matches!(failure(&error), UpgradeError::Layer { phase: Phase::Resolve, .. }));
    assert_eq!(phases(error.attempts().first().unwrap()), [Phase::Resolve]);
    assert!(error.to_string().contains("no such name"), "{error}");

    let error = failed(&dialer, "/dns/silence").await;
    let UpgradeError::Timeout { phase, limit } = failure(&error) else { panic!("{error}") };
    assert_eq!((*phase, *limit, error.fault()), (Phase::Resolve, LIMIT, Fault::Network));
}

#[tokio::test]
async fn a_name_of_one_peer_leads_to_no_other() {
    let network = Network::default();
    let listener = Node::new(&network);
    let other = Keypair::generate_ed25519().unwrap().peer_id();
    let named = listener.listen().await;
    let plain = named.without_peer_id();
    let dialer = dialer(&network, &[("/dns/a", vec![named.clone(), plain.clone()])]);
    let error = failed(&dialer, &format!("/dns/a/p2p/{other}")).await;
    assert_eq!(skipped(&error, &named), Some(Skipped::OtherPeer));
    assert!(matches!(failure(&error), UpgradeError::WrongPeer(_)), "{error}");
    assert_eq!(error.attempts().last().unwrap().address, plain);
}

#[tokio::test]
async fn names_lead_to_names_but_never_in_circles() {
    let network = Network::default();
    let listener = Node::new(&network);
    let good = listener.listen().await;
    let (a, b, c) = (address("/dns/a"), address("/dns/b"), address("/dns/c"));
    let names = [
        ("/dns/a", vec![b.clone(), a.clone()]),
        ("/dns/b", vec![a.clone(), c.clone()]),
        ("/dns/c", vec![good.clone()]),
        ("/dns/x", vec![address("/dns/y")]),
        ("/dns/y", vec![address("/dns/x")]),
    ];
    let dialer = dialer(&network, &names);
    let connection = dialer.swarm.dial(None, vec![a]).await.unwrap();
    assert_eq!(connection.remote(), &good);
    let error = failed(&dialer, "/dns/x").await;
    assert_eq!(skipped(&error, &address("/dns/x")), Some(Skipped::Twice));
}

#[tokio::test]
async fn a_name_with_too_many_addresses_is_tried_as_far_as_a_dial_goes() {
    let network = Network::default();
    let many: Vec<_> = (0..100).map(|number| address(&format!("/memory/x{number}"))).collect();
    let odd = address("/ip4/127.0.0.1/udp/1");
    let found = std::iter::once(odd.clone()).chain(many.clone()).collect();
    let dialer = dialer(&network, &[("/dns/a", found)]);
    let error = failed(&dialer, "/dns/a").await;
    assert!(matches!(skipped(&error, &odd), Some(Skipped::NoTransport(_))));
    let left_out = many.iter().filter(|one| skipped(&error, one) == Some(Skipped::TooMany));
    assert_eq!(left_out.count(), 100 - 63, "the name counts too");
    assert_eq!(error.attempts().len(), 102);
}
