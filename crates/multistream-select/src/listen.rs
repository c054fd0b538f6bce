//! The listener's side: answering proposals until one is taken.

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use crate::exchange::Exchange;
use crate::{Error, Listing, Message, frame};

/// What a listener speaks.
///
/// A list of names (`[&str]`, `[String; 3]`, …) is one, which chooses by index, and so is a
/// [`Registry`](crate::Registry). What changes at run time locks itself in each method: they are
/// called once for every proposal and never held across an await.
pub trait Supported {
    /// What the name of a protocol leads to: an index, a handler, ….
    type Choice;

    /// What takes a proposed name, or `None` to refuse it.
    fn select(&self, name: &str) -> Option<Self::Choice>;

    /// The names to tell a remote that asks for them, and to name in errors.
    fn names(&self) -> Vec<String>;
}

/// What two sides have agreed on, as the listener sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed<C> {
    /// The name that the dialer proposed.
    pub name: String,
    /// What took it.
    pub choice: C,
}

/// Answers the remote's proposals until it proposes a supported protocol.
///
/// It says nothing before the remote's header has arrived, because some dialers lose what comes
/// before they listen; its own header then travels with the first answer. Exactly the negotiation
/// is read: the next byte is the protocol's. That the consent cannot be delivered is no error: a
/// remote that no longer reads may still have sent all that it had to say.
///
/// Not cancel safe: a stream on which this was dropped, or failed, is of no use any more.
///
/// # Errors
/// [`Error::NothingAgreed`] when the remote goes away after refusals, [`Error::TooManyRequests`]
/// when it does not; the other variants when it breaks the protocol or the stream fails.
pub async fn listen<S, P>(stream: &mut S, supported: &P) -> Result<Agreed<P::Choice>, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
    P: Supported + ?Sized,
{
    let agreed = listen_unflushed(stream, supported).await?;
    let _undelivered = stream.flush().await;
    Ok(agreed)
}

/// As [`listen`], but the consent is not flushed: it leaves with what is written next. Whoever has
/// to wait for the remote before that flushes first.
///
/// # Errors
/// As for [`listen`].
pub async fn listen_unflushed<S, P>(
    stream: &mut S,
    supported: &P,
) -> Result<Agreed<P::Choice>, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
    P: Supported + ?Sized,
{
    let mut exchange = Exchange::new(stream);
    if exchange.receive_header().await? != Message::Header {
        return Err(Error::NotMultistream);
    }
    exchange.queue(&Message::Header)?;
    let mut refused = Vec::new();
    for _ in 0..MAX_REQUESTS {
        let request = exchange.receive_before_sending(Message::decode).await;
        match request.map_err(|error| after_refusals(error, &refused, supported))? {
            Message::Protocol(name) => {
                if let Some(choice) = supported.select(&name) {
                    frame::encode(name.as_bytes(), &mut exchange.outgoing);
                    let _undelivered = exchange.write().await;
                    return Ok(Agreed { name, choice });
                }
                remember(name, &mut refused);
                exchange.queue(&Message::NotAvailable)?;
            }
            Message::List => Listing::encode(&supported.names(), &mut exchange.outgoing),
            Message::Header | Message::NotAvailable => exchange.queue(&Message::NotAvailable)?,
        }
        exchange.send().await?;
    }
    Err(Error::TooManyRequests { limit: MAX_REQUESTS })
}

impl<N: AsRef<str>> Supported for [N] {
    type Choice = usize;

    fn select(&self, name: &str) -> Option<usize> {
        self.iter().position(|supported| supported.as_ref() == name)
    }

    fn names(&self) -> Vec<String> {
        self.iter().map(|name| name.as_ref().to_owned()).collect()
    }
}

impl<N: AsRef<str>, const COUNT: usize> Supported for [N; COUNT] {
    type Choice = usize;

    fn select(&self, name: &str) -> Option<usize> {
        self.as_slice().select(name)
    }

    fn names(&self) -> Vec<String> {
        self.as_slice().names()
    }
}

impl<N: AsRef<str>> Supported for Vec<N> {
    type Choice = usize;

    fn select(&self, name: &str) -> Option<usize> {
        self.as_slice().select(name)
    }

    fn names(&self) -> Vec<String> {
        self.as_slice().names()
    }
}

/// A remote that leaves after refusals has found nothing that it wants.
fn after_refusals<P>(error: Error, refused: &[String], supported: &P) -> Error
where
    P: Supported + ?Sized,
{
    match error {
        Error::Closed | Error::Io(_) if !refused.is_empty() => {
            Error::NothingAgreed { offered: refused.to_vec(), supported: supported.names() }
        }
        error => error,
    }
}

fn remember(name: String, refused: &mut Vec<String>) {
    if refused.len() < MAX_REMEMBERED {
        refused.push(name);
    }
}

/// How many requests are answered: nobody speaks so many versions of one protocol, and each costs
/// the remote a round trip.
const MAX_REQUESTS: usize = 64;

/// How many refused names are kept for the error: 16 KiB of them at the most.
const MAX_REMEMBERED: usize = 16;
