//! The story of a connection: every address, every step, how long it took, how it ended.

use std::fmt;
use std::future::Future;
use std::time::{Duration, Instant};

use peerloom_multiaddr::Multiaddr;

use crate::error::UpgradeError;

/// A part of the way from an address to an open connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Finding out which addresses a name stands for. An address that stands for itself has no such step.
    Resolve,
    /// Reaching the address.
    Connect,
    /// Agreeing on the security protocol.
    SecurityNegotiation,
    /// The security protocol's handshake.
    Handshake,
    /// Agreeing on the muxer.
    MuxerNegotiation,
}

/// One phase and the time it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What was done.
    pub phase: Phase,
    /// How long it took, to success or failure.
    pub took: Duration,
}

/// How a connection came to be.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The steps of the attempt that succeeded; when its address came of a name, the look-up is the first.
    pub steps: Vec<Step>,
    /// The attempts that did not, in the order in which they ended, among them the names that were looked up.
    pub failed: Vec<Attempt>,
}

/// One address of a dial, and what became of it.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The address.
    pub address: Multiaddr,
    /// How far it came; the last step is the one that failed.
    pub steps: Vec<Step>,
    /// How it ended.
    pub outcome: Outcome,
}

/// How an attempt ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// It was not tried.
    Skipped(Skipped),
    /// It is a name that stands for these addresses, which joined the dial. Their steps begin with the look-up.
    Resolved(Vec<Multiaddr>),
    /// It failed in its last step.
    Failed(std::sync::Arc<UpgradeError>),
}

/// Why an address was not tried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Skipped {
    /// No transport of this swarm reaches such addresses; what it would take to.
    #[error("no transport of this host supports it: it would take {0}")]
    NoTransport(String),
    /// The address ends in the id of another peer than the one that was asked for.
    #[error("the address names another peer")]
    OtherPeer,
    /// The dial was given more addresses than it tries.
    #[error("the dial was given more addresses than it tries")]
    TooMany,
    /// The dial has the address already, or a name led back to itself.
    #[error("the dial has this address already")]
    Twice,
}

/// A stopwatch over the phases of one attempt.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stopwatch(pub(crate) Vec<Step>);

impl Stopwatch {
    /// Runs one phase within its time limit and writes down how long it took.
    pub(crate) async fn time<T>(
        &mut self,
        phase: Phase,
        limit: Duration,
        work: impl Future<Output = Result<T, UpgradeError>>,
    ) -> Result<T, UpgradeError> {
        let start = Instant::now();
        let result = tokio::time::timeout(limit, work).await;
        self.0.push(Step { phase, took: start.elapsed() });
        result.unwrap_or(Err(UpgradeError::Timeout { phase, limit }))
    }
}

impl Stopwatch {
    /// How long the last step took.
    pub(crate) fn last(&self) -> Duration {
        self.0.last().map(|step| step.took).unwrap_or_default()
    }

    /// The last step turns out to have been another, or more of the one before.
    pub(crate) fn correct(&mut self, phase: Phase) -> Phase {
        let Some(Step { took, .. }) = self.0.pop() else { return phase };
        match self.0.last_mut() {
            Some(before) if before.phase == phase => before.took += took,
            Some(_) | None => self.0.push(Step { phase, took }),
        }
        phase
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::Resolve => "resolve",
            Phase::Connect => "connect",
            Phase::SecurityNegotiation => "security negotiation",
            Phase::Handshake => "handshake",
            Phase::MuxerNegotiation => "muxer negotiation",
        })
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.address)?;
        match &self.outcome {
            Outcome::Skipped(reason) => write!(f, "skipped, {reason}")?,
            Outcome::Resolved(addresses) => write_list(f, addresses)?,
            Outcome::Failed(error) => write_chain(f, error.as_ref())?,
        }
        for (index, Step { phase, took }) in self.steps.iter().enumerate() {
            let before = if index == 0 { " (" } else { ", " };
            write!(f, "{before}{phase} {:.1} ms", took.as_secs_f64() * 1000.0)?;
        }
        if self.steps.is_empty() { Ok(()) } else { f.write_str(")") }
    }
}

/// What a name stands for.
fn write_list(f: &mut fmt::Formatter<'_>, addresses: &[Multiaddr]) -> fmt::Result {
    f.write_str("stands for ")?;
    if addresses.is_empty() {
        return f.write_str("no address");
    }
    for (index, address) in addresses.iter().enumerate() {
        write!(f, "{}{address}", if index == 0 { "" } else { ", " })?;
    }
    Ok(())
}

/// An error and all of its sources, on one line.
fn write_chain(f: &mut fmt::Formatter<'_>, error: &dyn std::error::Error) -> fmt::Result {
    write!(f, "{error}")?;
    match error.source() {
        Some(source) => {
            f.write_str(": ")?;
            write_chain(f, source)
        }
        None => Ok(()),
    }
}
