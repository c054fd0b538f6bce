//! A remote's answer to one proposal, put together from whatever pieces it comes in.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::AsyncRead;

use crate::exchange::poll_receive;
use crate::message::HEADER;
use crate::{Error, Message, frame};

/// An answer that has still to come.
#[derive(Debug)]
pub(crate) struct Answer {
    proposed: Arc<str>,
    header_due: bool,
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
        Answer { proposed, header_due: true }
    }

    /// The answer to a later proposal.
    pub(crate) fn without_header(proposed: Arc<str>) -> Self {
        Answer { proposed, header_due: false }
    }

    /// Reads up to the end of the answer, by way of `received`, and no further, unless the remote says something
    /// behind a refusal.
    pub(crate) fn poll_verdict<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        received: &mut Vec<u8>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Verdict, Error>> {
        loop {
            let consent = self.consent_length();
            let message = ready!(poll_receive(stream, received, Message::decode, consent, cx))?;
            if let Some(verdict) = self.handle_message(message)? {
                return Poll::Ready(Ok(verdict));
            }
        }
    }

    /// How long a consent is. What is shorter is followed by nothing before we speak again.
    fn consent_length(&self) -> usize {
        let header = if self.header_due { frame::length(HEADER.as_bytes()) } else { 0 };
        header + frame::length(self.proposed.as_bytes())
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
