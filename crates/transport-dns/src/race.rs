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

#[cfg(test)]
mod tests {
    use peerloom_core::{BoxListener, ByteStream, Error, Fault, Raw, Transport};
    use tokio::time::Instant;

    use super::*;

    /// Answers at `/memory/good`, refuses at `/memory/bad`, and is silent elsewhere.
    struct Places;

    impl Transport for Places {
        fn name(&self) -> &'static str {
            "places"
        }

        fn supports(&self, _: &Multiaddr) -> bool {
            true
        }

        async fn dial(&self, address: &Multiaddr) -> Result<Link, Error> {
            match address.to_string().as_str() {
                "/memory/good" => {}
                "/memory/bad" => return Err(Error::new("places", Fault::Network, "refused")),
                _ => std::future::pending().await,
            }
            let stream = ByteStream::from_io(tokio::io::duplex(1).0);
            Ok(Link::Raw(Raw { stream, local: address.clone(), remote: address.clone() }))
        }

        async fn listen(&self, _: &Multiaddr) -> Result<BoxListener, Error> {
            Err(Error::new("places", Fault::Caller, "nobody listens here"))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_is_silent_has_a_moment_and_one_that_refuses_none() {
        for (before, moments) in [("silent", 1), ("bad", 0)] {
            let places = ["/memory/".to_owned() + before, "/memory/good".to_owned()];
            let addresses = places.iter().map(|place| place.parse().unwrap()).collect();
            let start = Instant::now();
            let link = race(&BoxTransport::new(Places), addresses).await.unwrap();
            let Link::Raw(raw) = link else { panic!("it is a byte stream") };
            assert_eq!(
                (raw.remote.to_string(), start.elapsed()),
                (places[1].clone(), STAGGER * moments)
            );
        }
    }
}
