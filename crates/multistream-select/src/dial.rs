//! The dialer's side: proposing names until one is taken.

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use crate::answer::{Answer, Verdict};
use crate::exchange::Exchange;
use crate::message::{HEADER, check_name};
use crate::{Error, Listing, Malformed, Message, frame};

/// Proposes `protocols` in their order, and returns the index of the one that the remote takes.
///
/// The first proposal travels with the header, so that an agreement on it costs one round trip;
/// every refusal costs another. When all are refused the remote is asked what it speaks, for the
/// error to name it. Exactly the negotiation is read: the next byte is the protocol's.
///
/// Not cancel safe: a stream on which this was dropped, or failed, is of no use any more.
///
/// # Errors
/// [`Error::NoneAccepted`] when the remote takes none of them; the other variants when it breaks
/// the protocol, the stream fails, or a name cannot be proposed.
pub async fn dial<S, N>(stream: &mut S, protocols: &[N]) -> Result<usize, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
    N: AsRef<str>,
{
    if protocols.is_empty() {
        return Err(Error::NothingToOffer);
    }
    protocols.iter().try_for_each(|name| check_name(name.as_ref()))?;
    let mut exchange = Exchange::new(stream);
    exchange.queue(&Message::Header)?;
    for (index, name) in protocols.iter().map(AsRef::as_ref).enumerate() {
        exchange.queue(&Message::Protocol(name.to_owned()))?;
        exchange.send().await?;
        let answer = if index == 0 { Answer::with_header } else { Answer::without_header };
        match exchange.verdict(answer(name.into())).await? {
            Verdict::Accepted => return Ok(index),
            Verdict::Refused => {}
        }
    }
    Err(Error::NoneAccepted {
        offered: protocols.iter().map(|name| name.as_ref().to_owned()).collect(),
        remote: ask(&mut exchange).await.ok(),
    })
}

/// Asks the remote which protocols it speaks. It need not tell.
///
/// # Errors
/// [`Error::NotListed`] when the remote does not answer such questions; the other variants when
/// it breaks the protocol or the stream fails.
pub async fn ls<S>(stream: &mut S) -> Result<Vec<String>, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut exchange = Exchange::new(stream);
    exchange.queue(&Message::Header)?;
    exchange.queue(&Message::List)?;
    exchange.send().await?;
    match exchange.receive(Message::decode).await? {
        Message::Header => list(&mut exchange).await,
        Message::NotAvailable | Message::List | Message::Protocol(_) => Err(Error::NotMultistream),
    }
}

/// The bytes that propose `protocol`, header and all, to be sent in front of the first data.
///
/// Whoever sends them without waiting leaves the answer to [`Negotiated::awaiting`].
///
/// # Errors
/// [`Error::InvalidName`] when the name cannot be proposed.
///
/// [`Negotiated::awaiting`]: crate::Negotiated::awaiting
pub fn proposal(protocol: &str) -> Result<Vec<u8>, Error> {
    check_name(protocol)?;
    let mut bytes =
        Vec::with_capacity(frame::length(HEADER.as_bytes()) + frame::length(protocol.as_bytes()));
    frame::encode(HEADER.as_bytes(), &mut bytes);
    frame::encode(protocol.as_bytes(), &mut bytes);
    Ok(bytes)
}

/// Writes the [`proposal`] of `protocol` and neither flushes nor waits for the answer.
///
/// # Errors
/// When the name cannot be proposed, or the stream fails.
pub async fn propose<W>(stream: &mut W, protocol: &str) -> Result<(), Error>
where
    W: AsyncWrite + Unpin,
{
    Ok(stream.write_all(&proposal(protocol)?).await?)
}

async fn ask<S>(exchange: &mut Exchange<'_, S>) -> Result<Vec<String>, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    exchange.queue(&Message::List)?;
    exchange.send().await?;
    list(exchange).await
}

async fn list<S>(exchange: &mut Exchange<'_, S>) -> Result<Vec<String>, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let count = match exchange.receive(Listing::decode).await? {
        Listing::Names(names) => return Ok(names),
        Listing::NotAvailable => return Err(Error::NotListed),
        Listing::Announced(count) => count,
    };
    let mut names = Vec::new();
    for _ in 0..count {
        match exchange.receive(Message::decode).await? {
            Message::Protocol(name) => names.push(name),
            Message::Header | Message::NotAvailable | Message::List => {
                return Err(Malformed::NotAList.into());
            }
        }
    }
    Ok(names)
}
