//! Who gets the file of a socket, and what becomes of it.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod folder;

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use peerloom_core::{BoxListener, Fault, Listener, ListenerEvent, Transport as _};
use peerloom_multiaddr::Multiaddr;
use peerloom_transport_unix::{Error, Transport};
use rustix::fs::{FlockOperation, flock};
use tokio::time::timeout;

use folder::Folder;

async fn listen(address: &Multiaddr) -> Result<BoxListener, peerloom_core::Error> {
    Transport.listen(address).await
}

/// Why an address is not listened at, and whose fault that is.
async fn refusal(address: &Multiaddr) -> peerloom_core::Error {
    listen(address).await.map(drop).unwrap_err()
}

async fn assert_alive(listener: &mut BoxListener) {
    let address = listener.addresses().remove(0);
    let both = async { tokio::join!(Transport.dial(&address), listener.next()) };
    let (dialed, event) = timeout(Duration::from_secs(10), both).await.unwrap();
    assert!(dialed.is_ok() && matches!(event, Ok(ListenerEvent::Incoming(_))));
}

#[tokio::test]
async fn a_socket_that_nobody_is_behind_is_replaced() {
    let folder = Folder::new();
    drop(UnixListener::bind(folder.path("a")).unwrap());
    assert!(folder.path("a").exists(), "the standard library leaves the file");
    let mut listener = listen(&folder.address("a")).await.unwrap();
    assert_alive(&mut listener).await;
}

#[tokio::test]
async fn a_living_socket_is_an_error_that_says_so_and_is_not_disturbed() {
    let folder = Folder::new();
    let mut listener = listen(&folder.address("a")).await.unwrap();
    let error = refusal(&folder.address("a")).await;
    assert!(matches!(error.downcast_ref(), Some(Error::AddressInUse(_))), "{error:?}");
    assert_eq!(error.fault(), Fault::Caller);
    let next = timeout(Duration::from_millis(1), listener.next()).await;
    assert!(next.is_err(), "it got no connection by being asked");
    assert_alive(&mut listener).await;
}

#[tokio::test]
async fn a_living_socket_of_another_program_is_left_alone() {
    let folder = Folder::new();
    let _stream = UnixListener::bind(folder.path("a")).unwrap();
    let _datagrams = UnixDatagram::bind(folder.path("b")).unwrap();
    for name in ["a", "b"] {
        let error = refusal(&folder.address(name)).await;
        assert!(matches!(error.downcast_ref(), Some(Error::AddressInUse(_))), "{error:?}");
        assert!(folder.path(name).exists());
    }
}

#[tokio::test]
async fn what_is_no_socket_is_never_removed() {
    let folder = Folder::new();
    fs::write(folder.path("file"), "precious").unwrap();
    fs::create_dir(folder.path("folder")).unwrap();
    drop(UnixListener::bind(folder.path("stale")).unwrap());
    symlink(folder.path("stale"), folder.path("link")).unwrap();
    symlink(folder.path("nothing"), folder.path("dangling")).unwrap();
    for name in ["file", "folder", "link", "dangling"] {
        let error = refusal(&folder.address(name)).await;
        assert!(matches!(error.downcast_ref(), Some(Error::NotASocket(_))), "{name}: {error:?}");
        assert_eq!(error.fault(), Fault::Caller);
        assert!(folder.path(name).symlink_metadata().is_ok(), "{name} is still there");
    }
    assert_eq!(fs::read(folder.path("file")).unwrap(), b"precious");
}

#[tokio::test]
async fn the_file_goes_with_the_listener() {
    let folder = Folder::new();
    let listener = listen(&folder.address("a")).await.unwrap();
    assert!(folder.path("a").exists());
    drop(listener);
    assert!(!folder.path("a").exists());
    assert!(listen(&folder.address("a")).await.is_ok());
}

#[tokio::test]
async fn a_file_that_has_become_somebody_elses_stays() {
    let folder = Folder::new();
    let first = listen(&folder.address("a")).await.unwrap();
    fs::remove_file(folder.path("a")).unwrap();
    let mut second = listen(&folder.address("a")).await.unwrap();
    drop(first);
    assert_alive(&mut second).await;

    fs::remove_file(folder.path("a")).unwrap();
    fs::write(folder.path("a"), "precious").unwrap();
    drop(second);
    assert_eq!(fs::read(folder.path("a")).unwrap(), b"precious");
}

#[test]
fn of_many_that_start_at_once_exactly_one_wins() {
    for _ in 0..50 {
        let folder = Folder::new();
        drop(UnixListener::bind(folder.path("a")).unwrap());
        let start = Arc::new(Barrier::new(MANY));
        let starters: Vec<_> = (0..MANY)
            .map(|_| {
                let (start, address) = (Arc::clone(&start), folder.address("a"));
                std::thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread();
                    let runtime = { runtime }.enable_all().build().unwrap();
                    start.wait();
                    let result = runtime.block_on(listen(&address));
                    (runtime, result)
                })
            })
            .collect();
        // Nobody's listener goes before all have tried.
        let tried: Vec<_> = starters.into_iter().map(|starter| starter.join().unwrap()).collect();
        let mut winners = 0;
        for (runtime, result) in tried {
            match result {
                Ok(mut listener) => {
                    winners += 1;
                    runtime.block_on(assert_alive(&mut listener));
                }
                Err(error) => {
                    assert!(matches!(error.downcast_ref(), Some(Error::AddressInUse(_))));
                }
            }
        }
        assert_eq!(winners, 1);
    }
}

const MANY: usize = 8;

#[tokio::test]
async fn a_path_that_cannot_be_is_the_callers_fault() {
    let folder = Folder::new();
    fs::write(folder.path("file"), "").unwrap();
    let long = folder.address(&"x".repeat(200));
    let longer = folder.address(&"x".repeat(300));
    for address in [&long, &longer] {
        for error in [refusal(address).await, Transport.dial(address).await.unwrap_err()] {
            assert!(matches!(error.downcast_ref(), Some(Error::PathTooLong(_))), "{error:?}");
            assert_eq!(error.fault(), Fault::Caller);
        }
    }
    for name in ["missing/a", "file/a"] {
        let error = refusal(&folder.address(name)).await;
        assert!(matches!(error.downcast_ref(), Some(Error::NoFolder(_))), "{error:?}");
        assert_eq!(error.fault(), Fault::Caller);
    }
}

/// Whoever opens a named pipe waits for its other end.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_named_pipe_is_no_folder_and_holds_up_nobody() {
    use rustix::fs::{CWD, Mode, mkfifoat};

    let folder = Folder::new();
    mkfifoat(CWD, folder.path("pipe"), Mode::RUSR | Mode::WUSR).unwrap();
    let error = refusal(&folder.address("pipe/a")).await;
    assert!(matches!(error.downcast_ref(), Some(Error::NoFolder(_))), "{error:?}");
}

#[tokio::test]
async fn a_dial_to_nobody_is_refused_by_the_network() {
    let folder = Folder::new();
    drop(UnixListener::bind(folder.path("stale")).unwrap());
    for name in ["stale", "nothing", "missing/a"] {
        let error = Transport.dial(&folder.address(name)).await.unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(Error::Refused(_))), "{name}: {error:?}");
        assert_eq!(error.fault(), Fault::Network);
    }
}

#[tokio::test(start_paused = true)]
async fn a_folder_that_stays_locked_is_given_up() {
    let folder = Folder::new();
    let lock = File::open(folder.path("")).unwrap();
    flock(&lock, FlockOperation::LockExclusive).unwrap();
    let error = refusal(&folder.address("a")).await;
    assert!(matches!(error.downcast_ref(), Some(Error::FolderLocked(_))), "{error:?}");
    assert_eq!(error.fault(), Fault::Caller);

    let address = folder.address("a");
    let unlock = async { flock(&lock, FlockOperation::Unlock).unwrap() };
    let (listener, ()) = tokio::join!(listen(&address), unlock);
    assert!(listener.is_ok(), "it waits for a lock that is held for a moment");
}

#[tokio::test(start_paused = true)]
async fn a_dial_waits_while_the_backlog_is_full() {
    let folder = Folder::new();
    let address = folder.address("a");
    let mut listener = listen(&address).await.unwrap();
    let mut waiting = Vec::new();
    while let Ok(link) = timeout(Duration::from_millis(1), Transport.dial(&address)).await {
        waiting.push(link.unwrap());
    }
    let (dialed, event) = tokio::join!(Transport.dial(&address), listener.next());
    assert!(dialed.is_ok() && matches!(event, Ok(ListenerEvent::Incoming(_))));
}
