//! What this system says about whom to ask for names.

use hickory_resolver::config::{ResolverConfig, ResolverOpts};

/// The servers and options of this system, or why they are not known.
pub(crate) fn read() -> Result<(ResolverConfig, ResolverOpts), String> {
    platform::read()
}

/// Systems with a file of servers.
#[cfg(all(unix, not(any(target_os = "android", target_vendor = "apple"))))]
mod platform {
    use std::fs;
    use std::io;
    use std::path::Path;

    use hickory_resolver::config::{ResolverConfig, ResolverOpts};
    use hickory_resolver::system_conf::parse_resolv_conf;

    pub(super) fn read() -> Result<(ResolverConfig, ResolverOpts), String> {
        read_file(Path::new(FILE))
    }

    pub(super) fn read_file(file: &Path) -> Result<(ResolverConfig, ResolverOpts), String> {
        let of_file = |error: &dyn std::error::Error| format!("{}: {error}", file.display());
        let mut text = match fs::read(file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(of_file(&error)),
        };
        let read = parse_resolv_conf(&text).or_else(|_| {
            // Most likely it names no server. What else it says still counts.
            text.extend_from_slice(LOCAL_SERVER);
            parse_resolv_conf(&text)
        });
        read.map_err(|error| of_file(&error))
    }

    /// Where the servers are kept.
    const FILE: &str = "/etc/resolv.conf";

    /// The server of systems that name none.
    const LOCAL_SERVER: &[u8] = b"\nnameserver 127.0.0.1\n";
}

/// All others, which have an interface for it.
#[cfg(not(all(unix, not(any(target_os = "android", target_vendor = "apple")))))]
mod platform {
    use hickory_resolver::config::{ResolverConfig, ResolverOpts};
    use hickory_resolver::system_conf::read_system_conf;

    pub(super) fn read() -> Result<(ResolverConfig, ResolverOpts), String> {
        read_system_conf().map_err(|error| error.to_string())
    }
}

#[cfg(test)]
#[cfg(all(unix, not(any(target_os = "android", target_vendor = "apple"))))]
mod tests {
    use std::net::SocketAddr;
    use std::path::{Path, PathBuf};

    use peerloom_core::Fault;

    use crate::{Config, Error, Reason, Resolver};

    /// A file of one test's own, gone with it.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str, content: &[u8]) -> Self {
            let name = format!("peerloom-resolv-{}-{name}", std::process::id());
            let file = std::env::temp_dir().join(name);
            std::fs::write(&file, content).unwrap();
            Scratch(file)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    fn config(file: &Path) -> Config {
        Config::of(super::platform::read_file(file))
    }

    fn servers(name: &str, content: &[u8]) -> Vec<SocketAddr> {
        config(&Scratch::new(name, content).0).servers()
    }

    /// Why a name has no address.
    async fn reason(file: &Path) -> Reason {
        let name = "/dns4/a.example/tcp/1".parse().unwrap();
        let error = Resolver::new(config(file)).resolve(&name, |_| true).await.unwrap_err();
        assert_eq!(error.fault(), Fault::Caller);
        let Error::Lookup { source, .. } = error else { panic!("{error:?}") };
        source.reason
    }

    #[test]
    fn a_file_names_the_servers() {
        let named = servers("named", b"nameserver 192.0.2.1\nnameserver ::1\nnonsense\n");
        assert_eq!(named, ["192.0.2.1:53".parse().unwrap(), "[::1]:53".parse().unwrap()]);
    }

    #[test]
    fn where_no_server_is_named_the_machine_is_its_own() {
        let local: [SocketAddr; 1] = ["127.0.0.1:53".parse().unwrap()];
        assert_eq!(config(Path::new("/nowhere/resolv.conf")).servers(), local);
        for (number, content) in [
            &b""[..],
            b"# nothing but a comment",
            b"search a.example\noptions timeout:1",
            b"nameserver nonsense",
            b"\xff\xfe\x00{\"nameservers\": []}",
        ]
        .iter()
        .enumerate()
        {
            assert_eq!(servers(&format!("none-{number}"), content), local, "{content:?}");
        }
        let kept = config(&Scratch::new("kept", b"options timeout:1").0);
        assert_eq!(kept.query_timeout, std::time::Duration::from_secs(1));
    }

    #[tokio::test]
    async fn a_failure_to_read_is_told_to_whoever_asks_for_a_name() {
        let directory = std::env::temp_dir();
        assert_eq!(config(&directory).servers(), []);
        let Reason::Unread(why) = reason(&directory).await else { panic!("it was read") };
        assert!(why.starts_with(&format!("{}: ", directory.display())), "{why}");

        let long = format!("nameserver 192.0.2.1\nsearch {}\n", "a".repeat(64));
        let file = Scratch::new("search", long.as_bytes());
        let Reason::Unread(why) = reason(&file.0).await else { panic!("it was read") };
        assert!(why.contains("resolv.conf"), "{why}");
    }
}
