//! Dials under way: who asks for the same peer waits for the same dial.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use peerloom_peer_id::PeerId;
use peerloom_swarm::{Connection, DialError};
use tokio::sync::watch;

type Outcome = Result<Connection, DialError>;

/// Dials under way, by peer.
#[derive(Clone, Default)]
pub(crate) struct Dials(Arc<Mutex<HashMap<PeerId, watch::Sender<Option<Outcome>>>>>);

impl Dials {
    /// Waits for the dial of `peer` that is under way, or for `dial`, which then is the one. It goes on
    /// as long as somebody waits for it.
    pub(crate) async fn join(
        &self,
        peer: PeerId,
        dial: impl Future<Output = Outcome> + Send + 'static,
    ) -> Outcome {
        let mut waiting = {
            let mut dials = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match dials.get(&peer) {
                Some(sender) => sender.subscribe(),
                None => {
                    let sender = watch::Sender::new(None);
                    let waiting = sender.subscribe();
                    dials.insert(peer, sender.clone());
                    tokio::spawn(self.clone().run(peer, sender, dial));
                    waiting
                }
            }
        };
        match waiting.wait_for(Option::is_some).await {
            Ok(outcome) => {
                outcome.clone().unwrap_or_else(|| Err(DialError::new(Some(peer), Vec::new())))
            }
            // The task of the dial panicked, which its own message tells.
            Err(_) => Err(DialError::new(Some(peer), Vec::new())),
        }
    }

    async fn run(
        self,
        peer: PeerId,
        sender: watch::Sender<Option<Outcome>>,
        dial: impl Future<Output = Outcome>,
    ) {
        tokio::pin!(dial);
        let outcome = loop {
            tokio::select! {
                outcome = &mut dial => break Some(outcome),
                () = sender.closed() => {
                    let mut dials = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                    // Somebody may have joined since.
                    if sender.receiver_count() == 0 {
                        dials.remove(&peer);
                        return;
                    }
                }
            }
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&peer);
        sender.send_replace(outcome);
    }
}
