//! Which end of the wire one is.

/// Which end of a connection this side is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The side that asked for the connection.
    Dialer,
    /// The side that was asked.
    Listener,
}

impl Role {
    /// Whether this side asked for the connection.
    #[must_use]
    pub fn is_dialer(self) -> bool {
        self == Role::Dialer
    }

    /// The role of the other end.
    #[must_use]
    pub fn other(self) -> Role {
        match self {
            Role::Dialer => Role::Listener,
            Role::Listener => Role::Dialer,
        }
    }
}
