//! Which names a protocol goes by: one, a range of versions, or whatever a function says.

use std::fmt;
use std::sync::Arc;

use semver::{BuildMetadata, Version, VersionReq};

/// Decides which proposed names belong to a protocol.
///
/// Two matchers are equal when they are of one kind and written alike; predicates are told apart
/// by their base name only.
#[derive(Clone)]
pub struct Matcher {
    base: String,
    rule: Rule,
}

/// What is wrong with the range of a [`Matcher::semver`].
#[derive(Debug, thiserror::Error)]
#[error("not a range of versions: {requirement:?}")]
pub struct InvalidRequirement {
    /// What was given.
    pub requirement: String,
    #[source]
    source: semver::Error,
}

#[derive(Clone)]
enum Rule {
    Exact,
    Predicate(Arc<dyn Fn(&str) -> bool + Send + Sync>),
    Versions(VersionReq),
}

impl Matcher {
    /// Takes this very name.
    pub fn exact(name: impl Into<String>) -> Self {
        Matcher { base: name.into(), rule: Rule::Exact }
    }

    /// Takes every name for which `matches` returns true; it goes by the name `base`.
    pub fn predicate(
        base: impl Into<String>,
        matches: impl Fn(&str) -> bool + Send + Sync + 'static,
    ) -> Self {
        Matcher { base: base.into(), rule: Rule::Predicate(Arc::new(matches)) }
    }

    /// Takes `base`, a `/`, and a [semantic version](https://semver.org) in the range
    /// `requirement`, written as in a Cargo manifest.
    ///
    /// Parts that a name leaves out count as zero: `/echo/1.2` is version 1.2.0.
    ///
    /// ```
    /// use peerloom_multistream_select::Matcher;
    ///
    /// let echo = Matcher::semver("/echo", "^1.2")?;
    /// assert!(echo.matches("/echo/1.2") && echo.matches("/echo/1.7.3"));
    /// assert!(!echo.matches("/echo/1.1.9") && !echo.matches("/echo/2.0.0"));
    /// # Ok::<(), peerloom_multistream_select::InvalidRequirement>(())
    /// ```
    ///
    /// # Errors
    /// When `requirement` is no range of versions.
    pub fn semver(base: impl Into<String>, requirement: &str) -> Result<Self, InvalidRequirement> {
        match VersionReq::parse(requirement) {
            Ok(versions) => Ok(Matcher { base: base.into(), rule: Rule::Versions(versions) }),
            Err(source) => Err(InvalidRequirement { requirement: requirement.to_owned(), source }),
        }
    }

    /// Whether a proposed name is the protocol's.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        match &self.rule {
            Rule::Exact => name == self.base,
            Rule::Predicate(matches) => matches(name),
            Rule::Versions(range) => name
                .strip_prefix(&self.base)
                .and_then(|rest| rest.strip_prefix('/'))
                .and_then(version)
                .is_some_and(|version| range.matches(&version)),
        }
    }

    /// A name to tell others: the exact one, a predicate's base, or the lowest version that a
    /// range both names and holds. A range without one (`>1`) goes by its base.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.rule {
            Rule::Exact | Rule::Predicate(_) => self.base.clone(),
            Rule::Versions(range) => match first_version(range) {
                Some(version) => format!("{}/{version}", self.base),
                None => self.base.clone(),
            },
        }
    }

    /// Whether the matcher takes one name only.
    pub(crate) fn is_exact(&self) -> bool {
        matches!(self.rule, Rule::Exact)
    }
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        let alike = match (&self.rule, &other.rule) {
            (Rule::Exact, Rule::Exact) | (Rule::Predicate(_), Rule::Predicate(_)) => true,
            (Rule::Versions(ours), Rule::Versions(theirs)) => ours == theirs,
            (Rule::Exact | Rule::Predicate(_) | Rule::Versions(_), _) => false,
        };
        alike && self.base == other.base
    }
}

impl Eq for Matcher {}

impl From<&str> for Matcher {
    fn from(name: &str) -> Self {
        Matcher::exact(name)
    }
}

impl From<String> for Matcher {
    fn from(name: String) -> Self {
        Matcher::exact(name)
    }
}

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = &self.base;
        match &self.rule {
            Rule::Exact => write!(f, "Matcher({base:?})"),
            Rule::Predicate(_) => write!(f, "Matcher({base:?}, predicate)"),
            Rule::Versions(range) => write!(f, "Matcher({base:?}, {range})"),
        }
    }
}

/// A version whose missing parts are zero.
fn version(text: &str) -> Option<Version> {
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let zeros = match numbers.matches('.').count() {
        0 => ".0.0",
        1 => ".0",
        _ => "",
    };
    Version::parse(&format!("{numbers}{zeros}{rest}")).ok()
}

/// The lowest of the bounds that lie in the range themselves.
fn first_version(range: &VersionReq) -> Option<Version> {
    let bounds = range.comparators.iter().map(|comparator| Version {
        major: comparator.major,
        minor: comparator.minor.unwrap_or(0),
        patch: comparator.patch.unwrap_or(0),
        pre: comparator.pre.clone(),
        build: BuildMetadata::EMPTY,
    });
    bounds.filter(|version| range.matches(version)).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_may_leave_parts_out() {
        let echo = Matcher::semver("/echo", "^1.2").unwrap();
        for name in ["/echo/1.2", "/echo/1.2.0", "/echo/1.2.3", "/echo/1.9", "/echo/1.2+build"] {
            assert!(echo.matches(name), "{name}");
        }
        assert!(Matcher::semver("/echo", "1").unwrap().matches("/echo/1"));
    }

    #[test]
    fn what_is_not_a_version_in_the_range_is_refused() {
        let echo = Matcher::semver("/echo", "^1.2").unwrap();
        let names = [
            "/echo",
            "/echo/",
            "/echo/1",
            "/echo/1.1.9",
            "/echo/2.0",
            "/echo1.2",
            "/echo/1.2.3.4",
            "/echo/x",
            "/echo/push/1.2",
            "/echo/-1.2",
            "/echo/1.2.0-rc",
            "/echo/99999999999999999999",
            "/echo/1..2",
            "/echo/01.2",
            "/echo//1.2",
            "/reecho/1.2",
        ];
        for name in names {
            assert!(!echo.matches(name), "{name}");
        }
    }

    #[test]
    fn a_range_goes_by_the_first_version_that_it_names() {
        let name = |requirement| Matcher::semver("/echo", requirement).unwrap().name();
        assert_eq!(name("^1.2"), "/echo/1.2.0");
        assert_eq!(name(">=1.2.3, <3"), "/echo/1.2.3");
        assert_eq!(name(">=1.2, <=3"), "/echo/1.2.0");
        assert_eq!(name("1.*"), "/echo/1.0.0");
        assert_eq!(name("*"), "/echo");
        assert_eq!(name(">1"), "/echo");
        assert_eq!(name("<2"), "/echo");
    }

    #[test]
    fn a_bad_range_is_an_error_at_once() {
        let error = Matcher::semver("/echo", "one").unwrap_err();
        assert_eq!(error.to_string(), r#"not a range of versions: "one""#);
    }

    #[test]
    fn a_predicate_takes_what_it_likes() {
        let any = Matcher::predicate("/echo", |name| name.starts_with("/echo"));
        assert!(any.matches("/echoes") && !any.matches("/ech"));
        assert_eq!(any.name(), "/echo");
    }
}
