//! What can go wrong while a protocol is agreed on.

use std::fmt;
use std::io;
use std::sync::Arc;

/// Why no protocol was agreed on.
///
/// The remote is at fault in all of them but [`Io`](Error::Io), which is the network's, and
/// [`NothingToOffer`](Error::NothingToOffer) and [`InvalidName`](Error::InvalidName), which are
/// the caller's.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The stream failed.
    #[error("the stream failed before a protocol was agreed on")]
    Io(#[source] Arc<io::Error>),
    /// The stream ended.
    #[error("the remote closed the stream before a protocol was agreed on")]
    Closed,
    /// What came is no message of this protocol.
    #[error("the remote sent a malformed message")]
    Malformed(#[from] Malformed),
    /// The first message was not the header of multistream-select 1.0.
    #[error("the remote does not speak multistream-select 1.0")]
    NotMultistream,
    /// A proposal was answered with neither its own name nor a refusal.
    #[error("the remote answered the proposal of {proposed:?} with {answer:?}")]
    UnexpectedAnswer {
        /// The name that was proposed.
        proposed: String,
        /// What came back.
        answer: String,
    },
    /// The only protocol that was proposed is refused.
    #[error("the remote does not speak {protocol:?}")]
    NotSupported {
        /// The name that was proposed.
        protocol: String,
    },
    /// All that a dialer proposed is refused.
    #[error("the remote accepts none of {}; it speaks {}", Names(offered), Known(remote))]
    NoneAccepted {
        /// What was proposed, in that order.
        offered: Vec<String>,
        /// What the remote said that it speaks, when it said so.
        remote: Option<Vec<String>>,
    },
    /// The remote went away after all that it proposed had been refused.
    #[error(
        "the remote wants none of what is spoken here: it asked for {}; supported are {}",
        Names(offered),
        Names(supported)
    )]
    NothingAgreed {
        /// The first of the names that the remote proposed.
        offered: Vec<String>,
        /// What this side speaks.
        supported: Vec<String>,
    },
    /// The remote kept on guessing.
    #[error("the remote made more than {limit} requests without an agreement")]
    TooManyRequests {
        /// How many are answered.
        limit: usize,
    },
    /// The remote does not tell what it speaks.
    #[error("the remote does not list its protocols")]
    NotListed,
    /// A dialer was given no names.
    #[error("no protocol to offer")]
    NothingToOffer,
    /// A name cannot be sent: it is empty, too long, has a line break, or means something else.
    #[error("not a name that can be proposed: {0:?}")]
    InvalidName(String),
}

/// Why bytes are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// The length has more bytes than it needs.
    #[error("the length is not encoded minimally")]
    LengthNotMinimal,
    /// The message is longer than its kind may be.
    #[error("the message is longer than {limit} bytes")]
    TooLong {
        /// The longest that is read, in bytes.
        limit: usize,
    },
    /// The message does not end in a line break.
    #[error("the message has no line break at its end")]
    NoLineBreak,
    /// The message holds no name: it is empty, not UTF-8, or has a line break inside.
    #[error("the message is not a name")]
    NotAName,
    /// The list has an encoding that nobody is known to use.
    #[error("the list of protocols cannot be read")]
    NotAList,
    /// The list has more names than are read.
    #[error("the list has more than {limit} protocols")]
    TooManyNames {
        /// The most that is read.
        limit: usize,
    },
}

impl Error {
    /// The error that an [`io::Error`] of a [`Negotiated`](crate::Negotiated) stream carries.
    #[must_use]
    pub fn carried_by(error: &io::Error) -> Option<&Error> {
        error.get_ref()?.downcast_ref()
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Error::Io(Arc::new(error))
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::Io(source) => source.kind(),
            Error::Closed => io::ErrorKind::UnexpectedEof,
            Error::NotSupported { .. }
            | Error::NoneAccepted { .. }
            | Error::NothingAgreed { .. }
            | Error::NotListed => io::ErrorKind::Unsupported,
            Error::NothingToOffer | Error::InvalidName(_) => io::ErrorKind::InvalidInput,
            Error::Malformed(_)
            | Error::NotMultistream
            | Error::UnexpectedAnswer { .. }
            | Error::TooManyRequests { .. } => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, error)
    }
}

/// Names for the reader of an error, escaped because a remote may have chosen them.
struct Names<'a>(&'a [String]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().take(MAX_SHOWN)).finish()?;
        match self.0.len().saturating_sub(MAX_SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// Names that one may have failed to learn.
struct Known<'a>(&'a Option<Vec<String>>);

impl fmt::Display for Known<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(names) => Names(names).fmt(f),
            None => f.write_str("what it does not tell"),
        }
    }
}

/// How many names an error's text shows: enough to see what is wrong, short enough for a log line.
const MAX_SHOWN: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_names_both_lists_and_escapes_what_the_remote_chose() {
        let error = Error::NoneAccepted {
            offered: vec!["/a".into()],
            remote: Some(vec!["/b\u{1b}[2J".into()]),
        };
        let text = error.to_string();
        assert_eq!(text, r#"the remote accepts none of ["/a"]; it speaks ["/b\u{1b}[2J"]"#);
    }

    #[test]
    fn a_long_list_is_cut_in_the_text() {
        let names = (0..100).map(|n| n.to_string()).collect::<Vec<_>>();
        let error = Error::NoneAccepted { offered: vec![], remote: Some(names) };
        assert!(error.to_string().ends_with("and 84 more"));
    }

    #[test]
    fn an_unknown_list_is_said_to_be_unknown() {
        let error = Error::NoneAccepted { offered: vec!["/a".into()], remote: None };
        assert!(error.to_string().ends_with("it speaks what it does not tell"));
    }
}
