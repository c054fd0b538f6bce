//! Values that are text: names, and the path of a Unix socket.

use std::borrow::Cow;
use std::fmt;

use super::checked::checked;
use super::excerpt;
use crate::ValueError;
use crate::text::split_path;

checked! {
    /// A name: of a host (`dns`, `sni`), an interface (`ip6zone`), a place in memory.
    ///
    /// It is not empty, and has no slash and no control character, so that it can be shown
    /// wherever it comes from; otherwise it is not looked at.
    Name(str), check_name, Ok
}

checked! {
    /// The absolute path of a Unix socket, without control characters. It does not end in `/p2p` and a
    /// peer id, since in the text of an address that is the next part.
    UnixPath(str), check_path, Ok, takes_rest: true
}

/// The digits of a number are a name.
impl From<u64> for Name<'_> {
    fn from(number: u64) -> Self {
        Name(Cow::Owned(number.to_string()))
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for UnixPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn check_name(name: &str) -> Result<(), ValueError> {
    match name {
        "" => Err(ValueError::Empty),
        _ if name.contains('/') => Err(ValueError::Slash(excerpt(name))),
        _ if name.contains(char::is_control) => Err(ValueError::Control),
        _ => Ok(()),
    }
}

fn check_path(path: &str) -> Result<(), ValueError> {
    match path {
        "" => Err(ValueError::Empty),
        _ if !path.starts_with('/') => Err(ValueError::RelativePath),
        _ if path.ends_with('/') => Err(ValueError::DirectoryPath),
        _ if path.contains(char::is_control) => Err(ValueError::Control),
        _ if !split_path(path).1.is_empty() => Err(ValueError::PeerInPath),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn a_name_is_what_can_stand_between_slashes() {
        assert_eq!(Name::new(""), Err(ValueError::Empty));
        assert_eq!(Name::new("a/b"), Err(ValueError::Slash("a/b".into())));
        assert_eq!(Name::new("a\u{1b}[2J"), Err(ValueError::Control));
        assert_eq!(Name::decode(b"\xff"), Err(ValueError::NotText));
        assert_eq!(*Name::from(u64::MAX), *"18446744073709551615");
    }

    #[test]
    fn a_path_is_absolute_and_names_no_directory() {
        assert_eq!(UnixPath::new(""), Err(ValueError::Empty));
        assert_eq!(UnixPath::new("a"), Err(ValueError::RelativePath));
        assert_eq!(UnixPath::new("/"), Err(ValueError::DirectoryPath));
        assert_eq!(UnixPath::new("/a/"), Err(ValueError::DirectoryPath));
        assert_eq!(UnixPath::new("/a\0"), Err(ValueError::Control));
        assert!(UnixPath::new("/a b/c").is_ok());
    }

    #[test]
    fn a_path_does_not_end_in_what_is_read_as_a_peer() {
        let peer = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";
        for name in ["p2p", "ipfs"] {
            let path = format!("/a/{name}/{peer}");
            assert_eq!(UnixPath::new(path), Err(ValueError::PeerInPath));
        }
        for path in ["/a/p2p/b".to_owned(), format!("/a/{peer}"), format!("/p2p/{peer}")] {
            assert!(UnixPath::new(path).is_ok());
        }
    }
}
