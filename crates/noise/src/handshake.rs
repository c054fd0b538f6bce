//! The XX handshake: one consuming step a message, and no I/O.
//!
//! ```text
//!        initiator                              responder
//!           start ──────────── e ─────────────▶ AwaitFirst::receive
//!  AwaitSecond::receive ◀── e, ee, s, es ────── SendSecond::send
//!     SendThird::send ─────── s, se ──────────▶ AwaitThird::receive
//!            Done                               Done
//! ```
//!
//! Section 7.5 of the [Noise specification](https://noiseprotocol.org/noise.html#interactive-handshake-patterns-fundamental).

use peerloom_crypto::TAG_LENGTH;
use peerloom_crypto::x25519::SecretKey;

use crate::cipher::{Cipher, MAX_MESSAGE};
use crate::symmetric::Symmetric;
use crate::{Error, Message};

/// The initiator, after message 1.
pub(crate) struct AwaitSecond<'a> {
    symmetric: Symmetric,
    static_key: &'a SecretKey,
    ephemeral: SecretKey,
}

/// The initiator, who knows the responder's static key and has not told its own.
pub(crate) struct SendThird<'a> {
    symmetric: Symmetric,
    static_key: &'a SecretKey,
    remote_ephemeral: [u8; KEY],
}

/// The responder, before anything was said.
pub(crate) struct AwaitFirst<'a> {
    symmetric: Symmetric,
    static_key: &'a SecretKey,
}

/// The responder, after message 1.
pub(crate) struct SendSecond<'a> {
    symmetric: Symmetric,
    static_key: &'a SecretKey,
    remote_ephemeral: [u8; KEY],
}

/// The responder, after message 2.
pub(crate) struct AwaitThird {
    symmetric: Symmetric,
    ephemeral: SecretKey,
}

/// What message 2 or 3 said of its sender.
pub(crate) struct Received {
    /// The sender's static key, which it holds if the next thing it sends opens.
    pub(crate) static_key: [u8; KEY],
    pub(crate) payload: Vec<u8>,
}

/// A finished handshake.
pub(crate) struct Done {
    /// Seals what this side sends.
    pub(crate) sealer: Cipher,
    /// Opens what the remote sends.
    pub(crate) opener: Cipher,
    /// Names the handshake, on both sides alike.
    #[cfg(test)]
    pub(crate) hash: [u8; 32],
}

/// `-> e`: the initiator begins.
pub(crate) fn start<'a>(
    prologue: &[u8],
    static_key: &'a SecretKey,
    ephemeral: SecretKey,
    payload: &[u8],
) -> Result<(Vec<u8>, AwaitSecond<'a>), Error> {
    let mut symmetric = Symmetric::new(prologue);
    let mut sending = Sending::new(Message::First);
    sending.ephemeral(&mut symmetric, &ephemeral);
    let message = sending.payload(&mut symmetric, payload)?;
    Ok((message, AwaitSecond { symmetric, static_key, ephemeral }))
}

impl<'a> AwaitSecond<'a> {
    /// `<- e, ee, s, es`
    pub(crate) fn receive(self, message: &[u8]) -> Result<(Received, SendThird<'a>), Error> {
        let AwaitSecond { mut symmetric, static_key, ephemeral } = self;
        let mut receiving = Receiving { message: Message::Second, rest: message };
        let remote_ephemeral = receiving.ephemeral(&mut symmetric)?;
        mix(&mut symmetric, Message::Second, &ephemeral, &remote_ephemeral)?;
        let remote_static = receiving.static_key(&mut symmetric)?;
        mix(&mut symmetric, Message::Second, &ephemeral, &remote_static)?;
        let payload = receiving.payload(&mut symmetric)?;
        let received = Received { static_key: remote_static, payload };
        Ok((received, SendThird { symmetric, static_key, remote_ephemeral }))
    }
}

impl SendThird<'_> {
    /// `-> s, se`
    pub(crate) fn send(self, payload: &[u8]) -> Result<(Vec<u8>, Done), Error> {
        let SendThird { mut symmetric, static_key, remote_ephemeral } = self;
        let mut sending = Sending::new(Message::Third);
        sending.static_key(&mut symmetric, static_key)?;
        mix(&mut symmetric, Message::Second, static_key, &remote_ephemeral)?;
        let message = sending.payload(&mut symmetric, payload)?;
        Ok((message, Done::new(symmetric, true)))
    }
}

impl<'a> AwaitFirst<'a> {
    pub(crate) fn new(prologue: &[u8], static_key: &'a SecretKey) -> Self {
        AwaitFirst { symmetric: Symmetric::new(prologue), static_key }
    }

    /// `-> e`, with a payload that nothing protects.
    pub(crate) fn receive(self, message: &[u8]) -> Result<(Vec<u8>, SendSecond<'a>), Error> {
        let AwaitFirst { mut symmetric, static_key } = self;
        let mut receiving = Receiving { message: Message::First, rest: message };
        let remote_ephemeral = receiving.ephemeral(&mut symmetric)?;
        let payload = receiving.payload(&mut symmetric)?;
        Ok((payload, SendSecond { symmetric, static_key, remote_ephemeral }))
    }
}

impl SendSecond<'_> {
    /// `<- e, ee, s, es`
    pub(crate) fn send(
        self,
        ephemeral: SecretKey,
        payload: &[u8],
    ) -> Result<(Vec<u8>, AwaitThird), Error> {
        let SendSecond { mut symmetric, static_key, remote_ephemeral } = self;
        let mut sending = Sending::new(Message::Second);
        sending.ephemeral(&mut symmetric, &ephemeral);
        mix(&mut symmetric, Message::First, &ephemeral, &remote_ephemeral)?;
        sending.static_key(&mut symmetric, static_key)?;
        mix(&mut symmetric, Message::First, static_key, &remote_ephemeral)?;
        let message = sending.payload(&mut symmetric, payload)?;
        Ok((message, AwaitThird { symmetric, ephemeral }))
    }
}

impl AwaitThird {
    /// `-> s, se`
    pub(crate) fn receive(self, message: &[u8]) -> Result<(Received, Done), Error> {
        let AwaitThird { mut symmetric, ephemeral } = self;
        let mut receiving = Receiving { message: Message::Third, rest: message };
        let static_key = receiving.static_key(&mut symmetric)?;
        mix(&mut symmetric, Message::Third, &ephemeral, &static_key)?;
        let payload = receiving.payload(&mut symmetric)?;
        Ok((Received { static_key, payload }, Done::new(symmetric, false)))
    }
}

impl Done {
    fn new(symmetric: Symmetric, initiator: bool) -> Self {
        #[cfg(test)]
        let hash = symmetric.hash();
        let (first, second) = symmetric.split();
        let (sealer, opener) = if initiator { (first, second) } else { (second, first) };
        Done {
            sealer,
            opener,
            #[cfg(test)]
            hash,
        }
    }
}

/// A message being written.
struct Sending {
    message: Message,
    bytes: Vec<u8>,
}

impl Sending {
    fn new(message: Message) -> Self {
        Sending { message, bytes: Vec::new() }
    }

    fn ephemeral(&mut self, symmetric: &mut Symmetric, key: &SecretKey) {
        let public = key.public_key();
        symmetric.mix_hash(&public);
        self.bytes.extend_from_slice(&public);
    }

    fn static_key(&mut self, symmetric: &mut Symmetric, key: &SecretKey) -> Result<(), Error> {
        symmetric.seal(&key.public_key(), &mut self.bytes)
    }

    fn payload(mut self, symmetric: &mut Symmetric, payload: &[u8]) -> Result<Vec<u8>, Error> {
        symmetric.seal(payload, &mut self.bytes)?;
        if MAX_MESSAGE < self.bytes.len() {
            return Err(Error::PayloadTooLong(self.message));
        }
        Ok(self.bytes)
    }
}

/// A message being read.
struct Receiving<'a> {
    message: Message,
    rest: &'a [u8],
}

impl Receiving<'_> {
    fn ephemeral(&mut self, symmetric: &mut Symmetric) -> Result<[u8; KEY], Error> {
        let key = self.take::<KEY>()?;
        symmetric.mix_hash(&key);
        Ok(key)
    }

    fn static_key(&mut self, symmetric: &mut Symmetric) -> Result<[u8; KEY], Error> {
        let sealed = self.take::<{ KEY + TAG_LENGTH }>()?;
        let key = symmetric.open(self.message, &sealed)?;
        key.try_into().map_err(|_| Error::Short(self.message))
    }

    fn payload(self, symmetric: &mut Symmetric) -> Result<Vec<u8>, Error> {
        symmetric.open(self.message, self.rest)
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (first, rest) = self.rest.split_first_chunk().ok_or(Error::Short(self.message))?;
        self.rest = rest;
        Ok(*first)
    }
}

/// Mixes in the secret between two keys; `message` is where the remote's key came from.
fn mix(
    symmetric: &mut Symmetric,
    message: Message,
    own: &SecretKey,
    remote: &[u8; KEY],
) -> Result<(), Error> {
    let secret = own.agree(remote).map_err(|_| Error::LowOrder(message))?;
    symmetric.mix_key(&secret);
    Ok(())
}

/// The length of a Curve25519 key.
const KEY: usize = 32;

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// Test vectors of cacophony and snow.
    const VECTORS: &str = include_str!("../tests/vectors/noise-xx-25519-chachapoly-sha256.json");

    fn unhex(value: &Value) -> Vec<u8> {
        let text = value.as_str().unwrap();
        let byte = |index| u8::from_str_radix(&text[index..index + 2], 16).unwrap();
        (0..text.len()).step_by(2).map(byte).collect()
    }

    fn secret(value: &Value) -> SecretKey {
        SecretKey::from_bytes(&unhex(value).try_into().unwrap()).unwrap()
    }

    #[test]
    fn both_sides_say_what_the_vectors_say() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        for vector in vectors["vectors"].as_array().unwrap() {
            let (dialer_key, listener_key) =
                (secret(&vector["init_static"]), secret(&vector["resp_static"]));
            let prologue = unhex(&vector["init_prologue"]);
            let mut messages = vector["messages"]
                .as_array()
                .unwrap()
                .iter()
                .map(|message| (unhex(&message["payload"]), unhex(&message["ciphertext"])));

            let (payload, expected) = messages.next().unwrap();
            let ephemeral = secret(&vector["init_ephemeral"]);
            let (first, dialer) = start(&prologue, &dialer_key, ephemeral, &payload).unwrap();
            assert_eq!(first, expected);
            let listener = AwaitFirst::new(&prologue, &listener_key);
            let (received, listener) = listener.receive(&first).unwrap();
            assert_eq!(received, payload);

            let (payload, expected) = messages.next().unwrap();
            let ephemeral = secret(&vector["resp_ephemeral"]);
            let (second, listener) = listener.send(ephemeral, &payload).unwrap();
            assert_eq!(second, expected);
            let (received, dialer) = dialer.receive(&second).unwrap();
            assert_eq!(received.payload, payload);
            assert_eq!(received.static_key, listener_key.public_key());

            let (payload, expected) = messages.next().unwrap();
            let (third, mut dialer) = dialer.send(&payload).unwrap();
            assert_eq!(third, expected);
            let (received, mut listener) = listener.receive(&third).unwrap();
            assert_eq!(received.payload, payload);
            assert_eq!(received.static_key, dialer_key.public_key());

            assert_eq!(dialer.hash, listener.hash);
            if !vector["handshake_hash"].is_null() {
                assert_eq!(dialer.hash.to_vec(), unhex(&vector["handshake_hash"]));
            }
            for (index, (payload, expected)) in messages.enumerate() {
                let (from, to) = if index % 2 == 0 {
                    (&mut listener, &mut dialer)
                } else {
                    (&mut dialer, &mut listener)
                };
                let mut record = payload.clone();
                let tag = from.sealer.seal(&[], &mut record).unwrap();
                record.extend_from_slice(&tag);
                assert_eq!(record, expected);
                assert_eq!(to.opener.open(&[], &mut record).unwrap(), payload);
            }
        }
    }

    /// The three messages of a handshake, with what each side is in when it waits for one.
    struct Transcript<'a> {
        first: Vec<u8>,
        await_second: AwaitSecond<'a>,
        second: Vec<u8>,
        await_third: AwaitThird,
        third: Vec<u8>,
    }

    /// The same handshake every time.
    fn transcript<'a>(dialer: &'a SecretKey, listener: &'a SecretKey) -> Transcript<'a> {
        let ephemeral = |byte| SecretKey::from_bytes(&[byte; 32]).unwrap();
        let begin = || start(&[], dialer, ephemeral(3), b"one").unwrap();
        let (first, await_second) = begin();
        let (_, send_second) = AwaitFirst::new(&[], listener).receive(&first).unwrap();
        let (second, await_third) = send_second.send(ephemeral(4), b"two").unwrap();
        let (_, send_third) = begin().1.receive(&second).unwrap();
        let (third, _) = send_third.send(b"three").unwrap();
        Transcript { first, await_second, second, await_third, third }
    }

    fn keys() -> [SecretKey; 2] {
        [1, 2].map(|byte| SecretKey::from_bytes(&[byte; 32]).unwrap())
    }

    /// The message cut off at every length, and with every one of its bits flipped.
    fn spoilt(message: &[u8]) -> Vec<Vec<u8>> {
        let cut = (0..message.len()).map(|length| message[..length].to_vec());
        let flipped = (0..8 * message.len()).map(|bit| {
            let mut message = message.to_vec();
            message[bit / 8] ^= 1 << (bit % 8);
            message
        });
        cut.chain(flipped).collect()
    }

    #[test]
    fn a_second_message_that_is_cut_or_changed_anywhere_is_refused() {
        let [dialer, listener] = &keys();
        for second in spoilt(&transcript(dialer, listener).second) {
            let result = transcript(dialer, listener).await_second.receive(&second);
            assert!(matches!(
                result.err().unwrap(),
                Error::Short(Message::Second)
                    | Error::Forged(Message::Second)
                    | Error::LowOrder(Message::Second)
            ));
        }
    }

    #[test]
    fn a_third_message_that_is_cut_or_changed_anywhere_is_refused() {
        let [dialer, listener] = &keys();
        for third in spoilt(&transcript(dialer, listener).third) {
            let result = transcript(dialer, listener).await_third.receive(&third);
            assert!(matches!(
                result.err().unwrap(),
                Error::Short(Message::Third) | Error::Forged(Message::Third)
            ));
        }
    }

    #[test]
    fn a_first_message_that_is_cut_or_changed_anywhere_leads_to_nothing() {
        let [dialer, listener] = &keys();
        let honest = transcript(dialer, listener);
        for first in spoilt(&honest.first) {
            let await_second = transcript(dialer, listener).await_second;
            let ephemeral = SecretKey::from_bytes(&[4; 32]).unwrap();
            let answer = AwaitFirst::new(&[], listener)
                .receive(&first)
                .and_then(|(_, send_second)| send_second.send(ephemeral, b"two"));
            let Ok((second, _)) = answer else { continue };
            assert!(matches!(
                await_second.receive(&second).err().unwrap(),
                Error::Forged(Message::Second)
            ));
        }
    }

    /// The points on the curve and its twist whose order divides 8, in their canonical encoding.
    const LOW_ORDER: [&str; 5] = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];

    #[test]
    fn keys_of_low_order_are_refused_wherever_they_stand() {
        let [dialer, listener] = &keys();
        for point in LOW_ORDER {
            let point: [u8; KEY] = unhex(&Value::from(point)).try_into().unwrap();

            let (_, send_second) = AwaitFirst::new(&[], listener).receive(&point).unwrap();
            let answer = send_second.send(SecretKey::generate().unwrap(), &[]);
            assert!(matches!(answer.err().unwrap(), Error::LowOrder(Message::First)));

            let mut second = transcript(dialer, listener).second;
            second[..KEY].copy_from_slice(&point);
            let result = transcript(dialer, listener).await_second.receive(&second);
            assert!(matches!(result.err().unwrap(), Error::LowOrder(Message::Second)));

            // As a static key, sealed as it should be by a responder without a secret to it.
            let Transcript { first, await_second, .. } = transcript(dialer, listener);
            let (_, send_second) = AwaitFirst::new(&[], listener).receive(&first).unwrap();
            let SendSecond { mut symmetric, remote_ephemeral, .. } = send_second;
            let ephemeral = SecretKey::generate().unwrap();
            let mut sending = Sending::new(Message::Second);
            sending.ephemeral(&mut symmetric, &ephemeral);
            mix(&mut symmetric, Message::First, &ephemeral, &remote_ephemeral).unwrap();
            symmetric.seal(&point, &mut sending.bytes).unwrap();
            let result = await_second.receive(&sending.bytes);
            assert!(matches!(result.err().unwrap(), Error::LowOrder(Message::Second)));

            // And as the initiator's.
            let Transcript { second, await_second, await_third, .. } = transcript(dialer, listener);
            let (_, SendThird { mut symmetric, .. }) = await_second.receive(&second).unwrap();
            let mut third = Vec::new();
            symmetric.seal(&point, &mut third).unwrap();
            let result = await_third.receive(&third);
            assert!(matches!(result.err().unwrap(), Error::LowOrder(Message::Third)));
        }
    }
}
