//! What a service reports, and who waits for it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use bench_harness::serve;
use tentacle::context::{ServiceContext, SessionContext};
use tentacle::service::{ServiceAsyncControl, ServiceError, ServiceEvent};
use tentacle::traits::{ProtocolSpawn, ServiceHandle};
use tentacle::{ProtocolId, SessionId, SubstreamReadPart, async_trait};
use tokio::sync::oneshot::Sender;

use crate::stream::Slot;

#[derive(Default)]
pub(crate) struct Shared {
    closed: Mutex<HashSet<SessionId>>,
    dialing: Mutex<VecDeque<Sender<io::Result<SessionId>>>>,
    closing: Mutex<HashMap<SessionId, Sender<()>>>,
    opening: Mutex<HashMap<(SessionId, ProtocolId), Sender<SubstreamReadPart>>>,
    free: Mutex<VecDeque<ProtocolId>>,
}

impl Shared {
    /// Sessions that have ended.
    pub(crate) fn closed(&self) -> MutexGuard<'_, HashSet<SessionId>> {
        self.closed.lock().expect("no holder panics")
    }

    /// Who waits for a session, in the order of the dials.
    pub(crate) fn dialing(&self) -> MutexGuard<'_, VecDeque<Sender<io::Result<SessionId>>>> {
        self.dialing.lock().expect("no holder panics")
    }

    /// Who waits for the end of a session.
    pub(crate) fn closing(&self) -> MutexGuard<'_, HashMap<SessionId, Sender<()>>> {
        self.closing.lock().expect("no holder panics")
    }

    /// Who waits for a stream.
    pub(crate) fn opening(
        &self,
    ) -> MutexGuard<'_, HashMap<(SessionId, ProtocolId), Sender<SubstreamReadPart>>> {
        self.opening.lock().expect("no holder panics")
    }

    /// Protocols that no stream has.
    pub(crate) fn free(&self) -> MutexGuard<'_, VecDeque<ProtocolId>> {
        self.free.lock().expect("no holder panics")
    }
}

pub(crate) struct Spawn(pub(crate) Arc<Shared>);

impl ProtocolSpawn for Spawn {
    fn spawn(
        &self,
        context: Arc<SessionContext>,
        control: &ServiceAsyncControl,
        read: SubstreamReadPart,
    ) {
        if context.ty.is_outbound() {
            let waiting = self.0.opening().remove(&(context.id, read.protocol_id()));
            waiting.map(|sender| sender.send(read));
        } else {
            tokio::spawn(serve(Slot::of_listener(control.clone(), context.id, read)));
        }
    }
}

pub(crate) struct Events(pub(crate) Arc<Shared>);

#[async_trait]
impl ServiceHandle for Events {
    async fn handle_error(&mut self, _: &mut ServiceContext, error: ServiceError) {
        if let ServiceError::DialerError { error, .. } = error {
            let waiting = self.0.dialing().pop_front();
            waiting.map(|sender| sender.send(Err(io::Error::other(format!("{error:?}")))));
        }
    }

    async fn handle_event(&mut self, _: &mut ServiceContext, event: ServiceEvent) {
        match event {
            ServiceEvent::SessionOpen { session_context } if session_context.ty.is_outbound() => {
                let waiting = self.0.dialing().pop_front();
                waiting.map(|sender| sender.send(Ok(session_context.id)));
            }
            ServiceEvent::SessionClose { session_context } => {
                self.0.closed().insert(session_context.id);
                self.0.opening().retain(|(session, _), _| *session != session_context.id);
                let waiting = self.0.closing().remove(&session_context.id);
                waiting.map(|sender| sender.send(()));
            }
            _ => {}
        }
    }
}
