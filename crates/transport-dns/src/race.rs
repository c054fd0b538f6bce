//! Dialing what a name stands for, until one of them answers.

use std::collections::VecDeque;
use std::time::Duration;

use peerloom_core::{BoxTransport, Link, Transport as _};
use peerloom_multiaddr::Multiaddr;
use tokio::time::sleep;

use crate::crowd::Crowd;
use crate::error::Attempt;

/// Dials addresses in their order, each when the one before has failed or had a moment for itself.
/// The first that answers wins and the others are dropped.
pub(crate) async fn race(
    transport: &BoxTransport,
    addresses: Vec<Multiaddr>,
) -> Result<Link, Vec<Attempt>> {
    let (mut untried, mut failed) = (VecDeque::new(), Vec::new());
    for address in addresses {
        if untried.len() < MAX_DIALS && transport.supports(&address) {
            untried.push_back(address);
        } else {
            failed.push(Attempt { address, error: None });
        }
    }
    let not_tried = failed.len();
    let mut running = Crowd::new();
    loop {
        match untried.pop_front() {
            Some(address) => running.push(async move {
                let error = match transport.dial(&address).await {
                    Ok(link) => return Ok(link),
                    Err(error) => Some(error),
                };
                Err(Attempt { address, error })
            }),
            None if running.is_empty() => {
                failed.rotate_left(not_tried);
                return Err(failed);
            }
            None => {}
        }
        let ended = tokio::select! {
            ended = running.next() => ended,
            () = sleep(STAGGER), if !untried.is_empty() => None,
        };
        match ended {
            Some(Ok(link)) => return Ok(link),
            Some(Err(attempt)) => failed.push(attempt),
            None => {}
        }
    }
}

/// How long an address has the race for itself
/// ([RFC 8305](https://www.rfc-editor.org/rfc/rfc8305#section-8)).
const STAGGER: Duration = Duration::from_millis(250);

/// How many addresses behind one name are dialled: each costs a socket, and who has more has one that answers among these.
const MAX_DIALS: usize = 32;
