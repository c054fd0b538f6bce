//! The records of a connection, after the handshake: data, alerts, and a few messages.
//!
//! [RFC 8446, section 5](https://www.rfc-editor.org/rfc/rfc8446#section-5).
//!
//! ```text
//! | 23 | 3 3 | length | text | kind | zeros, if any | tag |
//!                     └───────────── length ────────────┘
//! ```

use std::sync::Arc;

use peerloom_crypto::TAG_LENGTH;
use peerloom_record_stream::{Format, Open, Seal};

use crate::key::{BEGINNING, HEADER, TrafficKey, header};
use crate::messages::{KeyUpdate, Messages, OWN_KEY_UPDATE};
use crate::shared::Shared;
use crate::{Alert, Error};

/// The records of one direction.
pub(crate) struct Records<D> {
    key: TrafficKey,
    shared: Arc<Shared>,
    direction: D,
}

/// What this side sends.
pub(crate) struct Outbound {
    /// How many records a key seals.
    most: u64,
}

/// What the other side sent.
pub(crate) struct Inbound {
    messages: Messages,
    /// How many records have come since the last one with data.
    silent: u32,
    ended: bool,
}

impl Records<Outbound> {
    pub(crate) fn outbound(key: TrafficKey, shared: Arc<Shared>) -> Self {
        Records { key, shared, direction: Outbound { most: MAX_RECORDS } }
    }

    /// A whole record that is not data.
    fn record(&mut self, kind: u8, text: &[u8]) -> Result<Vec<u8>, Error> {
        let length = text.len() + OVERHEAD;
        let mut record = [&header(length), text, &[kind], &[0; TAG_LENGTH]].concat();
        let (_, sealed) = record.split_at_mut(HEADER);
        self.key.seal(sealed)?;
        Ok(record)
    }
}

impl Records<Inbound> {
    pub(crate) fn inbound(key: TrafficKey, shared: Arc<Shared>) -> Self {
        let messages = Messages::new(shared.role());
        Records { key, shared, direction: Inbound { messages, silent: 0, ended: false } }
    }

    /// How many bytes of data there are at the front of what was opened.
    fn read(&mut self, record: &mut [u8]) -> Result<usize, Error> {
        let content = &*self.key.open(record)?;
        if content.len() > MAX_TEXT + 1 {
            return Err(Error::LongRecord);
        }
        let length = content.iter().rposition(|&byte| byte != 0).ok_or(Error::UnexpectedRecord)?;
        let (text, kind) = content.split_at(length);
        match (kind.first(), self.direction.messages.is_within_one()) {
            (Some(&DATA), false) if length != 0 => {
                self.direction.silent = 0;
                return Ok(length);
            }
            (Some(&DATA), false) => {}
            (Some(&ALERT), false) => {
                self.read_alert(text)?;
                if self.direction.ended {
                    return Ok(0);
                }
            }
            (Some(&MESSAGE), _) => {
                if let Some(update) = self.direction.messages.read(text)? {
                    self.take_next_key(update)?;
                }
            }
            _ => return Err(Error::UnexpectedRecord),
        }
        self.direction.silent += 1;
        if self.direction.silent > MAX_SILENT {
            return Err(Error::Flood { most: MAX_SILENT });
        }
        Ok(0)
    }

    fn read_alert(&mut self, text: &[u8]) -> Result<(), Error> {
        let &[_, number] = text else { return Err(Error::MalformedAlert) };
        match Alert(number) {
            Alert::CLOSE_NOTIFY => self.direction.ended = true,
            Alert::USER_CANCELED => {}
            alert => return Err(Error::Alert(alert)),
        }
        Ok(())
    }

    fn take_next_key(&mut self, update: KeyUpdate) -> Result<(), Error> {
        self.key = self.shared.next_opening_key()?;
        if update == KeyUpdate::Both {
            self.shared.ask_for_key();
        }
        Ok(())
    }
}

impl<D> Format for Records<D> {
    const PREFIX: usize = HEADER;
    const LONGEST_SENT: usize = MAX_TEXT + OVERHEAD;
    const LONGEST_ACCEPTED: usize = MAX_TEXT + 256;
    type Error = Error;

    fn overhead(&self) -> usize {
        OVERHEAD
    }

    fn announced(prefix: &[u8]) -> Result<usize, Error> {
        match prefix.strip_prefix(&BEGINNING) {
            Some(&[high, low]) => Ok(u16::from_be_bytes([high, low]).into()),
            _ => Err(Error::NotARecord),
        }
    }

    fn announce(prefix: &mut [u8], length: usize) {
        prefix.copy_from_slice(&header(length));
    }
}

impl Seal for Records<Outbound> {
    fn seal(&mut self, record: &mut [u8]) -> Result<(), Error> {
        if let Some(kind) = record.iter_mut().nth_back(TAG_LENGTH) {
            *kind = DATA;
        }
        self.key.seal(record)
    }

    /// A new key, when the remote asks for one or the old one has sealed enough.
    fn interlude(&mut self) -> Result<Option<Vec<u8>>, Error> {
        if !self.shared.take_key_asked_for() && self.key.used() < self.direction.most {
            return Ok(None);
        }
        let record = self.record(MESSAGE, &OWN_KEY_UPDATE)?;
        self.key = self.shared.next_sealing_key()?;
        Ok(Some(record))
    }

    fn farewell(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let alert = self.shared.last_word();
        self.record(ALERT, &alert.encode()).map(Some)
    }
}

impl Open for Records<Inbound> {
    fn open(&mut self, record: &mut [u8]) -> Result<usize, Error> {
        self.read(record).inspect_err(|error| self.shared.set_last_word(error.alert()))
    }

    fn ended(&self) -> bool {
        self.direction.ended
    }
}

/// The kinds of records.
const ALERT: u8 = 21;
const MESSAGE: u8 = 22;
const DATA: u8 = 23;

/// The kind and the tag.
const OVERHEAD: usize = 1 + TAG_LENGTH;

/// The longest text of a record.
const MAX_TEXT: usize = 1 << 14;

/// How many records one key seals: with AES-GCM some 2^24.5 are safe ([RFC 8446, section 5.5]), and the others bear
/// no fewer.
///
/// [RFC 8446, section 5.5]: https://www.rfc-editor.org/rfc/rfc8446#section-5.5
const MAX_RECORDS: u64 = 1 << 24;

/// How many records without data may come in a row. Each may cost a new key; an honest side
/// sends a handful of tickets, or a key, and then data.
const MAX_SILENT: u32 = 32;

#[cfg(test)]
mod tests {
    use peerloom_core::{ByteStream, Handshake, Role};
    use peerloom_identity::Keypair;

    use super::*;
    use crate::handshake::{Agreed, shake_hands};
    use crate::own_certificate;
    use crate::settings::Settings;

    /// The records of a dialer, and those that a listener has of it.
    async fn pair() -> [(Records<Inbound>, Records<Outbound>); 2] {
        let keypair = Keypair::generate_ed25519().unwrap();
        let key = own_certificate::generate_key().unwrap();
        let certificate = own_certificate::make(&keypair, &key).unwrap();
        let settings = Settings::new(certificate, &key).unwrap();
        let (near, far) = tokio::io::duplex(10_000);
        let (mut near, mut far) = (ByteStream::from_io(near), ByteStream::from_io(far));
        let handshake = |role| Handshake { role, expected: None, muxers: &[] };
        let (dialer, listener) = tokio::join!(
            shake_hands(&mut near, &settings, handshake(Role::Dialer)),
            shake_hands(&mut far, &settings, handshake(Role::Listener)),
        );
        [dialer, listener].map(|agreed| {
            let Agreed { secrets, schedule, .. } = agreed.unwrap();
            let shared = Arc::new(Shared::new(schedule));
            (
                Records::inbound(TrafficKey::new(&secrets.rx).unwrap(), shared.clone()),
                Records::outbound(TrafficKey::new(&secrets.tx).unwrap(), shared),
            )
        })
    }

    fn sealed(records: &mut Records<Outbound>, text: &[u8]) -> Vec<u8> {
        let mut record = [text, &[0; OVERHEAD]].concat();
        records.seal(&mut record).unwrap();
        record
    }

    #[tokio::test]
    async fn a_key_that_has_sealed_enough_is_followed_by_another() {
        let [(_, mut outbound), (mut inbound, _)] = pair().await;
        outbound.direction.most = 3;
        let mut updates = 0;
        for _ in 0..10 {
            if let Some(mut update) = outbound.interlude().unwrap() {
                assert_eq!(outbound.key.used(), 0);
                assert_eq!(inbound.open(&mut update[HEADER..]).unwrap(), 0);
                updates += 1;
            }
            let mut record = sealed(&mut outbound, b"text");
            assert_eq!(inbound.open(&mut record).unwrap(), 4);
        }
        assert_eq!(updates, 3);
        assert!(!inbound.shared.take_key_asked_for(), "nobody asked for a key");
    }

    #[tokio::test]
    async fn who_is_asked_for_a_key_takes_one_before_the_next_record() {
        let [(mut theirs, mut asking), (mut inbound, mut outbound)] = pair().await;
        let ask = [&OWN_KEY_UPDATE[..4], &[1]].concat();
        for _ in 0..2 {
            let mut update = asking.record(MESSAGE, &ask).unwrap();
            asking.key = asking.shared.next_sealing_key().unwrap();
            assert_eq!(inbound.open(&mut update[HEADER..]).unwrap(), 0);
        }
        // One answer is enough.
        let mut answer = outbound.interlude().unwrap().unwrap();
        assert_eq!(theirs.open(&mut answer[HEADER..]).unwrap(), 0);
        assert!(outbound.interlude().unwrap().is_none());
        let mut record = sealed(&mut outbound, b"text");
        assert_eq!(theirs.open(&mut record).unwrap(), 4);
        assert!(asking.interlude().unwrap().is_none(), "an answer asks for nothing");
    }

    #[tokio::test]
    async fn the_last_word_is_that_all_is_well_unless_a_record_failed() {
        for forged in [false, true] {
            let [(mut theirs, mut outbound), (mut inbound, mut farewell)] = pair().await;
            if forged {
                let mut record = sealed(&mut outbound, b"text");
                record[0] ^= 1;
                inbound.open(&mut record).unwrap_err();
            }
            let mut last = farewell.farewell().unwrap().unwrap();
            match theirs.open(&mut last[HEADER..]) {
                Ok(0) => assert!(!forged && theirs.ended()),
                Err(Error::Alert(alert)) => assert!(forged && alert == Alert::BAD_RECORD_MAC),
                other => unreachable!("{other:?}"),
            }
        }
    }
}
