//! What names stand for, and what becomes of those that stand for nothing.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed step fails the test")]

mod server;

use std::error::Error as _;
use std::time::Duration;

use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType::{self, A, AAAA, TXT};
use peerloom_core::{BoxTransport, Fault, Link, Listener as _, Transport as _};
use peerloom_multiaddr::Multiaddr;
use peerloom_transport_dns::{Config, Error, Omission, Reason, Record, Resolver, Transport};

use server::{Answer, Server, dnsaddr, ip4, ip6, text};

const Q: &str = "/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";
const R: &str = "/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC";

const UNKNOWN: Answer = Answer::Nothing(ResponseCode::NXDomain);
const NONE: Answer = Answer::Nothing(ResponseCode::NoError);

/// DNS before TCP, which asks one server and has little patience.
fn before_tcp(server: &Server) -> Transport {
    transport(Config::with_servers([server.address]))
}

fn transport(config: Config) -> Transport {
    Transport::new(BoxTransport::new(peerloom_transport_tcp::Transport::default()), config)
}

fn address(text: &str) -> Multiaddr {
    text.parse().unwrap()
}

async fn resolve(transport: &Transport, name: &str) -> Vec<String> {
    let found = transport.resolve(&address(name)).await.unwrap();
    found.iter().map(ToString::to_string).collect()
}

async fn failure(transport: &Transport, name: &str) -> peerloom_core::Error {
    transport.resolve(&address(name)).await.unwrap_err()
}

/// Why the only question about a name has no answer.
async fn reason(zone: Answer) -> (Reason, Fault) {
    let server = Server::start(move |_, _| zone.clone()).await;
    let error = failure(&before_tcp(&server), "/dns4/a.example/tcp/1").await;
    let Some(Error::Lookup { source, .. }) = error.downcast_ref() else { panic!("{error:?}") };
    assert_eq!((source.name.as_str(), source.record), ("a.example", Record::A));
    assert_eq!(source.servers, [server.address]);
    let story = source.to_string();
    assert!(story.starts_with("A of a.example: "), "{story}");
    assert!(story.ends_with(&format!("(asked {})", server.address)), "{story}");
    (source.reason.clone(), error.fault())
}

#[tokio::test]
async fn a_name_is_asked_for_the_families_that_it_stands_for_and_keeps_the_rest() {
    let server = Server::start(|name, kind| match (name, kind) {
        ("a.example.", A) => Answer::Data(vec![ip4("192.0.2.1"), ip4("192.0.2.2")]),
        ("a.example.", AAAA) => Answer::Data(vec![ip6("2001:db8::1"), ip6("2001:db8::2")]),
        _ => UNKNOWN,
    })
    .await;
    let transport = before_tcp(&server);
    let (four, six) =
        (["/ip4/192.0.2.1", "/ip4/192.0.2.2"], ["/ip6/2001:db8::1", "/ip6/2001:db8::2"]);
    let end = format!("/tcp/4001{Q}");
    let with_end =
        |hosts: &[&str]| hosts.iter().map(|host| format!("{host}{end}")).collect::<Vec<_>>();
    assert_eq!(resolve(&transport, &format!("/dns4/a.example{end}")).await, with_end(&four));
    assert_eq!(server.asked(), ["A a.example."]);
    assert_eq!(resolve(&transport, &format!("/dns6/a.example.{end}")).await, with_end(&six));
    assert_eq!(server.asked(), ["A a.example.", "AAAA a.example."]);
    let both = with_end(&[six[0], four[0], six[1], four[1]]);
    assert_eq!(resolve(&transport, &format!("/dns/A.Example{end}")).await, both);
}

#[tokio::test]
async fn one_family_is_enough() {
    let server = Server::start(|_, kind| match kind {
        A => Answer::Data(vec![ip4("192.0.2.1")]),
        _ => NONE,
    })
    .await;
    assert_eq!(resolve(&before_tcp(&server), "/dns/a/tcp/1").await, ["/ip4/192.0.2.1/tcp/1"]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_about_ip6_holds_nobody_up() {
    let server = Server::start(|_, kind| match kind {
        A => Answer::Data(vec![ip4("192.0.2.1")]),
        _ => Answer::Silence,
    })
    .await;
    let before = tokio::time::Instant::now();
    assert_eq!(resolve(&before_tcp(&server), "/dns/a/tcp/1").await, ["/ip4/192.0.2.1/tcp/1"]);
    assert!(before.elapsed() < Duration::from_secs(1), "on the paused clock");
}

#[tokio::test]
async fn addresses_without_a_name_and_names_of_other_transports_stand_for_themselves() {
    let server = Server::start(|_, _| UNKNOWN).await;
    let transport = before_tcp(&server);
    for same in ["/ip4/127.0.0.1/tcp/1", "/memory/1", "/dns4/a/tcp/443/wss", "/dns/a/udp/1"] {
        assert_eq!(resolve(&transport, same).await, [same]);
    }
    assert!(server.asked().is_empty());
    let name = address("/dns4/a/tcp/443/wss");
    assert!(!transport.supports(&name));
    let error = transport.dial(&name).await.unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(Error::Unsupported(at)) if *at == name));
    assert_eq!(error.fault(), Fault::Caller);
}

#[tokio::test]
async fn what_a_server_says_is_the_reason() {
    assert_eq!(reason(UNKNOWN).await, (Reason::NoSuchName, Fault::Network));
    assert_eq!(reason(NONE).await, (Reason::NoRecords, Fault::Network));
    let wrong_kind = Answer::Data(vec![ip6("::1")]);
    assert_eq!(reason(wrong_kind).await, (Reason::NoRecords, Fault::Network));
    let wrong_name = Answer::OfAnotherName(vec![ip4("192.0.2.1")]);
    assert_eq!(reason(wrong_name).await, (Reason::NoRecords, Fault::Network));
    for code in [ResponseCode::Refused, ResponseCode::ServFail] {
        let (reason, fault) = reason(Answer::Nothing(code)).await;
        assert_eq!((reason, fault), (Reason::Refused(code.to_string()), Fault::Network));
    }
}

#[tokio::test(start_paused = true)]
async fn silence_and_garbage_take_as_long_as_they_may() {
    for answer in [Answer::Silence, Answer::Garbage] {
        assert_eq!(reason(answer).await, (Reason::TimedOut, Fault::Network));
    }
    let server = Server::start(|_, _| Answer::Silence).await;
    let limit = Duration::from_secs(2);
    let mut config = Config::with_servers([server.address]);
    config.timeout = limit;
    let error = failure(&transport(config), "/dns/a/tcp/1").await;
    let Some(Error::TimedOut { limit: told, servers, .. }) = error.downcast_ref() else {
        panic!("{error:?}")
    };
    assert_eq!((*told, error.fault()), (limit, Fault::Network));
    assert_eq!(servers, &[server.address]);
}

#[tokio::test]
async fn without_a_server_it_is_the_callers_fault() {
    let error = failure(&transport(Config::with_servers([])), "/dns4/a/tcp/1").await;
    let Some(Error::Lookup { source, .. }) = error.downcast_ref() else { panic!("{error:?}") };
    assert_eq!((&source.reason, error.fault()), (&Reason::NoServer, Fault::Caller));
}

#[tokio::test]
async fn when_both_families_fail_both_are_told() {
    let server = Server::start(|_, kind| if kind == A { UNKNOWN } else { NONE }).await;
    let error = failure(&before_tcp(&server), "/dns/a/tcp/1").await;
    let story = error.source().unwrap().to_string();
    assert!(story.contains("AAAA of a: no such records"), "{story}");
    assert!(story.contains("A of a: no such name"), "{story}");
}

#[tokio::test]
async fn a_second_server_answers_for_the_first() {
    let broken = Server::start(|_, _| Answer::Silence).await;
    let good = Server::start(|_, _| Answer::Data(vec![ip4("192.0.2.1")])).await;
    let transport = transport(Config::with_servers([broken.address, good.address]));
    assert_eq!(resolve(&transport, "/dns4/a/tcp/1").await, ["/ip4/192.0.2.1/tcp/1"]);
}

#[tokio::test]
async fn an_answer_is_remembered_by_all_who_share_the_resolver() {
    let server = Server::start(|_, _| Answer::Data(vec![ip4("192.0.2.1")])).await;
    let resolver = Resolver::new(Config::with_servers([server.address]));
    for _ in 0..2 {
        let tcp = BoxTransport::new(peerloom_transport_tcp::Transport::default());
        let transport = Transport::with_resolver(tcp, resolver.clone());
        assert_eq!(resolve(&transport, "/dns4/a/tcp/1").await.len(), 1);
    }
    assert_eq!(server.asked().len(), 1);
}

fn network(name: &str, kind: RecordType) -> Answer {
    let records = match (name, kind) {
        ("_dnsaddr.net.example.", TXT) => vec![
            text("v=spf1 -all"),
            dnsaddr(&format!("/dnsaddr/one.net.example/tcp/1{Q}")),
            dnsaddr(&format!("/dnsaddr/two.net.example/tcp/1{R}")),
            dnsaddr("/nonsense"),
        ],
        ("_dnsaddr.one.net.example.", TXT) => vec![
            dnsaddr(&format!("/ip4/192.0.2.1/tcp/1{Q}")),
            dnsaddr(&format!("/dns/host.example/tcp/1{Q}")),
        ],
        ("host.example.", A) => vec![ip4("192.0.2.7")],
        ("host.example.", AAAA) => vec![ip6("2001:db8::7")],
        _ => return UNKNOWN,
    };
    Answer::Data(records)
}

#[tokio::test]
async fn a_dnsaddr_leads_to_the_addresses_of_the_peer_that_is_asked_for() {
    let server = Server::start(network).await;
    let found = resolve(&before_tcp(&server), &format!("/dnsaddr/net.example{Q}")).await;
    let hosts = ["/ip6/2001:db8::7", "/ip4/192.0.2.1", "/ip4/192.0.2.7"];
    assert_eq!(found, hosts.map(|host| format!("{host}/tcp/1{Q}")));
    assert!(!server.asked().iter().any(|asked| asked.contains("two.net")));
}

#[tokio::test(start_paused = true)]
async fn what_was_found_in_time_counts_though_more_was_to_come() {
    let server = Server::start(|name, _| match name {
        "_dnsaddr.net.example." => Answer::Data(vec![
            dnsaddr("/dnsaddr/silent.example"),
            dnsaddr(&format!("/ip4/192.0.2.1/tcp/1{Q}")),
        ]),
        _ => Answer::Silence,
    })
    .await;
    let mut config = Config::with_servers([server.address]);
    config.timeout = Duration::from_secs(1);
    let found = resolve(&transport(config.clone()), "/dnsaddr/net.example").await;
    assert_eq!(found, [format!("/ip4/192.0.2.1/tcp/1{Q}")]);
    let error = failure(&transport(config), "/dnsaddr/silent.example").await;
    assert!(matches!(error.downcast_ref(), Some(Error::TimedOut { .. })), "{error:?}");
}

#[tokio::test]
async fn a_dnsaddr_that_leads_nowhere_tells_what_it_found() {
    let server = Server::start(network).await;
    let error = failure(&before_tcp(&server), &format!("/dnsaddr/net.example{R}")).await;
    let Some(Error::NothingFound { left_out, .. }) = error.downcast_ref() else {
        panic!("{error:?}")
    };
    assert_eq!(left_out.len(), 3);
    assert_eq!(left_out[0].why, Omission::OtherEnd(address(R)));
    assert!(matches!(left_out[1].why, Omission::Malformed(_)));
    let Omission::Lookup(lookup) = &left_out[2].why else { panic!("{left_out:?}") };
    assert_eq!((lookup.name.as_str(), lookup.record), ("_dnsaddr.two.net.example", Record::Txt));
    let story = error.source().unwrap().to_string();
    assert!(story.contains("TXT of _dnsaddr.two.net.example: no such name (asked 127."), "{story}");
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_asked_for_over_tcp() {
    let records: Vec<_> =
        (0..50).map(|n| dnsaddr(&format!("/ip4/192.0.2.{n}/tcp/4001{Q}"))).collect();
    let server = Server::start(move |_, _| Answer::OnlyOverTcp(records.clone())).await;
    assert_eq!(resolve(&before_tcp(&server), "/dnsaddr/a").await.len(), 50);
}

#[tokio::test]
async fn a_huge_set_of_records_is_taken_up_to_the_bound() {
    let records = (0..500).map(|n| dnsaddr(&format!("/ip4/10.0.{}.{}/tcp/1{Q}", n / 250, n % 250)));
    let records: Vec<_> = records.collect();
    let server = Server::start(move |_, _| Answer::OnlyOverTcp(records.clone())).await;
    assert_eq!(resolve(&before_tcp(&server), "/dnsaddr/a").await.len(), 100);
}

#[tokio::test]
async fn an_address_longer_than_one_string_of_a_record_is_put_together() {
    let long = format!("/dns4/{}/tcp/1{Q}", format!("{}.", "a".repeat(60)).repeat(4));
    assert!(255 < long.len());
    let answer = dnsaddr(&long);
    let server = Server::start(move |_, kind| match kind {
        TXT => Answer::Data(vec![answer.clone()]),
        _ => Answer::Data(vec![ip4("192.0.2.1")]),
    })
    .await;
    assert_eq!(
        resolve(&before_tcp(&server), "/dnsaddr/a").await,
        [format!("/ip4/192.0.2.1/tcp/1{Q}")]
    );
}

#[tokio::test]
async fn names_that_lead_in_a_circle_end() {
    let server = Server::start(|name, _| {
        Answer::Data(vec![dnsaddr(if name.contains("a.") { "/dnsaddr/b." } else { "/dnsaddr/a." })])
    })
    .await;
    let error = failure(&before_tcp(&server), "/dnsaddr/a.").await;
    let Some(Error::NothingFound { left_out, .. }) = error.downcast_ref() else {
        panic!("{error:?}")
    };
    assert!(matches!(left_out.as_slice(), [only] if only.why == Omission::Again), "{left_out:?}");
}

#[tokio::test]
async fn what_cannot_be_a_domain_name_is_not_asked_about() {
    let server = Server::start(|_, _| UNKNOWN).await;
    let name = format!("/dns4/{}/tcp/1", "a".repeat(64));
    let error = failure(&before_tcp(&server), &name).await;
    assert!(matches!(error.downcast_ref(), Some(Error::BadName(at)) if *at == address(&name)));
    assert_eq!((error.fault(), server.asked().len()), (Fault::Caller, 0));
}

#[tokio::test]
async fn one_does_not_listen_on_a_name() {
    let server = Server::start(|_, _| UNKNOWN).await;
    for name in ["/dns4/localhost/tcp/0", "/dnsaddr/a"] {
        let error = before_tcp(&server).listen(&address(name)).await.map(drop).unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(Error::ListenOnName(_))), "{error:?}");
        assert_eq!(error.fault(), Fault::Caller);
        assert!(error.source().unwrap().to_string().contains("/ip4/0.0.0.0"));
    }
}

#[tokio::test]
async fn a_dial_tries_every_address_until_one_answers() {
    let server = Server::start(|_, kind| match kind {
        A => Answer::Data(vec![ip4("127.0.0.2"), ip4("127.0.0.1")]),
        _ => NONE,
    })
    .await;
    let transport = before_tcp(&server);
    let mut listener = transport.listen(&address("/ip4/127.0.0.1/tcp/0")).await.unwrap();
    let at = listener.addresses().remove(0);
    let name = at.to_string().replace("/ip4/127.0.0.1", "/dns/a");
    let named = address(&name);
    let (dialed, accepted) = tokio::join!(transport.dial(&named), listener.next());
    let Link::Raw(raw) = dialed.unwrap() else { panic!("TCP gives byte streams") };
    assert_eq!(raw.remote, at);
    assert!(accepted.is_ok());

    drop(listener);
    let error = transport.dial(&named).await.unwrap_err();
    let Some(Error::Dial { attempts, .. }) = error.downcast_ref() else { panic!("{error:?}") };
    let tried: Vec<_> = attempts.iter().map(|attempt| attempt.address.to_string()).collect();
    assert_eq!(tried, [at.to_string().replace(".1/", ".2/"), at.to_string()]);
    assert_eq!(error.fault(), Fault::Network);
    let story = error.source().unwrap().to_string();
    assert!(story.contains(&name) && tried.iter().all(|tried| story.contains(tried)), "{story}");
}

#[tokio::test]
async fn a_dial_tells_what_it_did_not_try() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nobody = |n| dnsaddr(&format!("/ip4/127.0.0.{n}/tcp/{free}"));
    let mut records: Vec<_> = (1..=40).map(nobody).collect();
    records.push(dnsaddr("/ip4/127.0.0.1/udp/1/quic-v1"));
    let server = Server::start(move |_, _| Answer::OnlyOverTcp(records.clone())).await;
    let error = before_tcp(&server).dial(&address("/dnsaddr/a")).await.unwrap_err();
    let Some(Error::Dial { attempts, .. }) = error.downcast_ref() else { panic!("{error:?}") };
    assert_eq!(attempts.iter().filter(|attempt| attempt.error.is_some()).count(), 32);
    assert_eq!(attempts.iter().filter(|attempt| attempt.error.is_none()).count(), 9);
}

#[test]
fn the_systems_configuration_is_taken_as_it_is() {
    assert!(Config::system().servers().iter().all(|server| server.port() == 53));
}
