//! Finding out what a name stands for.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use peerloom_multiaddr::Multiaddr;
use tokio::time::timeout;
use tracing::debug;

use crate::config::Config;
use crate::crowd::Crowd;
use crate::error::{Error, LeftOut, LookupError, Omission, Record};
use crate::host::{Host, Kind, PREFIX};
use crate::lookup::Servers;
use crate::order::interleave;
use crate::walk::{Question, Walk};

/// Asks servers what names stand for, and remembers answers for as long as they say. Clones share what
/// is remembered.
#[derive(Clone)]
pub struct Resolver {
    servers: Servers,
    timeout: Duration,
}

/// What came of one question; the addresses of one family may be there while the other's failed.
enum Answer {
    Texts(Result<Vec<Vec<u8>>, LookupError>),
    Ips(Vec<IpAddr>, Vec<LookupError>),
}

impl Resolver {
    /// One that asks as `config` says.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let addresses: Vec<SocketAddr> = config.servers();
        let (timeout, without) = (config.timeout, config.without_servers());
        let (servers, options) = config.into_parts();
        let builder = TokioResolver::builder_with_config(servers, TokioRuntimeProvider::default());
        let resolver = builder.with_options(options).build();
        let resolver = resolver.expect("only TLS can fail here, and this crate turns it off");
        Resolver { servers: Servers { resolver, addresses: addresses.into(), without }, timeout }
    }

    /// The addresses that `address` stands for, IPv6 and IPv4 in turn; `None` when it does not begin with a name.
    ///
    /// `dialable` says what a transport can dial: names that it cannot dial whatever their IP address are kept,
    /// as they are for another transport.
    pub(crate) async fn resolve(
        &self,
        address: &Multiaddr,
        dialable: impl Fn(&Multiaddr) -> bool + Sync,
    ) -> Result<Option<Vec<Multiaddr>>, Error> {
        let Some(host) = Host::parse(address) else { return Ok(None) };
        if !host.is_domain() {
            return Err(Error::BadName(address.clone()));
        }
        let mut walk = Walk::new(&host, &dialable);
        let in_time = timeout(self.timeout, self.walk(&mut walk)).await;
        // What one server keeps silent about takes nothing from what others have told.
        let (found, left_out) = walk.finish();
        if found.is_empty() {
            in_time.map_err(|_| self.timed_out(address))?;
            return Err(nothing_found(address.clone(), left_out));
        }
        for LeftOut { what, why } in left_out {
            debug!(%address, %what, %why, "left out");
        }
        Ok(Some(interleave(found)))
    }

    fn timed_out(&self, address: &Multiaddr) -> Error {
        let servers = self.servers.addresses.to_vec();
        Error::TimedOut { address: address.clone(), limit: self.timeout, servers }
    }

    /// Asks all questions that are known, then those that follow from the answers.
    async fn walk(&self, walk: &mut Walk<'_>) {
        let mut asking = Crowd::new();
        loop {
            while let Some(question) = walk.poll_question() {
                asking.push(async move {
                    let answer = self.ask(&question.host).await;
                    (question, answer)
                });
            }
            let Some((question, answer)) = asking.next().await else { return };
            handle_answer(walk, &question, answer);
        }
    }

    async fn ask(&self, host: &Host) -> Answer {
        match host.kind {
            Kind::Dnsaddr => {
                let name = format!("{PREFIX}{}", host.name);
                Answer::Texts(self.servers.ask(&name, Record::Txt, text).await)
            }
            Kind::Ip { four: true, six: true } => self.ask_both(&host.name).await,
            Kind::Ip { six: true, .. } => ips([self.ask_ips(&host.name, Record::Aaaa).await]),
            Kind::Ip { .. } => ips([self.ask_ips(&host.name, Record::A).await]),
        }
    }

    /// Asks for both families at once. When one is there, the other has a moment more, since some servers
    /// never answer questions about IPv6.
    async fn ask_both(&self, name: &str) -> Answer {
        let (mut six, mut four) = (
            std::pin::pin!(self.ask_ips(name, Record::Aaaa)),
            std::pin::pin!(self.ask_ips(name, Record::A)),
        );
        let (first, other) = tokio::select! {
            first = &mut six => (first, four),
            first = &mut four => (first, six),
        };
        if first.is_err() {
            return ips([first, other.await]);
        }
        match timeout(SECOND_ANSWER, other).await {
            Ok(second) => ips([first, second]),
            Err(_) => ips([first]),
        }
    }

    async fn ask_ips(&self, name: &str, record: Record) -> Result<Vec<IpAddr>, LookupError> {
        self.servers.ask(name, record, |data| ip(data, record)).await
    }
}

fn handle_answer(walk: &mut Walk<'_>, question: &Question, answer: Answer) {
    match answer {
        Answer::Texts(Ok(texts)) => walk.handle_texts(question, &texts),
        Answer::Texts(Err(error)) => walk.handle_failure(question, error),
        Answer::Ips(ips, errors) => {
            walk.handle_ips(question, ips);
            for error in errors {
                walk.handle_failure(question, error);
            }
        }
    }
}

fn ips(answers: impl IntoIterator<Item = Result<Vec<IpAddr>, LookupError>>) -> Answer {
    let (mut found, mut failed) = (Vec::new(), Vec::new());
    for answer in answers {
        match answer {
            Ok(ips) => found.extend(ips),
            Err(error) => failed.push(error),
        }
    }
    Answer::Ips(found, failed)
}

fn ip(data: &RData, record: Record) -> Option<IpAddr> {
    match (data, record) {
        (RData::A(ip), Record::A) => Some(IpAddr::V4(ip.0)),
        (RData::AAAA(ip), Record::Aaaa) => Some(IpAddr::V6(ip.0)),
        _ => None,
    }
}

/// The text of a TXT record, whose strings belong together.
fn text(data: &RData) -> Option<Vec<u8>> {
    let RData::TXT(text) = data else { return None };
    Some(text.txt_data.concat())
}

/// Why there is nothing; in short, when that was one question without an answer.
fn nothing_found(address: Multiaddr, mut left_out: Vec<LeftOut>) -> Error {
    match left_out.pop() {
        Some(LeftOut { why: Omission::Lookup(source), .. }) if left_out.is_empty() => {
            Error::Lookup { address, source }
        }
        last => {
            left_out.extend(last);
            Error::NothingFound { address, left_out }
        }
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").field("servers", &self.servers.addresses).finish_non_exhaustive()
    }
}

/// How long the second of two answers is waited for; servers that answer at all do so in one round trip.
const SECOND_ANSWER: Duration = Duration::from_millis(300);
