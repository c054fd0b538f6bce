//! A remote's answer to one proposal, put together from whatever pieces it comes in.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::AsyncRead;

use crate::exchange::poll_receive;
use crate::{Error, Message};

/// An answer that has still to come.
#[derive(Debug)]
pub(crate) struct Answer {
    proposed: Arc<str>,
    header_due: bool,
    received: Vec<u8>,
}

/// What the remote thinks of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted,
    Refused,
}

impl Answer {
    /// The answer to the first proposal, which comes after the remote's header.
    pub(crate) fn with_header(proposed: Arc<str>) -> Self {
        Answer { proposed, header_due: true, received: Vec::new() }
    }

    /// The answer to a later proposal.
    pub(crate) fn without_header(proposed: Arc<str>) -> Self {
        Answer { proposed, header_due: false, received: Vec::new() }
    }

    /// Reads up to the end of the answer and no further.
    pub(crate) fn poll_verdict<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Verdict, Error>> {
        loop {
            let message = ready!(poll_receive(stream, &mut self.received, Message::decode, cx))?;
            if let Some(verdict) = self.handle_message(message)? {
                return Poll::Ready(Ok(verdict));
            }
        }
    }

    fn handle_message(&mut self, message: Message) -> Result<Option<Verdict>, Error> {
        if self.header_due {
            self.header_due = false;
            return if message == Message::Header { Ok(None) } else { Err(Error::NotMultistream) };
        }
        match message {
            Message::Protocol(name) if *name == *self.proposed => Ok(Some(Verdict::Accepted)),
            Message::NotAvailable => Ok(Some(Verdict::Refused)),
            Message::Protocol(_) | Message::Header | Message::List => {
                Err(Error::UnexpectedAnswer {
                    proposed: self.proposed.as_ref().to_owned(),
                    answer: message.text().to_owned(),
                })
            }
        }
    }
}
