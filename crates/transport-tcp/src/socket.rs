//! Sockets with the options that dialing and listening need.

use std::io;
use std::net::SocketAddr;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::{Config, KeepAlive};

/// Listens on `address`. An IPv6 socket takes IPv6 alone.
pub(crate) fn listen(address: SocketAddr, config: &Config) -> io::Result<TcpListener> {
    let socket = bindable(address)?;
    socket.bind(address)?;
    if config.port_reuse {
        // Only now, so that an address that somebody else reuses counts as taken all the same.
        share_port(&socket)?;
    }
    socket.listen(config.backlog)
}

/// Connects to `remote` from `source`, which is a listening socket's address.
pub(crate) async fn connect_from(source: SocketAddr, remote: SocketAddr) -> io::Result<TcpStream> {
    let socket = bindable(source)?;
    share_port(&socket)?;
    socket.bind(source)?;
    socket.connect(remote).await
}

/// Connects to `remote` from a port of the system's choice.
pub(crate) async fn connect(remote: SocketAddr) -> io::Result<TcpStream> {
    TcpStream::connect(remote).await
}

/// Sets what every connection has.
pub(crate) fn set_options(stream: &TcpStream, config: &Config) -> io::Result<()> {
    stream.set_nodelay(config.no_delay)?;
    match config.keep_alive {
        Some(keep_alive) => SockRef::from(stream).set_tcp_keepalive(&probing(keep_alive)),
        None => Ok(()),
    }
}

fn bindable(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    if address.is_ipv6() {
        SockRef::from(&socket).set_only_v6(true)?;
    }
    // Connections of an earlier life keep nobody from listening. On Windows the option means another thing.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    Ok(socket)
}

#[cfg(all(unix, not(any(target_os = "solaris", target_os = "illumos", target_os = "cygwin"))))]
fn share_port(socket: &TcpSocket) -> io::Result<()> {
    socket.set_reuseport(true)
}

#[cfg(not(all(
    unix,
    not(any(target_os = "solaris", target_os = "illumos", target_os = "cygwin"))
)))]
fn share_port(_: &TcpSocket) -> io::Result<()> {
    Ok(())
}

fn probing(keep_alive: KeepAlive) -> TcpKeepalive {
    let probing = TcpKeepalive::new().with_time(keep_alive.idle);
    #[cfg(not(any(target_os = "openbsd", target_os = "haiku", target_os = "solaris")))]
    let probing = probing.with_interval(keep_alive.interval).with_retries(keep_alive.probes);
    probing
}

#[cfg(test)]
mod tests {
    #[cfg(target_os = "linux")]
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_connection_has_the_options_that_were_asked_for() {
        let listener = listen("127.0.0.1:0".parse().unwrap(), &Config::default()).unwrap();
        let stream = connect(listener.local_addr().unwrap()).await.unwrap();
        set_options(&stream, &Config::default()).unwrap();
        let socket = SockRef::from(&stream);
        assert!(socket.tcp_nodelay().unwrap() && socket.keepalive().unwrap());
        #[cfg(target_os = "linux")]
        assert_eq!(socket.tcp_keepalive_time().unwrap(), Duration::from_secs(60));

        let stream = connect(listener.local_addr().unwrap()).await.unwrap();
        let config = Config { no_delay: false, keep_alive: None, ..Config::default() };
        set_options(&stream, &config).unwrap();
        let socket = SockRef::from(&stream);
        assert!(!socket.tcp_nodelay().unwrap() && !socket.keepalive().unwrap());
    }
}
