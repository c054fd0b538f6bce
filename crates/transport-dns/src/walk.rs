//! From one name to everything it stands for: what to ask next, and what of the answers counts.
//!
//! ```text
//! /dnsaddr/a/p2p/Q ── TXT of _dnsaddr.a ─┬─ /dnsaddr/b/p2p/Q ── TXT of _dnsaddr.b ── …
//!                                        ├─ /dns/c/tcp/1/p2p/Q ── A, AAAA of c ── /ip4/…/tcp/1/p2p/Q
//!                                        ├─ /ip4/…/tcp/1/p2p/Q
//!                                        └─ /ip4/…/tcp/1/p2p/R   ends in something else: left out
//! ```

use std::collections::VecDeque;
use std::net::IpAddr;

use peerloom_multiaddr::Multiaddr;

use crate::error::{LeftOut, LookupError, Omission};
use crate::host::{Host, Kind};

/// The questions that one address leads to. It asks nobody itself.
pub(crate) struct Walk<'a> {
    /// Whether the transport inside can dial an address; a name for another transport is not looked up.
    dialable: &'a (dyn Fn(&Multiaddr) -> bool + Sync),
    questions: VecDeque<Question>,
    /// What has been asked, or will be.
    taken: Vec<Host>,
    lookups: usize,
    found: Vec<Multiaddr>,
    left_out: Vec<LeftOut>,
}

/// A name to be asked about.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) host: Host,
    /// How many names led to it.
    depth: usize,
}

impl<'a> Walk<'a> {
    /// Begins with the name that somebody wants to dial.
    pub(crate) fn new(host: &Host, dialable: &'a (dyn Fn(&Multiaddr) -> bool + Sync)) -> Self {
        let mut walk = Walk {
            dialable,
            questions: VecDeque::new(),
            taken: Vec::new(),
            lookups: 0,
            found: Vec::new(),
            left_out: Vec::new(),
        };
        if let Err(why) = walk.follow(host.clone(), 0) {
            walk.leave_out(&host.name, why);
        }
        walk
    }

    /// What to ask next.
    pub(crate) fn poll_question(&mut self) -> Option<Question> {
        self.questions.pop_front()
    }

    /// The TXT records of a name.
    pub(crate) fn handle_texts(&mut self, question: &Question, texts: &[Vec<u8>]) {
        let wanted = &question.host.rest;
        // Other text than addresses is none of ours.
        for text in texts.iter().filter_map(|text| text.strip_prefix(MARK)) {
            let what = String::from_utf8_lossy(text);
            match read(text) {
                Err(why) => self.leave_out(&what, why),
                Ok(address) if !address.ends_with(wanted) => {
                    self.leave_out(&what, Omission::OtherEnd(wanted.clone()));
                }
                Ok(address) if address.is_within_this_machine() => {
                    self.leave_out(&what, Omission::Local);
                }
                Ok(address) => {
                    if let Err(why) = self.handle_address(address, question.depth + 1) {
                        self.leave_out(&what, why);
                    }
                }
            }
        }
    }

    /// The IP addresses of a name.
    pub(crate) fn handle_ips(
        &mut self,
        question: &Question,
        ips: impl IntoIterator<Item = IpAddr>,
    ) {
        for ip in ips {
            let address = question.host.at(ip);
            if let Err(why) = self.take(address.clone()) {
                self.leave_out(&address.to_string(), why);
            }
        }
    }

    /// A question that has no answer.
    pub(crate) fn handle_failure(&mut self, question: &Question, error: LookupError) {
        self.leave_out(&question.host.name, Omission::Lookup(error));
    }

    /// Everything that was found, and all that was not.
    pub(crate) fn finish(self) -> (Vec<Multiaddr>, Vec<LeftOut>) {
        (self.found, self.left_out)
    }

    fn handle_address(&mut self, address: Multiaddr, depth: usize) -> Result<(), Omission> {
        match Host::parse(&address) {
            Some(host) if host.kind == Kind::Dnsaddr || self.is_ours(&host) => {
                self.follow(host, depth)
            }
            Some(_) | None => self.take(address),
        }
    }

    fn is_ours(&self, host: &Host) -> bool {
        host.samples().iter().any(self.dialable)
    }

    fn follow(&mut self, host: Host, depth: usize) -> Result<(), Omission> {
        let lookups = if host.kind == (Kind::Ip { four: true, six: true }) { 2 } else { 1 };
        if !host.is_domain() {
            return Err(Omission::BadName);
        }
        if self.taken.contains(&host) {
            return Err(Omission::Again);
        }
        if MAX_DEPTH < depth {
            return Err(Omission::TooDeep(MAX_DEPTH));
        }
        if MAX_LOOKUPS < self.lookups + lookups {
            return Err(Omission::TooManyLookups(MAX_LOOKUPS));
        }
        self.lookups += lookups;
        self.taken.push(host.clone());
        self.questions.push_back(Question { host, depth });
        Ok(())
    }

    fn take(&mut self, address: Multiaddr) -> Result<(), Omission> {
        if self.found.contains(&address) {
            return Ok(());
        }
        if MAX_FOUND <= self.found.len() {
            return Err(Omission::TooManyAddresses(MAX_FOUND));
        }
        self.found.push(address);
        Ok(())
    }

    fn leave_out(&mut self, what: &str, why: Omission) {
        if self.left_out.len() < MAX_LEFT_OUT {
            // Whoever published it may have put anything there.
            let what = what.chars().filter(|shown| !shown.is_control()).take(MAX_SHOWN).collect();
            self.left_out.push(LeftOut { what, why });
        }
    }
}

fn read(text: &[u8]) -> Result<Multiaddr, Omission> {
    let text = std::str::from_utf8(text).map_err(|_| Omission::Malformed("not text".into()))?;
    text.parse().map_err(|error: peerloom_multiaddr::Error| Omission::Malformed(error.to_string()))
}

/// What a TXT record begins with when it has an address.
const MARK: &[u8] = b"dnsaddr=";

/// How many names may lead to a name. Those in use have two: all nodes of a network, then one of them.
const MAX_DEPTH: usize = 4;

/// How many questions are asked about one address: enough for a list of thirty nodes, and not a way
/// to have a server flooded by those who dial a name.
const MAX_LOOKUPS: usize = 32;

/// How many addresses one name may stand for; a dial tries fewer.
const MAX_FOUND: usize = 100;

/// How much of what does not count is told.
const MAX_LEFT_OUT: usize = 32;

/// How many characters of it are shown.
const MAX_SHOWN: usize = 200;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const Q: &str = "/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";
    const R: &str = "/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC";

    /// Stands for a transport of TCP and nothing above it.
    fn is_tcp(address: &Multiaddr) -> bool {
        peerloom_multiaddr::pattern::TCP.matches(&address.without_peer_id())
    }

    /// Walks from an address with `zone` for the answers; how many questions there were comes along.
    fn walk(from: &str, zone: impl Fn(&Host) -> Vec<String>) -> (Vec<String>, Vec<LeftOut>, usize) {
        let host = Host::parse(&from.parse().unwrap()).unwrap();
        let (mut walk, mut asked) = (Walk::new(&host, &is_tcp), 0);
        while let Some(question) = walk.poll_question() {
            asked += 1;
            let answers = zone(&question.host);
            if question.host.kind == Kind::Dnsaddr {
                let texts: Vec<_> = answers.into_iter().map(String::into_bytes).collect();
                walk.handle_texts(&question, &texts);
            } else {
                walk.handle_ips(&question, answers.iter().map(|ip| ip.parse().unwrap()));
            }
        }
        let (found, left_out) = walk.finish();
        (found.iter().map(ToString::to_string).collect(), left_out, asked)
    }

    fn omissions(left_out: Vec<LeftOut>) -> Vec<Omission> {
        left_out.into_iter().map(|left_out| left_out.why).collect()
    }

    #[test]
    fn a_network_leads_to_its_nodes_and_those_to_their_addresses() {
        let zone = |host: &Host| match host.name.as_str() {
            "net" => vec![
                format!("dnsaddr=/dnsaddr/one/tcp/1{Q}"),
                format!("dnsaddr=/dnsaddr/two/tcp/1{R}"),
                "v=spf1 -all".into(),
            ],
            "one" => vec![
                format!("dnsaddr=/ip4/1.1.1.1/tcp/1{Q}"),
                format!("dnsaddr=/ip4/1.1.1.1/udp/1/quic-v1{Q}"),
                format!("dnsaddr=/dns6/host/tcp/1{Q}"),
            ],
            "host" => vec!["::1".into()],
            other => panic!("nobody asked about {other}"),
        };
        let (found, left_out, asked) = walk(&format!("/dnsaddr/net{Q}"), zone);
        assert_eq!(found, [format!("/ip4/1.1.1.1/tcp/1{Q}"), format!("/ip6/::1/tcp/1{Q}")]);
        let end = |end: String| Omission::OtherEnd(end.parse().unwrap());
        assert_eq!(omissions(left_out), [end(Q.into()), end(format!("/tcp/1{Q}"))]);
        assert_eq!(asked, 3);
    }

    #[test]
    fn a_name_for_another_transport_is_handed_on_as_it_is() {
        let web = "/dns4/host/tcp/443/wss";
        let (found, _, asked) = walk("/dnsaddr/net", |_| vec![format!("dnsaddr={web}")]);
        assert_eq!((found, asked), (vec![web.to_owned()], 1));
    }

    #[test]
    fn what_is_no_address_is_told() {
        let bad = ["dnsaddr=", "dnsaddr=nothing", "dnsaddr=/ip4/1", "dnsaddr=/dnsaddr/a..b"];
        let (found, left_out, _) = walk("/dnsaddr/net", |_| bad.map(String::from).into());
        assert!(found.is_empty());
        assert_eq!(left_out.len(), 4);
        let text = left_out[2].to_string();
        assert_eq!(text, "/ip4/1: no address, protocol ip4: \"1\" is no IPv4 address");
        assert_eq!(left_out[3].why, Omission::BadName);
    }

    #[test]
    fn whoever_publishes_a_name_cannot_lead_us_into_our_own_machine() {
        let local = ["/unix/run/docker.sock", "/memory/1", "/memory/1/ws"];
        for end in ["", Q] {
            let (found, left_out, _) = walk(&format!("/dnsaddr/net{end}"), |_| {
                local.iter().map(|address| format!("dnsaddr={address}{end}")).collect()
            });
            assert_eq!((found.len(), omissions(left_out)), (0, vec![Omission::Local; 3]));
        }
    }

    #[test]
    fn circles_end() {
        let zone = |host: &Host| match host.name.as_str() {
            "a" => vec!["dnsaddr=/dnsaddr/b".into(), "dnsaddr=/dnsaddr/a".into()],
            _ => vec!["dnsaddr=/dnsaddr/a".into(), "dnsaddr=/ip4/1.1.1.1/tcp/1".into()],
        };
        let (found, left_out, asked) = walk("/dnsaddr/a", zone);
        assert_eq!((found.len(), asked), (1, 2));
        assert_eq!(omissions(left_out), [Omission::Again, Omission::Again]);
    }

    #[test]
    fn a_chain_is_followed_so_far_and_no_further() {
        let zone = |host: &Host| {
            let next = host.name.parse::<usize>().unwrap() + 1;
            vec![format!("dnsaddr=/dnsaddr/{next}")]
        };
        let (found, left_out, asked) = walk("/dnsaddr/0", zone);
        assert!(found.is_empty());
        assert_eq!(asked, MAX_DEPTH + 1);
        assert_eq!(omissions(left_out), [Omission::TooDeep(MAX_DEPTH)]);
    }

    #[test]
    fn a_hundred_names_or_addresses_are_not_all_taken() {
        let names = (0..100).map(|number| format!("dnsaddr=/dns/n{number}/tcp/1"));
        let zone = |host: &Host| if host.name == "net" { names.clone().collect() } else { vec![] };
        let (_, left_out, asked) = walk("/dnsaddr/net", zone);
        assert_eq!(asked, 1 + (MAX_LOOKUPS - 1) / 2, "each name takes two look-ups");
        assert!(left_out.iter().all(|left| left.why == Omission::TooManyLookups(MAX_LOOKUPS)));
        assert_eq!(left_out.len(), MAX_LEFT_OUT);

        let ips = (0..120).map(|number| format!("10.0.0.{number}"));
        let (found, left_out, _) = walk("/dns4/host/tcp/1", |_| ips.clone().collect());
        assert_eq!(found.len(), MAX_FOUND);
        assert_eq!(omissions(left_out), vec![Omission::TooManyAddresses(MAX_FOUND); 20]);
    }

    /// Records that somebody hostile might publish.
    fn record() -> impl Strategy<Value = Vec<u8>> {
        let name = prop_oneof!["[a-c]", "[a-c.]{0,4}"];
        let address = (prop_oneof![Just("dnsaddr"), Just("dns"), Just("dns4"), Just("ip4")], name)
            .prop_flat_map(|(kind, name)| {
                let end = prop_oneof![Just(""), Just("/tcp/1"), Just("/tcp/1/ws"), Just(Q)];
                end.prop_map(move |end| format!("dnsaddr=/{kind}/{name}{end}").into_bytes())
            });
        prop_oneof![
            4 => address,
            1 => prop::collection::vec(any::<u8>(), 0..20),
            1 => Just(b"dnsaddr=/ip4/1.2.3.4/tcp/1".to_vec()),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn every_walk_ends_within_its_bounds(
            zones in prop::collection::vec(prop::collection::vec(record(), 0..50), 1..8),
        ) {
            let host = Host::parse(&format!("/dnsaddr/a{Q}").parse().unwrap()).unwrap();
            for host in [host, Host::parse(&"/dnsaddr/a".parse().unwrap()).unwrap()] {
                let end = host.rest.clone();
                let (mut walk, mut asked) = (Walk::new(&host, &is_tcp), 0);
                while let Some(question) = walk.poll_question() {
                    prop_assert!(question.host.is_domain());
                    if question.host.kind == Kind::Dnsaddr {
                        walk.handle_texts(&question, &zones[asked % zones.len()]);
                    } else {
                        walk.handle_ips(&question, ["1.1.1.1".parse().unwrap()]);
                    }
                    asked += 1;
                }
                let (found, left_out) = walk.finish();
                prop_assert!(asked <= MAX_LOOKUPS && found.len() <= MAX_FOUND);
                prop_assert!(left_out.len() <= MAX_LEFT_OUT);
                prop_assert!(found.iter().all(|address| address.ends_with(&end)));
            }
        }
    }
}
