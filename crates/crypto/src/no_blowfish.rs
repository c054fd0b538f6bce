//! What stands in for Blowfish in a build without it: no key can be made ready.

use crate::Error;

pub(crate) enum Blowfish {}

impl Blowfish {
    pub(crate) fn new(_: &[u8], _: &[u8]) -> Result<Self, Error> {
        Err(Error::Unavailable { key_type: "blowfish", feature: "blowfish" })
    }

    pub(crate) fn apply(&mut self, _: &mut [u8]) {
        match *self {}
    }
}
