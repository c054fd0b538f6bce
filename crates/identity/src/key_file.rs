//! Keys in a file that only their owner may read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::{Error, KeyKind, Keypair};

/// Whether saving may replace what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Overwrite {
    /// A file that is there stays as it is, and saving fails.
    Refuse,
    /// A file that is there is replaced. The keys in it are lost.
    Replace,
}

/// Key files hold the bytes of [`Keypair::to_protobuf`] and nothing else, as those of other
/// implementations do. Reading and writing blocks the thread.
impl Keypair {
    /// Writes the keys to a new file that only its owner may read and write (mode 600 on Unix).
    ///
    /// The file is there in full or not at all: the keys are written to a second file beside it,
    /// which then takes its name.
    ///
    /// # Errors
    /// [`Error::KeyFileExists`] when there is such a file and `overwrite` does not allow to replace
    /// it; [`Error::KeyFile`] when it cannot be written.
    pub fn save(&self, path: impl AsRef<Path>, overwrite: Overwrite) -> Result<(), Error> {
        let path = path.as_ref();
        self.write(path, overwrite).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => Error::KeyFileExists(path.into()),
            _ => Error::KeyFile { path: path.into(), source },
        })
    }

    /// Reads keys from a file.
    ///
    /// # Errors
    /// [`Error::KeyFileMissing`] when there is none; [`Error::KeyFileOpen`] when others than its
    /// owner may read or write it (on Unix), for then it may be known to them; an error of
    /// [`from_protobuf`](Keypair::from_protobuf) when it holds no keys. Who has to read such a file
    /// all the same reads the bytes and gives them to that function.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => Error::KeyFileMissing(path.into()),
            _ => Error::KeyFile { path: path.into(), source },
        })?;
        refuse_open_file(&file, path)?;
        // Reserved at once, for growing would leave copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_KEY_FILE_LENGTH + 1));
        file.take(MAX_KEY_FILE_LENGTH as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|source| Error::KeyFile { path: path.into(), source })?;
        if MAX_KEY_FILE_LENGTH < bytes.len() {
            return Err(Error::KeyFileTooLong(path.into()));
        }
        Keypair::from_protobuf(&bytes)
    }

    /// Reads keys from a file, or makes new ones and writes them when there is none.
    ///
    /// # Errors
    /// As [`load`](Keypair::load), [`generate`](Keypair::generate) and [`save`](Keypair::save) have.
    pub fn load_or_generate(path: impl AsRef<Path>, kind: KeyKind) -> Result<Self, Error> {
        let path = path.as_ref();
        match Keypair::load(path) {
            Err(Error::KeyFileMissing(_)) => {}
            loaded => return loaded,
        }
        let keypair = Keypair::generate(kind)?;
        match keypair.save(path, Overwrite::Refuse) {
            Ok(()) => Ok(keypair),
            // Another process was faster.
            Err(Error::KeyFileExists(_)) => Keypair::load(path),
            Err(error) => Err(error),
        }
    }

    fn write(&self, path: &Path, overwrite: Overwrite) -> io::Result<()> {
        let draft = Draft::create(path)?;
        (&draft.file).write_all(&self.to_protobuf())?;
        draft.file.sync_all()?;
        match overwrite {
            // Unlike a rename, a link fails where there is a file already.
            Overwrite::Refuse => fs::hard_link(&draft.path, path),
            Overwrite::Replace => fs::rename(&draft.path, path),
        }
    }
}

/// A file beside the wanted one, gone when this is dropped unless it took another name.
struct Draft {
    path: PathBuf,
    file: File,
}

impl Draft {
    fn create(beside: &Path) -> io::Result<Self> {
        let mut random = [0; 8];
        peerloom_crypto::fill_random(&mut random).map_err(io::Error::other)?;
        let name = beside.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let mut draft = name.to_os_string();
        draft.push(format!(".{:016x}", u64::from_be_bytes(random)));
        let path = beside.with_file_name(draft);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, OWNER_ONLY);
        let file = options.open(&path)?;
        Ok(Draft { path, file })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After a rename it is not there any more.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(unix)]
fn refuse_open_file(file: &File, path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::MetadataExt;

    let metadata = file.metadata();
    let metadata = metadata.map_err(|source| Error::KeyFile { path: path.into(), source })?;
    let mode = metadata.mode() & 0o777;
    if mode & !(OWNER_ONLY | 0o100) == 0 {
        Ok(())
    } else {
        Err(Error::KeyFileOpen { path: path.into(), mode })
    }
}

#[cfg(not(unix))]
fn refuse_open_file(_: &File, _: &Path) -> Result<(), Error> {
    Ok(())
}

/// The longest file that is read as keys, in bytes: those of 8192 bits of RSA take under 5 KiB.
pub const MAX_KEY_FILE_LENGTH: usize = 8 * 1024;

/// The owner reads and writes, nobody else does anything.
#[cfg(unix)]
const OWNER_ONLY: u32 = 0o600;
