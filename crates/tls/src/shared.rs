//! What the two halves of a connection share: the way to new keys, and two words.
//!
//! Neither half waits for the other but while one of them takes a new key, which happens once in
//! millions of records, or when the remote asks for it.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard};

use peerloom_core::Role;
use rustls::client::ClientConnectionData;
use rustls::kernel::KernelConnection;
use rustls::server::ServerConnectionData;
use rustls::{ConnectionTrafficSecrets, Error as TlsError};

use crate::key::TrafficKey;
use crate::{Alert, Error};

/// Shared by a sealer and an opener.
pub(crate) struct Shared {
    schedule: Mutex<Schedule>,
    key_asked_for: AtomicBool,
    last_word: AtomicU8,
}

/// What makes new keys of old ones.
pub(crate) enum Schedule {
    Dialer(KernelConnection<ClientConnectionData>),
    Listener(KernelConnection<ServerConnectionData>),
}

impl Shared {
    pub(crate) fn new(schedule: Schedule) -> Self {
        Shared {
            schedule: Mutex::new(schedule),
            key_asked_for: AtomicBool::new(false),
            last_word: AtomicU8::new(Alert::CLOSE_NOTIFY.0),
        }
    }

    /// Which end of the connection this is.
    pub(crate) fn role(&self) -> Role {
        match *self.schedule() {
            Schedule::Dialer(_) => Role::Dialer,
            Schedule::Listener(_) => Role::Listener,
        }
    }

    /// The key that follows on the one with which was sealed so far.
    pub(crate) fn next_sealing_key(&self) -> Result<TrafficKey, Error> {
        traffic_key(match &mut *self.schedule() {
            Schedule::Dialer(connection) => connection.update_tx_secret(),
            Schedule::Listener(connection) => connection.update_tx_secret(),
        })
    }

    /// The key that follows on the one with which was opened so far.
    pub(crate) fn next_opening_key(&self) -> Result<TrafficKey, Error> {
        traffic_key(match &mut *self.schedule() {
            Schedule::Dialer(connection) => connection.update_rx_secret(),
            Schedule::Listener(connection) => connection.update_rx_secret(),
        })
    }

    /// The remote wants the sealer to take a new key before its next record.
    pub(crate) fn ask_for_key(&self) {
        self.key_asked_for.store(true, Ordering::Relaxed);
    }

    /// Whether that was so since the last time.
    pub(crate) fn take_key_asked_for(&self) -> bool {
        // To look costs less than to change, and mostly there is nothing.
        self.key_asked_for.load(Ordering::Relaxed)
            && self.key_asked_for.swap(false, Ordering::Relaxed)
    }

    /// What the sealer is to tell the remote at the end.
    pub(crate) fn set_last_word(&self, alert: Alert) {
        self.last_word.store(alert.0, Ordering::Relaxed);
    }

    /// That all is well, unless something else was said.
    pub(crate) fn last_word(&self) -> Alert {
        Alert(self.last_word.load(Ordering::Relaxed))
    }

    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().expect("nothing panics under this lock")
    }
}

fn traffic_key(
    secrets: Result<(u64, ConnectionTrafficSecrets), TlsError>,
) -> Result<TrafficKey, Error> {
    TrafficKey::new(&secrets.map_err(|e| Error::Keys(e.into()))?)
}
