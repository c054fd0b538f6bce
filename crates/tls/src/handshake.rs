//! The handshake: rustls says what to send and what to wait for, this carries it.
//!
//! What comes is shown to rustls one record after the other, so that it never sees one of those that
//! are ours to open.

use peerloom_core::{ByteStream, Handshake, Role};
use peerloom_peer_id::EncodedKey;
use rustls::client::UnbufferedClientConnection;
use rustls::kernel::KernelConnection;
use rustls::pki_types::{IpAddr, Ipv4Addr, ServerName};
use rustls::server::{Acceptor, UnbufferedServerConnection};
use rustls::unbuffered::{ConnectionState, EncodeError, EncodeTlsData, UnbufferedStatus};
use rustls::{CommonState, ExtractedSecrets};
use tokio::io::AsyncWriteExt;

use crate::Error;
use crate::certificate::Certificate;
use crate::received::Received;
use crate::settings::{LIBP2P, Settings};
use crate::shared::Schedule;

/// What a handshake ends with.
pub(crate) struct Agreed {
    pub(crate) secrets: ExtractedSecrets,
    pub(crate) schedule: Schedule,
    pub(crate) remote_key: EncodedKey,
    pub(crate) muxer: Option<String>,
    /// What came behind the handshake.
    pub(crate) behind: Vec<u8>,
}

/// Shakes hands over a stream.
pub(crate) async fn shake_hands(
    stream: &mut ByteStream,
    settings: &Settings,
    handshake: Handshake<'_>,
) -> Result<Agreed, peerloom_core::Error> {
    let mut received = Received::default();
    let mut connection = match handshake.role {
        Role::Dialer => dial(settings, handshake.muxers)?,
        Role::Listener => listen(stream, &mut received, settings, handshake.muxers).await?,
    };
    let mut outgoing = Vec::new();
    let mut remote_key = None;
    loop {
        let (used, step) = connection.advance(received.shown(), &mut outgoing);
        received.discard(used);
        let step = match step {
            Ok(step) => step,
            Err(error) => {
                connection.give_up(&mut outgoing);
                // The remote may be gone, which says less than why we give up.
                let _ = send(stream, &mut outgoing).await;
                return Err(Error::from(error).into());
            }
        };
        // A dialer knows who answered before it has told who it is.
        if remote_key.is_none()
            && let Some(key) = connection.remote_key()?
        {
            handshake.check("tls", key.peer_id())?;
            remote_key = Some(key);
        }
        match step {
            Step::Again => {}
            // It means nothing and is asked for by nobody, so it goes with what comes next.
            Step::Send if outgoing == CHANGE_CIPHER_SPEC => {}
            Step::Send => send(stream, &mut outgoing).await?,
            Step::Receive => received.show_more(stream).await?,
            Step::Done => break,
        }
    }
    // rustls asks for a certificate and takes no handshake without one.
    let remote_key = remote_key.ok_or_else(|| Error::Keys("a handshake with nobody".into()))?;
    let muxer = connection.muxer();
    let (secrets, schedule) = connection.into_keys()?;
    Ok(Agreed { secrets, schedule, remote_key, muxer, behind: received.into_behind() })
}

/// Offers the muxers, in their order, and behind them the protocol that stands for none.
fn dial(settings: &Settings, muxers: &[&str]) -> Result<Connection, Error> {
    let muxers = muxers.iter().filter(|muxer| fits(muxer)).take(MAX_MUXERS);
    let protocols = muxers.map(|muxer| muxer.as_bytes()).chain([LIBP2P]);
    let protocols = protocols.map(<[u8]>::to_vec).collect();
    // Whom we dial is in no name: the specification wants none to be sent.
    let nobody = ServerName::IpAddress(IpAddr::V4(Ipv4Addr::from([0; 4])));
    let config = settings.dialer.clone();
    let connection = UnbufferedClientConnection::new_with_alpn(config, nobody, protocols)?;
    Ok(Connection::Dialer(connection))
}

/// Looks at what the dialer offers, to choose by its order, which rustls would not.
async fn listen(
    stream: &mut ByteStream,
    received: &mut Received,
    settings: &Settings,
    muxers: &[&str],
) -> Result<Connection, Error> {
    let mut acceptor = Acceptor::default();
    let mut seen = 0;
    let accepted = loop {
        let new = received.all().get(seen..).unwrap_or_default();
        seen += acceptor.read_tls(&mut &*new).map_err(|e| Error::Handshake(e.into()))?;
        match acceptor.accept() {
            Ok(Some(accepted)) => break accepted,
            Ok(None) if seen < received.all().len() => {}
            Ok(None) => received.receive(stream).await?,
            Err((error, mut alert)) => {
                let mut outgoing = Vec::new();
                let _ = alert.write_all(&mut outgoing);
                let _ = send(stream, &mut outgoing).await;
                return Err(error.into());
            }
        }
    };
    let mut offered = accepted.client_hello().alpn().into_iter().flatten();
    let chosen = offered.find(|&protocol| {
        protocol == LIBP2P || muxers.iter().any(|muxer| muxer.as_bytes() == protocol)
    });
    let config = settings.listener_for(chosen.unwrap_or(LIBP2P));
    Ok(Connection::Listener(UnbufferedServerConnection::new(config)?))
}

/// Whether a name has a length that can be offered.
fn fits(muxer: &str) -> bool {
    (1..=255).contains(&muxer.len())
}

async fn send(stream: &mut ByteStream, outgoing: &mut Vec<u8>) -> Result<(), Error> {
    stream.write_all(outgoing).await.map_err(Error::Stream)?;
    stream.flush().await.map_err(Error::Stream)?;
    outgoing.clear();
    Ok(())
}

/// A handshake of rustls, in either role.
enum Connection {
    Dialer(UnbufferedClientConnection),
    Listener(UnbufferedServerConnection),
}

/// What a handshake needs to go on.
enum Step {
    /// Nothing.
    Again,
    /// What it wants to send has to go out.
    Send,
    /// More has to come.
    Receive,
    /// It is at its end.
    Done,
}

impl Connection {
    /// Goes one step on, and says how much of `shown` is not needed any more.
    fn advance(
        &mut self,
        shown: &mut [u8],
        outgoing: &mut Vec<u8>,
    ) -> (usize, Result<Step, rustls::Error>) {
        match self {
            Connection::Dialer(connection) => step(connection.process_tls_records(shown), outgoing),
            Connection::Listener(connection) => {
                step(connection.process_tls_records(shown), outgoing)
            }
        }
    }

    /// Takes the alert out with which rustls ends what failed, and what was to be sent before it.
    ///
    /// It is never asked for more than that, as it would look at what failed once more.
    fn give_up(&mut self, outgoing: &mut Vec<u8>) {
        while self.common().wants_write() {
            // Each step takes one piece out.
            let _ = self.advance(&mut [], outgoing);
        }
    }

    fn common(&self) -> &CommonState {
        match self {
            Connection::Dialer(connection) => connection,
            Connection::Listener(connection) => connection,
        }
    }

    /// The identity key in the remote's certificate, as soon as that is verified.
    fn remote_key(&self) -> Result<Option<EncodedKey>, Error> {
        let certificate = self.common().peer_certificates().and_then(<[_]>::first);
        let key = certificate.map(|certificate| Certificate::read(certificate)?.claimed());
        Ok(key.transpose()?)
    }

    fn muxer(&self) -> Option<String> {
        let protocol = self.common().alpn_protocol().filter(|&protocol| protocol != LIBP2P)?;
        // We offered it, or chose it among ours.
        String::from_utf8(protocol.to_vec()).ok()
    }

    fn into_keys(self) -> Result<(ExtractedSecrets, Schedule), Error> {
        fn keys<D>(
            keys: Result<(ExtractedSecrets, KernelConnection<D>), rustls::Error>,
            schedule: impl FnOnce(KernelConnection<D>) -> Schedule,
        ) -> Result<(ExtractedSecrets, Schedule), Error> {
            let (secrets, connection) = keys.map_err(|e| Error::Keys(e.into()))?;
            Ok((secrets, schedule(connection)))
        }
        match self {
            Connection::Dialer(connection) => {
                keys(connection.dangerous_into_kernel_connection(), Schedule::Dialer)
            }
            Connection::Listener(connection) => {
                keys(connection.dangerous_into_kernel_connection(), Schedule::Listener)
            }
        }
    }
}

/// What rustls wants, in our words.
fn step<D>(
    status: UnbufferedStatus<'_, '_, D>,
    outgoing: &mut Vec<u8>,
) -> (usize, Result<Step, rustls::Error>) {
    let UnbufferedStatus { discard, state, .. } = status;
    let step = state.and_then(|state| match state {
        ConnectionState::EncodeTlsData(data) => encode(data, outgoing).map(|()| Step::Again),
        ConnectionState::TransmitTlsData(data) => {
            data.done();
            Ok(Step::Send)
        }
        ConnectionState::BlockedHandshake => Ok(Step::Receive),
        ConnectionState::WriteTraffic(_) => Ok(Step::Done),
        _ => Err(rustls::Error::HandshakeNotComplete),
    });
    (discard, step)
}

/// Appends what is to be sent.
fn encode<D>(mut data: EncodeTlsData<'_, D>, outgoing: &mut Vec<u8>) -> Result<(), rustls::Error> {
    let before = outgoing.len();
    let Err(EncodeError::InsufficientSize(size)) = data.encode(&mut []) else { return Ok(()) };
    outgoing.resize(before + size.required_size, 0);
    let room = outgoing.get_mut(before..).unwrap_or_default();
    let written = data.encode(room).map_err(|e| rustls::Error::General(e.to_string()))?;
    outgoing.truncate(before + written);
    Ok(())
}

/// How many muxers a dialer offers: more than anybody has, less than makes its first message long.
const MAX_MUXERS: usize = 32;

/// What makes TLS 1.3 look like its forerunner, for boxes on the way.
const CHANGE_CIPHER_SPEC: &[u8] = &[20, 3, 3, 0, 1, 1];
