//! Keeping up who is who: asking, answering, and telling of changes.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use peerloom_core::BoxError;
use peerloom_identify::{Info, PROTOCOL, PUSH_PROTOCOL, receive, send};
use peerloom_identity::SignedPeerRecord;
use peerloom_multiaddr::Multiaddr;
use peerloom_multistream_select::Negotiated;
use peerloom_swarm::Connection;
use tokio::io::AsyncWriteExt as _;

use crate::event::Event;
use crate::handlers::handler;
use crate::shared::{Identity, Known, Shared};
use crate::stream::Stream;
use crate::task;

/// Answers whoever asks, and takes what is pushed.
pub(crate) fn serve(shared: &Arc<Shared>) {
    let weak = Arc::downgrade(shared);
    let answer = handler(move |mut stream: Stream| {
        let shared = weak.upgrade();
        async move {
            let Some(shared) = shared else { return Ok(()) };
            let info = shared.own_info(stream.connection());
            within(send(&mut stream, &info)).await
        }
    });
    shared.set_handler(PROTOCOL, answer);
    let weak = Arc::downgrade(shared);
    let take = handler(move |mut stream: Stream| {
        let shared = weak.upgrade();
        async move {
            let Some(shared) = shared else { return Ok(()) };
            within(shared.take_push(&mut stream)).await
        }
    });
    shared.set_handler(PUSH_PROTOCOL, take);
}

/// Asks the peer of a new connection.
pub(crate) async fn ask(shared: Arc<Shared>, connection: Connection) {
    let peer = connection.peer();
    match within(hear(&connection)).await {
        Ok(info) => shared.learn(&connection, info),
        Err(error) => {
            tracing::debug!(%peer, %error, "identify failed");
            if let Some(known) = shared.known().get(&connection.id()) {
                known.identity.send_replace(Identity::Failed(error.into()));
            }
        }
    }
}

/// Tells every peer that listens of each change of what we are, until the host closes.
pub(crate) async fn push_changes(shared: Arc<Shared>) {
    let mut profile = shared.profile.subscribe();
    loop {
        tokio::select! {
            changed = profile.changed() => if changed.is_err() { return },
            () = shared.closed() => return,
        }
        // Changes come in bursts: several handlers, several addresses.
        tokio::time::sleep(SETTLE).await;
        profile.mark_unchanged();
        let known: Vec<_> = shared.known().values().cloned().collect();
        known.iter().for_each(|known| shared.push_if_stale(known));
    }
}

async fn push(shared: Arc<Shared>, connection: Connection) {
    let peer = connection.peer();
    let telling = async {
        let mut stream = Negotiated::lazy(connection.open().await?, PUSH_PROTOCOL)?;
        Ok::<(), BoxError>(send(&mut stream, &shared.own_info(&connection)).await?)
    };
    if let Err(error) = within(telling).await {
        tracing::debug!(%peer, %error, "identify push failed");
    }
}

async fn hear(connection: &Connection) -> Result<Info, BoxError> {
    let mut stream = Negotiated::lazy(connection.open().await?, PROTOCOL)?;
    let info = receive(&mut stream, &connection.peer()).await?;
    // Without our end the remote would see a reset.
    stream.shutdown().await?;
    Ok(info)
}

/// Puts a limit on how long the other side may take.
async fn within<T, E: Into<BoxError>>(
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, BoxError> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(result) => result.map_err(Into::into),
        Err(_) => Err(format!("identify took longer than {PATIENCE:?}").into()),
    }
}

impl Shared {
    /// What we tell of ourselves on a connection.
    fn own_info(&self, connection: &Connection) -> Info {
        let version = *self.profile.borrow();
        if let Some(known) = self.known().get(&connection.id()) {
            known.told.store(version, Ordering::Relaxed);
        }
        let mut addresses = self.listening().clone();
        addresses.truncate(MAX_OWN_ADDRESSES);
        Info {
            public_key: Some(self.keypair.public_key().encode()),
            listen_addresses: addresses.clone(),
            protocols: self.handlers().names(),
            observed_address: Some(connection.remote().without_peer_id()),
            protocol_version: self.protocol_version.clone(),
            agent_version: self.agent_version.clone(),
            signed_record: self.signed_record(version, addresses),
        }
    }

    /// Tells a peer of changes, if it wants to hear of them and was told something older.
    fn push_if_stale(self: &Arc<Self>, known: &Known) {
        let told = known.told.load(Ordering::Relaxed);
        let stale = told != 0 && told < *self.profile.borrow();
        let listens = |info: Arc<Info>| info.protocols.iter().any(|name| name == PUSH_PROTOCOL);
        if stale && known.info().is_some_and(listens) {
            task::spawn_boxed(push(self.clone(), known.connection.clone()));
        }
    }

    /// Takes a push, in its turn: one after the other, and not too many a second.
    async fn take_push(self: Arc<Self>, stream: &mut Stream) -> Result<(), BoxError> {
        let connection = stream.connection().clone();
        let known = self.known().get(&connection.id()).cloned();
        let Some(known) = known else { return Ok(()) };
        let _turn = known.hearing.lock().await;
        let update = receive(stream, &connection.peer()).await?;
        stream.shutdown().await?;
        self.learn(&connection, update);
        tokio::time::sleep(REST).await;
        Ok(())
    }

    /// Our addresses, signed; once for each version of what we tell.
    fn signed_record(&self, version: u64, addresses: Vec<Multiaddr>) -> Option<SignedPeerRecord> {
        let mut cached = self.signed_record.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, record)) = cached.as_ref().filter(|(of, _)| *of == version) {
            return Some(record.clone());
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let sequence = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        let record = SignedPeerRecord::seal(&self.keypair, sequence, addresses)
            .inspect_err(|error| tracing::warn!(%error, "our addresses could not be signed"))
            .ok()?;
        *cached = Some((version, record.clone()));
        Some(record)
    }

    /// Takes what the peer of a connection tells of itself.
    fn learn(self: &Arc<Self>, connection: &Connection, update: Info) {
        let Some(known) = self.known().get(&connection.id()).cloned() else { return };
        let before = known.info();
        let mut info = before.as_deref().cloned().unwrap_or_default();
        info.apply(update);
        if before.as_deref() == Some(&info) {
            return;
        }
        let info = Arc::new(info);
        known.identity.send_replace(Identity::Told(info.clone()));
        self.address_book().claim(connection.peer(), connection.remote(), &info.listen_addresses);
        self.tell(Event::Identified { connection: connection.clone(), info });
        self.push_if_stale(&known);
    }
}

/// How long one exchange with identify may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many of our addresses are told: with the record they leave room under what others read.
const MAX_OWN_ADDRESSES: usize = 32;

/// How long changes are gathered before they are told.
const SETTLE: Duration = Duration::from_millis(100);

/// How long after a push the next one of the same peer has to wait.
const REST: Duration = Duration::from_millis(200);
