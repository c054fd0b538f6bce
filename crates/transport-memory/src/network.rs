//! Who listens where.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use peerloom_core::Raw;
use peerloom_multiaddr::Multiaddr;
use tokio::sync::mpsc;

use crate::config::Config;
use crate::place;
use crate::transport::Transport;

/// The space in which memory addresses mean something. Clones are the same network; two networks never meet.
#[derive(Clone, Debug, Default)]
pub struct Network {
    config: Config,
    table: Arc<Mutex<Table>>,
}

#[derive(Debug, Default)]
struct Table {
    backlogs: HashMap<Multiaddr, mpsc::Sender<Raw>>,
    /// The number that was picked last.
    picked: u64,
}

impl Network {
    /// An empty network, whose connections hold as much as `config` says.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Network { config, table: Arc::default() }
    }

    /// A way to reach this network's addresses, and to have some.
    #[must_use]
    pub fn transport(&self) -> Transport {
        Transport::new(self.clone())
    }

    pub(crate) fn config(&self) -> Config {
        self.config
    }

    /// Takes a place, unless somebody has it.
    pub(crate) fn take(&self, place: &Multiaddr, backlog: mpsc::Sender<Raw>) -> bool {
        match self.lock().backlogs.entry(place.clone()) {
            Entry::Occupied(_) => false,
            Entry::Vacant(entry) => {
                entry.insert(backlog);
                true
            }
        }
    }

    /// Gives a place back.
    pub(crate) fn give_back(&self, place: &Multiaddr) {
        self.lock().backlogs.remove(place);
    }

    /// Where those who dial a place wait until they are accepted.
    pub(crate) fn backlog(&self, place: &Multiaddr) -> Option<mpsc::Sender<Raw>> {
        self.lock().backlogs.get(place).cloned()
    }

    /// A place that nobody has, and that is not picked again.
    pub(crate) fn pick(&self) -> Multiaddr {
        let mut table = self.lock();
        loop {
            table.picked = table.picked.wrapping_add(1);
            let place = place::numbered(table.picked);
            if !table.backlogs.contains_key(&place) {
                return place;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
