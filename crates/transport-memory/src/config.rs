//! How much the connections of a network hold.

/// How much waits on its way. Start from [`Config::default`] and change what differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// How many bytes a connection holds that have not been read, each way. At least one.
    pub capacity: usize,
    /// How many connections wait at a listener until they are accepted; further dials wait for their turn. At least one.
    pub backlog: usize,
}

impl Default for Config {
    fn default() -> Self {
        Config { capacity: CAPACITY, backlog: BACKLOG }
    }
}

/// As much as the socket buffers of a system hold to begin with, so that tests meet back pressure as they would there.
const CAPACITY: usize = 64 * 1024;

/// More than a test dials before it accepts.
const BACKLOG: usize = 128;
