//! Unix sockets do what every transport does.
#![cfg(unix)]

mod folder;

use std::sync::atomic::{AtomicUsize, Ordering};

use peerloom_core::BoxTransport;
use peerloom_testkit::transport::conforms_without_wildcard;
use peerloom_transport_unix::Transport;

use folder::Folder;

#[tokio::test]
async fn unix_sockets_conform() {
    let (folder, count) = (Folder::new(), AtomicUsize::new(0));
    let fresh = move || folder.address(&format!("{}.sock", count.fetch_add(1, Ordering::Relaxed)));
    conforms_without_wildcard(BoxTransport::new(Transport::new()), fresh).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_conform_on_two_threads() {
    let (folder, count) = (Folder::new(), AtomicUsize::new(0));
    let fresh = move || folder.address(&format!("{}.sock", count.fetch_add(1, Ordering::Relaxed)));
    conforms_without_wildcard(BoxTransport::new(Transport::new()), fresh).await;
}
