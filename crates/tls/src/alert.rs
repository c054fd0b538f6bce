//! What one side tells the other when it gives up.

use std::fmt;

/// An alert, by its number ([RFC 8446, section 6]).
///
/// [RFC 8446, section 6]: https://www.rfc-editor.org/rfc/rfc8446#section-6
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Alert(pub u8);

impl Alert {
    /// No more will be sent.
    pub(crate) const CLOSE_NOTIFY: Alert = Alert(0);
    pub(crate) const UNEXPECTED_MESSAGE: Alert = Alert(10);
    pub(crate) const BAD_RECORD_MAC: Alert = Alert(20);
    pub(crate) const RECORD_OVERFLOW: Alert = Alert(22);
    pub(crate) const DECODE_ERROR: Alert = Alert(50);
    pub(crate) const INTERNAL_ERROR: Alert = Alert(80);
    /// What a [`Alert::CLOSE_NOTIFY`] may follow; it says nothing.
    pub(crate) const USER_CANCELED: Alert = Alert(90);

    /// The alert as it is sent: how bad it is, and what.
    pub(crate) fn encode(self) -> [u8; 2] {
        [if self == Alert::CLOSE_NOTIFY { WARNING } else { FATAL }, self.0]
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            0 => "close notify",
            10 => "unexpected message",
            20 => "bad record mac",
            22 => "record overflow",
            40 => "handshake failure",
            42 => "bad certificate",
            43 => "unsupported certificate",
            44 => "certificate revoked",
            45 => "certificate expired",
            46 => "certificate unknown",
            47 => "illegal parameter",
            48 => "unknown ca",
            49 => "access denied",
            50 => "decode error",
            51 => "decrypt error",
            70 => "protocol version",
            71 => "insufficient security",
            80 => "internal error",
            86 => "inappropriate fallback",
            90 => "user canceled",
            109 => "missing extension",
            110 => "unsupported extension",
            112 => "unrecognized name",
            116 => "certificate required",
            120 => "no application protocol",
            other => return write!(f, "{other}"),
        })
    }
}

const WARNING: u8 = 1;

const FATAL: u8 = 2;
