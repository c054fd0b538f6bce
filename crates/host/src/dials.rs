//! Dials under way: who asks for the same peer waits for the same dial.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use peerloom_multiaddr::Multiaddr;
use peerloom_peer_id::PeerId;
use peerloom_swarm::{Connection, DialError};
use tokio::sync::watch;

use crate::task;

type Outcome = Result<Connection, DialError>;

/// Dials under way, by peer.
#[derive(Clone, Default)]
pub(crate) struct Dials(Arc<Mutex<Running>>);

#[derive(Default)]
struct Running(HashMap<PeerId, Dial>);

/// A dial under way.
struct Dial {
    addresses: Vec<Multiaddr>,
    /// Weak, so that waiting ends when the dial does, however it does.
    outcome: Weak<Sender>,
}

type Sender = watch::Sender<Option<Outcome>>;

impl Dials {
    /// Waits for the dial of `peer` that is under way, or for `dial`, which then is the one. It goes on
    /// as long as somebody waits for it. A dial that tries other addresses than the one under way
    /// goes its own way.
    pub(crate) async fn join(
        &self,
        peer: PeerId,
        addresses: Vec<Multiaddr>,
        dial: impl Future<Output = Outcome> + Send + 'static,
    ) -> Outcome {
        let mut waiting = {
            let mut dials = self.lock();
            let running = dials.0.get(&peer).filter(|running| running.tries(&addresses));
            match running.and_then(|running| running.outcome.upgrade()) {
                Some(sender) => sender.subscribe(),
                None => {
                    let sender = Arc::new(watch::Sender::new(None));
                    let waiting = sender.subscribe();
                    let outcome = Arc::downgrade(&sender);
                    dials.0.insert(peer, Dial { addresses, outcome });
                    task::spawn_boxed(self.clone().run(peer, sender, dial));
                    waiting
                }
            }
        };
        let outcome = waiting.wait_for(Option::is_some).await.ok();
        // Nothing comes when the task of the dial panicked, which its own message tells.
        let nothing = || Err(DialError::new(Some(peer), Vec::new()));
        outcome.and_then(|outcome| outcome.clone()).unwrap_or_else(nothing)
    }

    async fn run(self, peer: PeerId, sender: Arc<Sender>, dial: impl Future<Output = Outcome>) {
        tokio::pin!(dial);
        loop {
            tokio::select! {
                outcome = &mut dial => {
                    self.lock().end(peer, &sender);
                    sender.send_replace(Some(outcome));
                    return;
                }
                () = sender.closed() => {
                    let mut running = self.lock();
                    // Whoever joins does so under this lock.
                    if sender.receiver_count() == 0 {
                        running.end(peer, &sender);
                        return;
                    }
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    fn end(&mut self, peer: PeerId, sender: &Arc<Sender>) {
        if self.0.get(&peer).is_some_and(|dial| dial.outcome.as_ptr() == Arc::as_ptr(sender)) {
            self.0.remove(&peer);
        }
    }
}

impl Dial {
    fn tries(&self, addresses: &[Multiaddr]) -> bool {
        addresses.iter().all(|address| self.addresses.contains(address))
    }
}
