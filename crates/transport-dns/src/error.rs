//! What can go wrong with a name, and whose fault it is.

use std::error::Error as StdError;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use peerloom_core::Fault;
use peerloom_multiaddr::Multiaddr;

/// Why a name led to no connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address has a name, but what follows is not for the transport inside.
    #[error("{0} is not an address of the transport behind DNS")]
    Unsupported(Multiaddr),
    /// One listens on an IP address; who has which name is for others to say.
    #[error("{0} is a name, and one listens on an ip address such as /ip4/0.0.0.0")]
    ListenOnName(Multiaddr),
    /// What stands for a domain name in the address cannot be one.
    #[error("{0} has no domain name: up to 253 characters of ascii in parts of 1 to 63")]
    BadName(Multiaddr),
    /// The only question that there was to ask about the address had no answer.
    #[error("{address} leads nowhere")]
    Lookup {
        /// The address.
        address: Multiaddr,
        /// The question and why it has no answer.
        #[source]
        source: LookupError,
    },
    /// Nothing that was found leads on.
    #[error("{address} leads nowhere{}", list(.left_out))]
    NothingFound {
        /// The address.
        address: Multiaddr,
        /// What was found or asked, and why it does not count.
        left_out: Vec<LeftOut>,
    },
    /// Asking took too long in all.
    #[error("finding out what {address} stands for took longer than {limit:?}{}", asked(.servers))]
    TimedOut {
        /// The address.
        address: Multiaddr,
        /// How long it may take (`Config::timeout`).
        limit: Duration,
        /// Who was asked.
        servers: Vec<SocketAddr>,
    },
    /// None of the addresses behind the name could be connected to.
    #[error("no connection to {address}{}", list(.attempts))]
    Dial {
        /// The address.
        address: Multiaddr,
        /// What it stands for, each with the reason why there is no connection.
        attempts: Vec<Attempt>,
    },
}

/// A question that has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{record} of {name}: {reason}{}", asked(.servers))]
pub struct LookupError {
    /// The name.
    pub name: String,
    /// What was asked for.
    pub record: Record,
    /// Who was asked, or could have been.
    pub servers: Vec<SocketAddr>,
    /// Why there is no answer.
    pub reason: Reason,
}

/// A kind of DNS record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Record {
    /// An IPv4 address.
    A,
    /// An IPv6 address.
    Aaaa,
    /// Text; addresses in it begin with `dnsaddr=`.
    Txt,
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The name does not exist.
    #[error("no such name")]
    NoSuchName,
    /// The name has no records of this kind.
    #[error("no such records")]
    NoRecords,
    /// No server answered in time.
    #[error("no answer in time")]
    TimedOut,
    /// A server refused or failed, with this code.
    #[error("the server says: {0}")]
    Refused(String),
    /// No server could be reached.
    #[error("no server can be reached: {0}")]
    Unreachable(String),
    /// There is no server to ask.
    #[error("no server is configured")]
    NoServer,
    /// Whom this system asks could not be found out, for this reason.
    #[error("the system's dns configuration cannot be read: {0}")]
    Unread(String),
    /// An answer that cannot be used.
    #[error("an answer that cannot be used: {0}")]
    BadAnswer(String),
}

/// Something that was found on the way from a name, and does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {why}")]
pub struct LeftOut {
    /// An address or a TXT record, or the name that was asked about.
    pub what: String,
    /// Why it does not count.
    pub why: Omission,
}

/// Why something that was found does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Omission {
    /// No address; this is why.
    #[error("no address, {0}")]
    Malformed(String),
    /// It does not end as the address that was asked about, such as in the same `/p2p`.
    #[error("does not end in {0}")]
    OtherEnd(Multiaddr),
    /// It is a Unix socket or a place in this process, to which nobody out there may lead us.
    #[error("leads into this machine")]
    Local,
    /// What stands for a domain name cannot be one.
    #[error("has no domain name")]
    BadName,
    /// It was asked about already; perhaps names lead in a circle.
    #[error("asked already")]
    Again,
    /// Names lead to names, further than is followed.
    #[error("more than {0} names one behind the other")]
    TooDeep(usize),
    /// There are more questions than are asked.
    #[error("more than {0} look-ups")]
    TooManyLookups(usize),
    /// There are more addresses than are taken.
    #[error("more than {0} addresses")]
    TooManyAddresses(usize),
    /// A question has no answer.
    #[error(transparent)]
    Lookup(LookupError),
}

/// One address behind a name that could not be connected to.
#[derive(Debug)]
pub struct Attempt {
    /// The address.
    pub address: Multiaddr,
    /// Why not; `None` when it was not tried, as the transport inside does not support it or enough others were.
    pub error: Option<peerloom_core::Error>,
}

impl Error {
    /// Whose fault it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Error::Unsupported(_) | Error::ListenOnName(_) | Error::BadName(_) => Fault::Caller,
            Error::Lookup { source, .. } => source.fault(),
            Error::NothingFound { left_out, .. } => {
                left_out.first().map_or(Fault::Network, |first| first.why.fault())
            }
            Error::TimedOut { .. } => Fault::Network,
            Error::Dial { attempts, .. } => {
                let tried = attempts.iter().rev().find_map(|attempt| attempt.error.as_ref());
                tried.map_or(Fault::Caller, peerloom_core::Error::fault)
            }
        }
    }
}

impl LookupError {
    /// Whose fault it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self.reason {
            Reason::NoServer | Reason::Unread(_) => Fault::Caller,
            _ => Fault::Network,
        }
    }
}

impl Omission {
    fn fault(&self) -> Fault {
        match self {
            Omission::TooDeep(_) | Omission::TooManyLookups(_) | Omission::TooManyAddresses(_) => {
                Fault::Limit
            }
            Omission::Lookup(error) => error.fault(),
            // What somebody has published is wrong, and the network is what told it.
            _ => Fault::Network,
        }
    }
}

impl From<Error> for peerloom_core::Error {
    fn from(error: Error) -> Self {
        peerloom_core::Error::new(crate::transport::NAME, error.fault(), error)
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Record::A => "A",
            Record::Aaaa => "AAAA",
            Record::Txt => "TXT",
        })
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.address)?;
        let Some(error) = &self.error else { return f.write_str("not tried") };
        write!(f, "{error}")?;
        let mut cause = error.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

fn asked(servers: &[SocketAddr]) -> String {
    let servers: Vec<_> = servers.iter().map(ToString::to_string).collect();
    if servers.is_empty() { String::new() } else { format!(" (asked {})", servers.join(", ")) }
}

fn list(parts: &[impl fmt::Display]) -> String {
    let parts: Vec<_> = parts.iter().map(ToString::to_string).collect();
    if parts.is_empty() { ": nothing was found".into() } else { format!(": {}", parts.join("; ")) }
}
