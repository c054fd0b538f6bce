//! Taking a path for a socket: exactly one of those who want it at once gets it.
//!
//! Looking whether the socket at a path is alive, removing it when it is not, and putting a new one
//! there are three steps, between which another process could do the same. So they are done while the
//! *folder* is locked (`flock`, for some microseconds; the system unlocks it when a process dies, and
//! no file is left behind). A listener removes its file before it closes its socket, so that a file
//! without anybody behind it was left by a process that died.

use std::fs::{self, Metadata};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, Mode, OFlags, flock, open};
use rustix::io::Errno;
use tokio::net::{UnixListener, UnixSocket};
use tokio::time::sleep;

use crate::address::Target;
use crate::error::Error;

/// The file of a listening socket; dropping it removes the file, if that is still the same one.
pub(crate) struct SocketFile {
    path: PathBuf,
    identity: Identity,
}

/// Which file it is. While its socket is open, no other file gets its number.
type Identity = (u64, u64);

/// Makes a listening socket at a path, in place of one that nobody is behind.
pub(crate) async fn claim(target: &Target) -> Result<(SocketFile, UnixListener), Error> {
    let _lock = lock_folder(target).await?;
    make_room(target)?;
    let failed = |error| Error::listening(&target.address, error);
    let socket = UnixSocket::new_stream().map_err(failed)?;
    socket.bind(&target.path).map_err(failed)?;
    let file = SocketFile::at(&target.path).map_err(failed)?;
    let listener = socket.listen(BACKLOG).map_err(failed)?;
    Ok((file, listener))
}

/// Locks the folder that the socket is to be in, until the descriptor is dropped. What is no folder is not
/// opened: a named pipe would keep this thread until somebody writes to it.
async fn lock_folder(Target { path, address }: &Target) -> Result<OwnedFd, Error> {
    let failed = |error: Errno| Error::listening(address, error.into());
    let folder = path.parent().unwrap_or(Path::new("/"));
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = open(folder, flags, Mode::empty()).map_err(failed)?;
    for _ in 0..LOCK_TRIES {
        match flock(&folder, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(folder),
            Err(Errno::WOULDBLOCK | Errno::INTR) => sleep(LOCK_REST).await,
            Err(error) => return Err(failed(error)),
        }
    }
    Err(Error::FolderLocked(address.clone()))
}

/// Sees to it that there is no file at the path: removes a socket that nobody is behind, and nothing else.
fn make_room(Target { path, address }: &Target) -> Result<(), Error> {
    let failed = |error| Error::listening(address, error);
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed(error)),
        Ok(file) if !file.file_type().is_socket() => Err(Error::NotASocket(address.clone())),
        Ok(_) if somebody_is_behind(path).map_err(failed)? => {
            Err(Error::AddressInUse(address.clone()))
        }
        Ok(_) => fs::remove_file(path).map_err(failed),
    }
}

/// Whether a process has the socket open. Asked with a socket of another kind, so that a listener
/// gets no connection of it: what lives is of the wrong type, what does not refuses.
fn somebody_is_behind(path: &Path) -> io::Result<bool> {
    match UnixDatagram::unbound()?.connect(path) {
        Ok(()) => Ok(true),
        Err(error) if Errno::from_io_error(&error) == Some(Errno::PROTOTYPE) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(false),
        Err(error) => Err(error),
    }
}

impl SocketFile {
    fn at(path: &Path) -> io::Result<Self> {
        let identity = identity(&fs::symlink_metadata(path)?);
        Ok(SocketFile { path: path.to_owned(), identity })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let there = fs::symlink_metadata(&self.path);
        if there.is_ok_and(|there| identity(&there) == self.identity)
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(path = %self.path.display(), %error, "the socket's file stays");
        }
    }
}

fn identity(file: &Metadata) -> Identity {
    (file.dev(), file.ino())
}

/// How many connections the system keeps ready until they are accepted; it may have a lower limit of its own.
const BACKLOG: u32 = 1024;

/// How often a locked folder is tried: with the rest between, two seconds, and a lock is held for microseconds.
const LOCK_TRIES: u32 = 200;

/// How long to rest before a locked folder is tried again.
const LOCK_REST: Duration = Duration::from_millis(10);
