//! Handlers under the names that they serve.

use crate::{Matcher, Supported};

/// Which handler serves which protocol.
///
/// A name that is registered exactly goes to its handler; any other to the first matcher, in the
/// order of registration, that takes it.
#[derive(Clone, Debug)]
pub struct Registry<H> {
    entries: Vec<(Matcher, H)>,
}

impl<H> Registry<H> {
    /// Serves nothing.
    #[must_use]
    pub fn new() -> Self {
        Registry { entries: Vec::new() }
    }

    /// Serves what `matcher` takes with `handler`, and returns the handler that an equal matcher had.
    pub fn insert(&mut self, matcher: impl Into<Matcher>, handler: H) -> Option<H> {
        let matcher = matcher.into();
        match self.entries.iter_mut().find(|(taken, _)| *taken == matcher) {
            Some((_, old)) => Some(std::mem::replace(old, handler)),
            None => {
                self.entries.push((matcher, handler));
                None
            }
        }
    }

    /// No longer serves what was inserted with an equal matcher.
    pub fn remove(&mut self, matcher: &Matcher) -> Option<H> {
        let index = self.entries.iter().position(|(taken, _)| taken == matcher)?;
        Some(self.entries.remove(index).1)
    }

    /// The handler that serves a proposed name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&H> {
        let takes = |(matcher, _): &&(Matcher, H)| matcher.matches(name);
        let mut exact = self.entries.iter().filter(|(matcher, _)| matcher.is_exact());
        let entry = exact.find(takes).or_else(|| self.entries.iter().find(takes));
        entry.map(|(_, handler)| handler)
    }

    /// The names to tell others, one a matcher.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.entries.iter().map(|(matcher, _)| matcher.name()).collect()
    }
}

impl<H> Default for Registry<H> {
    fn default() -> Self {
        Registry::new()
    }
}

impl<H: Clone> Supported for Registry<H> {
    type Choice = H;

    fn select(&self, name: &str) -> Option<H> {
        self.find(name).cloned()
    }

    fn names(&self) -> Vec<String> {
        self.names()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_name_wins_over_patterns_and_patterns_in_their_order() {
        let mut registry = Registry::new();
        registry.insert(Matcher::predicate("/any", |_| true), "any");
        registry.insert(Matcher::semver("/echo", "1").unwrap(), "echo 1");
        registry.insert("/echo/1.2.0", "echo 1.2.0");
        assert_eq!(registry.find("/echo/1.2.0"), Some(&"echo 1.2.0"));
        assert_eq!(registry.find("/echo/1.3.0"), Some(&"any"));
        assert_eq!(registry.names(), ["/any", "/echo/1.0.0", "/echo/1.2.0"]);
    }

    #[test]
    fn an_equal_matcher_replaces_and_removes() {
        let mut registry = Registry::new();
        assert_eq!(registry.insert("/echo/1.0.0", 1), None);
        assert_eq!(registry.insert("/echo/1.0.0", 2), Some(1));
        assert_eq!(registry.insert(Matcher::semver("/echo", "^1").unwrap(), 3), None);
        assert_eq!(registry.remove(&"/echo/1.0.0".into()), Some(2));
        assert_eq!(registry.remove(&"/echo/1.0.0".into()), None);
        assert_eq!(registry.find("/echo/1.0.0"), Some(&3), "the range remains");
    }
}
