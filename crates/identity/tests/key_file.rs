//! Keys in files: kept from others, never half written, never lost by accident.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::fs;
use std::path::{Path, PathBuf};

use peerloom_identity::{Error, KeyKind, Keypair, MAX_KEY_FILE_LENGTH, Overwrite};

/// A folder of one test, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = Keypair::generate_ed25519().unwrap().peer_id().to_string();
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder).unwrap();
        Folder(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("key")
    }

    fn names(&self) -> Vec<String> {
        let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
        fs::read_dir(&self.0).unwrap().map(|entry| name(entry.unwrap())).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn saved_keys_are_loaded_again() {
    let folder = Folder::new();
    let keypair = Keypair::generate_ed25519().unwrap();
    keypair.save(folder.file(), Overwrite::Refuse).unwrap();
    assert_eq!(Keypair::load(folder.file()).unwrap().peer_id(), keypair.peer_id());
    assert_eq!(fs::read(folder.file()).unwrap(), *keypair.to_protobuf());
    assert_eq!(folder.names(), ["key"]);
}

#[test]
fn keys_are_replaced_only_when_asked() {
    let folder = Folder::new();
    let (one, other) = (Keypair::generate_ed25519().unwrap(), Keypair::generate_ed25519().unwrap());
    one.save(folder.file(), Overwrite::Refuse).unwrap();
    let refused = other.save(folder.file(), Overwrite::Refuse);
    assert!(matches!(refused, Err(Error::KeyFileExists(path)) if path == folder.file()));
    assert_eq!(Keypair::load(folder.file()).unwrap().peer_id(), one.peer_id());
    other.save(folder.file(), Overwrite::Replace).unwrap();
    assert_eq!(Keypair::load(folder.file()).unwrap().peer_id(), other.peer_id());
    assert_eq!(folder.names(), ["key"]);
}

#[test]
#[cfg(unix)]
fn nobody_but_the_owner_may_read_a_saved_file() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new();
    let keypair = Keypair::generate_ed25519().unwrap();
    fs::write(folder.file(), "").unwrap();
    set_mode(&folder.file(), 0o644);
    keypair.save(folder.file(), Overwrite::Replace).unwrap();
    assert_eq!(fs::metadata(folder.file()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
#[cfg(unix)]
fn a_file_that_others_may_read_or_write_is_refused() {
    let folder = Folder::new();
    Keypair::generate_ed25519().unwrap().save(folder.file(), Overwrite::Refuse).unwrap();
    for mode in [0o644, 0o640, 0o620, 0o604, 0o602, 0o666] {
        set_mode(&folder.file(), mode);
        match Keypair::load(folder.file()) {
            Err(Error::KeyFileOpen { mode: found, .. }) => assert_eq!(found, mode),
            other => unreachable!("{other:?}"),
        }
    }
    for mode in [0o600, 0o400, 0o700] {
        set_mode(&folder.file(), mode);
        Keypair::load(folder.file()).unwrap();
    }
}

#[test]
fn what_is_not_a_key_file_is_a_typed_error() {
    let folder = Folder::new();
    assert!(matches!(Keypair::load(folder.file()), Err(Error::KeyFileMissing(_))));
    let keypair = Keypair::generate_ed25519().unwrap();
    keypair.save(folder.file(), Overwrite::Refuse).unwrap();

    for content in [vec![], b"no key".to_vec(), keypair.to_protobuf().get(..40).unwrap().to_vec()] {
        fs::write(folder.file(), content).unwrap();
        assert!(matches!(Keypair::load(folder.file()), Err(Error::KeyMessage(_))));
    }
    fs::write(folder.file(), vec![0; MAX_KEY_FILE_LENGTH + 1]).unwrap();
    assert!(matches!(Keypair::load(folder.file()), Err(Error::KeyFileTooLong(_))));

    let nowhere = folder.0.join("nowhere").join("key");
    let saved = keypair.save(nowhere, Overwrite::Refuse);
    assert!(matches!(saved, Err(Error::KeyFile { .. })));
}

#[test]
fn keys_are_made_when_there_are_none() {
    let folder = Folder::new();
    let made = Keypair::load_or_generate(folder.file(), KeyKind::Ed25519).unwrap();
    let loaded = Keypair::load_or_generate(folder.file(), KeyKind::Ed25519).unwrap();
    assert_eq!(loaded.peer_id(), made.peer_id());
    fs::write(folder.file(), "no key").unwrap();
    Keypair::load_or_generate(folder.file(), KeyKind::Ed25519).unwrap_err();
}
