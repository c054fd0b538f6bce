//! The messages of a negotiation.

use crate::{Decoded, Error, Malformed, frame};

/// One message, as either side sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// `/multistream/1.0.0`: the first message of each side.
    Header,
    /// `na`: what was asked for is not available.
    NotAvailable,
    /// `ls`: the question for what the other side speaks, answered with a
    /// [`Listing`](crate::Listing).
    List,
    /// The name of a protocol: a dialer's proposal, or a listener's consent.
    ///
    /// Any UTF-8 text is a name that is not empty, has no line break and at most 1023 bytes, and
    /// is not one of the other messages. By convention names begin with `/`; nobody insists on it.
    Protocol(String),
}

impl Message {
    /// Reads the message at the start of `bytes`, however much of it has arrived.
    ///
    /// # Errors
    /// When the bytes are not the beginning of any message.
    pub fn decode(bytes: &[u8]) -> Result<Decoded<Message>, Malformed> {
        match frame::decode(bytes, MAX_MESSAGE)? {
            Decoded::Incomplete(missing) => Ok(Decoded::Incomplete(missing)),
            Decoded::Complete { value, length } => {
                Ok(Decoded::Complete { value: Message::from_line(value)?, length })
            }
        }
    }

    /// Appends the message to `out`.
    ///
    /// # Errors
    /// [`Error::InvalidName`] for a protocol whose name cannot be sent.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        if let Message::Protocol(name) = self {
            check_name(name)?;
        }
        frame::encode(self.text().as_bytes(), out);
        Ok(())
    }

    /// What is sent, without length and line break.
    pub(crate) fn text(&self) -> &str {
        match self {
            Message::Header => HEADER,
            Message::NotAvailable => NOT_AVAILABLE,
            Message::List => LIST,
            Message::Protocol(name) => name,
        }
    }

    fn from_line(line: &[u8]) -> Result<Message, Malformed> {
        let text = str::from_utf8(line).map_err(|_| Malformed::NotAName)?;
        match text.strip_suffix('\n').ok_or(Malformed::NoLineBreak)? {
            HEADER => Ok(Message::Header),
            NOT_AVAILABLE => Ok(Message::NotAvailable),
            LIST => Ok(Message::List),
            name if is_name(name) => Ok(Message::Protocol(name.to_owned())),
            _ => Err(Malformed::NotAName),
        }
    }
}

/// Refuses a name of the caller's that no message can carry.
pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    if is_name(name) { Ok(()) } else { Err(Error::InvalidName(name.to_owned())) }
}

/// Whether a message can carry `name` as that of a protocol.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() < MAX_MESSAGE
        && !name.contains('\n')
        && ![HEADER, NOT_AVAILABLE, LIST].contains(&name)
}

pub(crate) const HEADER: &str = "/multistream/1.0.0";
const NOT_AVAILABLE: &str = "na";
const LIST: &str = "ls";

/// The longest message but for a listing, with its line break. Go and JavaScript read no longer
/// ones, and no name comes near.
const MAX_MESSAGE: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(message: &Message) -> Vec<u8> {
        let mut out = Vec::new();
        message.encode(&mut out).unwrap();
        out
    }

    #[test]
    fn the_names_of_other_messages_are_no_protocols() {
        for name in ["", "na", "ls", "/multistream/1.0.0", "/a\n/b"] {
            let outcome = Message::Protocol(name.into()).encode(&mut Vec::new());
            assert!(matches!(outcome, Err(Error::InvalidName(_))), "{name:?}");
        }
    }

    #[test]
    fn a_name_may_fill_the_longest_message() {
        let message = Message::Protocol("x".repeat(1023));
        let bytes = encoded(&message);
        let length = bytes.len();
        assert_eq!(Message::decode(&bytes), Ok(Decoded::Complete { value: message, length }));
        let outcome = Message::Protocol("x".repeat(1024)).encode(&mut Vec::new());
        assert!(matches!(outcome, Err(Error::InvalidName(_))));
    }

    #[test]
    fn a_name_need_not_begin_with_a_slash() {
        let value = Message::Protocol("sfst_1.0".into());
        assert_eq!(Message::decode(b"\x09sfst_1.0\n"), Ok(Decoded::Complete { value, length: 10 }));
    }

    #[test]
    fn what_is_not_a_line_of_text_is_refused() {
        assert_eq!(Message::decode(b"\x01\n"), Err(Malformed::NotAName));
        assert_eq!(Message::decode(b"\x03\xff\xfe\n"), Err(Malformed::NotAName));
        assert_eq!(Message::decode(b"\x06/a\n/b\n"), Err(Malformed::NotAName));
    }
}
