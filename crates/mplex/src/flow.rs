//! What the session keeps of a stream beside its life: whether the remote knows of it, and its name.
//!
//! ```text
//!  ours          silent ──NewStream, with the first data──▶ known          theirs  known
//!
//!  our side      Open ──shutdown──▶ Finishing ──Close is sent──▶ Finished       the rest stands in
//!  remote side   open ──Close is received──▶ finished                           peerloom-muxer-shell
//!  either        ──Reset──▶ ended, at once and for both sides
//! ```

use peerloom_core::Role;
use peerloom_muxer_shell::Life;

use crate::frame::{Frame, Header, Kind, StreamId};

/// The opening of a stream.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    /// Whether it is ours and the remote has not been told.
    silent: bool,
    /// Whether the remote is to be told though there is nothing to say.
    pub(crate) announce: bool,
    /// What the remote calls it.
    name: Vec<u8>,
}

impl Flow {
    /// Of a stream of ours.
    pub(crate) fn opened() -> Self {
        Flow { silent: true, ..Flow::default() }
    }

    /// Of a stream of the remote's.
    pub(crate) fn arrived() -> Self {
        Flow::default()
    }

    /// Whether the remote does not know of it.
    pub(crate) fn is_silent(&self) -> bool {
        self.silent
    }

    /// What has to come before the first message: nothing when the remote knows the stream.
    pub(crate) fn take_opening(&mut self, stream: StreamId) -> Header {
        self.announce = false;
        if std::mem::take(&mut self.silent) { Header::opening(stream) } else { Header::empty() }
    }

    /// Adds to the name, as long as that is short.
    pub(crate) fn name(&mut self, more: &[u8]) {
        let room = MAX_NAME.saturating_sub(self.name.len()).min(more.len());
        self.name.extend_from_slice(more.get(..room).unwrap_or_default());
    }

    /// What the remote calls it.
    pub(crate) fn name_as_text(&self) -> Option<String> {
        (!self.name.is_empty()).then(|| String::from_utf8_lossy(&self.name).into_owned())
    }
}

/// The next frame without data of a stream, if there is one to send.
pub(crate) fn next_frame(life: &mut Life<Flow>, stream: StreamId, us: Role) -> Option<Header> {
    let sender = stream.sender(us);
    let frame = |kind| Frame::new(kind, stream.number(), 0).map(|frame| frame.encode());
    if life.take_reset() {
        return if life.flow.silent { None } else { frame(Kind::Reset(sender)) };
    }
    if life.has_ended() {
        return None;
    }
    if life.flow.silent && (life.flow.announce || life.is_finishing()) {
        return Some(life.flow.take_opening(stream));
    }
    if life.is_finishing() {
        life.finish();
        return frame(Kind::Close(sender));
    }
    None
}

/// How much of a name is kept. Names only help those who look for faults, and are numbers in fact.
const MAX_NAME: usize = 64;
