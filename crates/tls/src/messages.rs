//! The messages that may come behind the handshake: tickets, which are ignored, and new keys.
//!
//! [RFC 8446, section 4.6](https://www.rfc-editor.org/rfc/rfc8446#section-4.6).

use peerloom_core::Role;

use crate::Error;

/// Reads messages as they come, in whole or in parts.
pub(crate) struct Messages {
    role: Role,
    /// A message, up to the part that says what to do with it.
    begun: [u8; KEY_UPDATE.len() + 1],
    length: usize,
    /// How much of a ticket is still to come.
    to_skip: usize,
}

/// The remote seals with a new key from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyUpdate {
    /// And leaves us ours.
    Theirs,
    /// And wants us to do the same.
    Both,
}

/// That this side seals with a new key from now on.
pub(crate) const OWN_KEY_UPDATE: [u8; KEY_UPDATE.len() + 1] = {
    let [kind, high, middle, low] = KEY_UPDATE;
    [kind, high, middle, low, NOT_REQUESTED]
};

impl Messages {
    /// For this end of a connection.
    pub(crate) fn new(role: Role) -> Self {
        Messages { role, begun: [0; KEY_UPDATE.len() + 1], length: 0, to_skip: 0 }
    }

    /// Whether more of a message is to come, so that nothing else may come between.
    pub(crate) fn is_within_one(&self) -> bool {
        self.length != 0 || self.to_skip != 0
    }

    /// Reads what was in one record.
    pub(crate) fn read(&mut self, mut bytes: &[u8]) -> Result<Option<KeyUpdate>, Error> {
        if bytes.is_empty() {
            return Err(Error::UnexpectedMessage);
        }
        while let Some((&byte, rest)) = bytes.split_first() {
            if self.to_skip != 0 {
                let skipped = self.to_skip.min(bytes.len());
                self.to_skip -= skipped;
                bytes = bytes.get(skipped..).unwrap_or_default();
                continue;
            }
            bytes = rest;
            if let Some(place) = self.begun.get_mut(self.length) {
                *place = byte;
                self.length += 1;
            }
            let [header @ .., request] = self.begun;
            match self.length {
                4 => self.begin(header)?,
                // What follows is sealed with the new key, so nothing can be in this record.
                5 if bytes.is_empty() => {
                    self.length = 0;
                    return key_update(request).map(Some);
                }
                5 => return Err(Error::UnexpectedMessage),
                _ => {}
            }
        }
        Ok(None)
    }

    /// Whether a message may come that begins like this.
    fn begin(&mut self, header: [u8; 4]) -> Result<(), Error> {
        if header == KEY_UPDATE {
            return Ok(());
        }
        let [kind, high, middle, low] = header;
        let length = u32::from_be_bytes([0, high, middle, low]);
        if self.role.is_dialer() && kind == NEW_SESSION_TICKET && length <= MAX_TICKET {
            self.to_skip = usize::try_from(length).unwrap_or_default();
            self.length = 0;
            return Ok(());
        }
        Err(Error::UnexpectedMessage)
    }
}

fn key_update(request: u8) -> Result<KeyUpdate, Error> {
    match request {
        NOT_REQUESTED => Ok(KeyUpdate::Theirs),
        REQUESTED => Ok(KeyUpdate::Both),
        _ => Err(Error::UnexpectedMessage),
    }
}

const NEW_SESSION_TICKET: u8 = 4;

/// Its kind and its length; behind them it says whether the other side is to do the same.
const KEY_UPDATE: [u8; 4] = [24, 0, 0, 1];

const NOT_REQUESTED: u8 = 0;

const REQUESTED: u8 = 1;

/// The longest ticket that is skipped: its parts have lengths of one and two bytes, so none is much longer.
const MAX_TICKET: u32 = 3 * 64 * 1024;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ticket(length: u32) -> Vec<u8> {
        let mut message = length.to_be_bytes().to_vec();
        message[0] = NEW_SESSION_TICKET;
        message.resize(4 + usize::try_from(length).unwrap(), 9);
        message
    }

    #[test]
    fn a_dialer_skips_tickets_and_sees_the_key_update_behind_them() {
        let bytes = [&ticket(0)[..], &ticket(300), &[24, 0, 0, 1, 1]].concat();
        let mut messages = Messages::new(Role::Dialer);
        assert_eq!(messages.read(&bytes).unwrap(), Some(KeyUpdate::Both));
        assert!(!messages.is_within_one());
        assert_eq!(messages.read(&[24, 0, 0, 1, 0]).unwrap(), Some(KeyUpdate::Theirs));
    }

    #[test]
    fn messages_that_have_no_place_are_refused() {
        let refused: [(Role, &[u8]); 7] = [
            (Role::Listener, &ticket(30)),
            (Role::Dialer, &ticket(MAX_TICKET + 1)),
            (Role::Dialer, &[13, 0, 0, 0]),
            (Role::Dialer, &[24, 0, 0, 2]),
            (Role::Dialer, &[24, 0, 0, 1, 2]),
            (Role::Dialer, &[24, 0, 0, 1, 0, 4]),
            (Role::Dialer, &[]),
        ];
        for (role, bytes) in refused {
            let outcome = Messages::new(role).read(bytes);
            assert!(matches!(outcome, Err(Error::UnexpectedMessage)), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn however_messages_are_cut_they_mean_the_same(
            lengths in proptest::collection::vec(0..600_u32, 0..4),
            cuts in proptest::collection::vec(1..400_usize, 0..9),
        ) {
            let mut bytes = lengths.into_iter().flat_map(ticket).collect::<Vec<_>>();
            bytes.extend([24, 0, 0, 1, 0]);
            let mut messages = Messages::new(Role::Dialer);
            let mut rest = &bytes[..];
            for cut in cuts {
                if cut < rest.len() {
                    let (part, behind) = rest.split_at(cut);
                    prop_assert_eq!(messages.read(part).unwrap(), None);
                    rest = behind;
                }
            }
            prop_assert_eq!(messages.read(rest).unwrap(), Some(KeyUpdate::Theirs));
            prop_assert!(!messages.is_within_one());
        }
    }
}
