//! Certificates that are to be refused, and remotes that speak something else.
#![cfg(feature = "tls")]
#![expect(clippy::panic, clippy::unwrap_used, reason = "a failed step fails the test")]

mod peer;

use std::error::Error as _;

use peerloom_core::{
    BoxListener, BoxTransport, Fault, Link, Listener as _, ListenerEvent, Transport as _,
    read_bytes,
};
use peerloom_multiaddr::Multiaddr;
use peerloom_transport_memory::Network;
use peerloom_transport_ws::{Certificate, Config, Error, Refusal, Roots, Step, Transport};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// An authority that the clients of a test believe.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        Authority::named("an authority")
    }

    fn named(name: &str) -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn roots(&self) -> Roots {
        Roots::none().with_der(self.0.der().to_vec()).unwrap()
    }

    fn sign(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Certificate {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let signed = params.signed_by(&key, &self.0).unwrap();
        Certificate::from_der(vec![signed.der().to_vec()], key.serialize_der()).unwrap()
    }
}

fn over(network: &Network, config: Config) -> Transport {
    Transport::new(BoxTransport::new(network.transport()), config)
}

fn client(network: &Network, roots: Roots) -> Transport {
    over(network, Config { roots, ..Config::default() })
}

fn server(network: &Network, certificate: Certificate) -> Transport {
    over(network, Config { certificate: Some(certificate), ..Config::default() })
}

fn address(text: &str) -> Multiaddr {
    text.parse().unwrap()
}

async fn serve(listener: &mut BoxListener) -> std::io::Result<()> {
    let ListenerEvent::Incoming(Link::Raw(mut raw)) = listener.next().await.unwrap() else {
        panic!("a WebSocket is raw")
    };
    raw.stream.write_all(b"hello").await?;
    raw.stream.shutdown().await?;
    raw.stream.read_to_end(&mut Vec::new()).await?;
    Ok(())
}

/// What dialing `/tls/sni/a.example/ws` ends with, and what the server says of it.
async fn dial(
    certificate: Certificate,
    roots: Roots,
) -> (Result<(), peerloom_core::Error>, std::io::Result<()>) {
    let network = Network::default();
    let place = address("/memory/7/tls/sni/a.example/ws");
    let mut listener = server(&network, certificate).listen(&place).await.unwrap();
    let client = client(&network, roots);
    let dialing = async {
        let Link::Raw(mut raw) = client.dial(&place).await? else { panic!("a WebSocket is raw") };
        assert_eq!(read_bytes(&mut raw.stream).await.unwrap(), "hello");
        raw.stream.shutdown().await.unwrap();
        Ok(())
    };
    tokio::join!(dialing, serve(&mut listener))
}

async fn refused(certificate: Certificate, roots: Roots) -> Refusal {
    let (dialed, served) = dial(certificate, roots).await;
    let error = dialed.unwrap_err();
    assert_eq!(error.fault(), Fault::Peer);
    let Some(Error::Certificate(reason)) = error.downcast_ref() else { panic!("{error:?}") };
    let served = served.unwrap_err();
    assert!(matches!(peer::own(&served), Error::Tls(_)), "the server hears of it: {served:?}");
    let whole = error.source().unwrap().to_string();
    assert!(whole.contains("`Config::roots`"), "{whole}");
    assert!(!format!("{whole}{reason}").contains("Error"), "this is for people: {reason}");
    reason.clone()
}

/// A certificate that has signed itself, and may or may not sign others, and the roots with it.
fn self_signed(is_ca: IsCa) -> (Certificate, Roots) {
    let mut params = CertificateParams::new(["a.example".to_owned()]).unwrap();
    params.is_ca = is_ca;
    let key = KeyPair::generate().unwrap();
    let signed = params.self_signed(&key).unwrap().der().to_vec();
    let certificate = Certificate::from_der(vec![signed.clone()], key.serialize_der()).unwrap();
    (certificate, Roots::none().with_der(signed).unwrap())
}

#[tokio::test]
async fn a_certificate_for_the_name_from_a_believed_authority_is_accepted() {
    let authority = Authority::new();
    let (dialed, served) = dial(authority.sign("a.example", |_| {}), authority.roots()).await;
    dialed.unwrap();
    served.unwrap();
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let authority = Authority::new();
    let reason = refused(authority.sign("b.example", |_| {}), authority.roots()).await;
    let (asked, presented) = ("a.example".to_owned(), vec!["b.example".to_owned()]);
    assert_eq!(reason, Refusal::Name { asked, presented });
    assert!(reason.to_string().starts_with("it is not for a.example, the name that was asked for"));
    let nameless = authority.sign("a.example", |params| params.subject_alt_names.clear());
    let reason = refused(nameless, authority.roots()).await.to_string();
    assert!(reason.contains("no name at all"), "{reason}");
}

#[tokio::test]
async fn a_certificate_of_an_authority_is_refused_for_a_host_though_it_is_believed() {
    let (certificate, roots) = self_signed(IsCa::Ca(BasicConstraints::Unconstrained));
    for roots in [Roots::none(), roots] {
        let reason = refused(certificate.clone(), roots).await;
        assert_eq!(reason, Refusal::Authority);
        assert!(reason.to_string().contains("CA:FALSE"));
    }
    let (certificate, roots) = self_signed(IsCa::ExplicitNoCa);
    assert_eq!(refused(certificate.clone(), Roots::none()).await, Refusal::UnknownIssuer);
    let (dialed, served) = dial(certificate, roots).await;
    dialed.unwrap();
    served.unwrap();
}

#[tokio::test]
async fn a_certificate_for_another_purpose_is_refused_in_the_words_of_the_library() {
    let authority = Authority::new();
    let purpose = rcgen::ExtendedKeyUsagePurpose::ClientAuth;
    let other = authority.sign("a.example", |params| params.extended_key_usages = vec![purpose]);
    let reason = refused(other, authority.roots()).await;
    assert!(matches!(&reason, Refusal::Other(text) if text.contains("key usage")), "{reason}");
}

#[tokio::test]
async fn a_certificate_that_has_expired_or_is_for_later_is_refused() {
    let authority = Authority::new();
    let expired = authority.sign("a.example", |params| {
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2002, 1, 1);
    });
    let reason = refused(expired, authority.roots()).await;
    assert_eq!(reason, Refusal::Expired);
    let later = authority.sign("a.example", |params| params.not_before = date_time_ymd(3000, 1, 1));
    let reason = refused(later, authority.roots()).await;
    assert_eq!(reason, Refusal::NotValidYet);
}

#[tokio::test]
async fn a_certificate_that_nobody_or_a_stranger_has_signed_is_refused() {
    let authority = Authority::new();
    let own = rcgen::generate_simple_self_signed(["a.example".to_owned()]).unwrap();
    let own = Certificate::from_der(vec![own.cert.der().to_vec()], own.signing_key.serialize_der());
    let reason = refused(own.unwrap(), authority.roots()).await;
    assert_eq!(reason, Refusal::UnknownIssuer);
    let stranger = Authority::named("a stranger").sign("a.example", |_| {});
    assert_eq!(refused(stranger.clone(), authority.roots()).await, Refusal::UnknownIssuer);
    assert_eq!(refused(stranger, Roots::none()).await, Refusal::UnknownIssuer);
    let impostor = Authority::new().sign("a.example", |_| {});
    let reason = refused(impostor, authority.roots()).await;
    assert_eq!(reason, Refusal::BadSignature, "the name is not enough");
}

#[tokio::test]
async fn tls_to_a_plain_port_and_the_other_way_round_are_named() {
    let authority = Authority::new();
    let network = Network::default();
    let client = client(&network, authority.roots());
    let mut plain = client.listen(&address("/memory/7/ws")).await.unwrap();
    let place = address("/memory/7/tls/sni/a.example/ws");
    let (dialed, served) = tokio::join!(client.dial(&place), serve(&mut plain));
    let error = dialed.unwrap_err();
    assert!(
        matches!(error.downcast_ref(), Some(Error::NotTls(it)) if it.contains("HTTP")),
        "{error:?}"
    );
    assert_eq!(error.fault(), Fault::Peer);
    assert!(
        matches!(peer::own(&served.unwrap_err()), Error::NotHttp(it) if it.contains("speaks TLS"))
    );

    let server = server(&network, authority.sign("a.example", |_| {}));
    let mut secure = server.listen(&address("/memory/8/wss")).await.unwrap();
    let place = address("/memory/8/ws");
    let (dialed, served) = tokio::join!(client.dial(&place), serve(&mut secure));
    let error = dialed.unwrap_err();
    assert!(
        matches!(error.downcast_ref(), Some(Error::NotHttp(it)) if it.contains("speaks TLS")),
        "{error:?}"
    );
    assert!(
        matches!(peer::own(&served.unwrap_err()), Error::NotTls(it) if it.contains("speaks HTTP"))
    );
}

/// What dialing `/tls/sni/a.example/ws` ends with, when a plain listener says this and hangs up.
async fn answered(says: &[u8]) -> peerloom_core::Error {
    let network = Network::default();
    let mut plain = network.transport().listen(&address("/memory/7")).await.unwrap();
    let client = client(&network, Roots::none());
    let place = address("/memory/7/tls/sni/a.example/ws");
    let serving = async {
        let ListenerEvent::Incoming(Link::Raw(mut raw)) = plain.next().await.unwrap() else {
            panic!("memory is raw")
        };
        assert_eq!(raw.stream.read_u8().await.unwrap(), 0x16, "a TLS handshake");
        raw.stream.write_all(says).await.unwrap();
        raw.stream.shutdown().await.unwrap();
        // It fails when the client has gone first.
        let _ = raw.stream.read_to_end(&mut Vec::new()).await;
    };
    tokio::join!(client.dial(&place), serving).0.unwrap_err()
}

#[tokio::test]
async fn tls_to_a_plain_transport_says_what_came() {
    for (says, word) in [
        (&b"\x13/multistream/1.0.0\n"[..], "speaks multistream-select"),
        (b"HTTP/1.0 400 Bad Request\r\n\r\n", "speaks HTTP"),
        (b"SSH-2.0-a\r\n", "something else"),
    ] {
        let error = answered(says).await;
        let Some(Error::NotTls(it)) = error.downcast_ref() else { panic!("{error:?}") };
        assert!(it.contains(word), "{it}");
        assert_eq!(error.fault(), Fault::Peer);
    }
    let error = answered(b"").await;
    assert!(matches!(error.downcast_ref(), Some(Error::HungUp(Step::Tls, _))), "{error:?}");
    assert_eq!(error.fault(), Fault::Peer);
    let error = answered(b"\x16\x03\x03").await;
    assert!(matches!(error.downcast_ref(), Some(Error::Connection(Step::Tls, _))), "{error:?}");
    assert_eq!(error.fault(), Fault::Network, "it began as TLS does");
    let error = answered(b"\x16\x03\x03\x00\x04\x02\x00\x00\x00").await;
    assert!(matches!(error.downcast_ref(), Some(Error::Tls(_))), "an empty hello: {error:?}");
}

#[tokio::test]
async fn what_is_missing_for_tls_is_named_before_anything_is_sent() {
    let network = Network::default();
    let transport = over(&network, Config::default());
    let place = address("/memory/7/wss");
    assert!(transport.supports(&place));
    let error = transport.listen(&place).await.map(drop).unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(Error::NoCertificate(at)) if *at == place));
    assert_eq!(error.fault(), Fault::Caller);

    let _listener = network.transport().listen(&address("/memory/7")).await.unwrap();
    for place in ["/memory/7/wss", "/memory/7/tls/sni/no%20name/ws"] {
        let error = transport.dial(&address(place)).await.unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(Error::ServerName(_))), "{error:?}");
        assert_eq!(error.fault(), Fault::Caller);
    }
}

#[test]
fn certificates_and_keys_that_cannot_be_used_are_named() {
    let made = rcgen::generate_simple_self_signed(["a.example".to_owned()]).unwrap();
    let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let other = KeyPair::generate().unwrap().serialize_pem();
    for (chain, key) in [("", &key), (&*chain, &chain), (&chain, &other)] {
        let error = Certificate::from_pem(chain.as_bytes(), key.as_bytes()).unwrap_err();
        assert!(matches!(error, Error::Credentials(..)) && error.source().is_some());
        assert_eq!(error.fault(), Fault::Caller);
    }
    let error = Certificate::from_pem(chain.as_bytes(), other.as_bytes()).unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "that is not the key of this certificate");
    assert!(Certificate::from_der(vec![vec![1, 2, 3]], vec![4, 5, 6]).is_err());
    assert!(Roots::none().with_pem(key.as_bytes()).is_err());
    assert!(Roots::none().with_der(vec![1, 2, 3]).is_err());
    let shown = format!("{:?}", Certificate::from_pem(chain.as_bytes(), key.as_bytes()).unwrap());
    assert_eq!(shown, "Certificate", "nothing of the key is shown");
}
