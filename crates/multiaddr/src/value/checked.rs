//! How a value that may not hold everything is defined: checked once, then read like the text or bytes in it.

use crate::ValueError;

/// Defines a value; `check` says what it may hold and `parse` reads its text. It wants a `Display`.
macro_rules! checked {
    ($(#[$doc:meta])* $name:ident($content:ty), $check:ident, $parse:expr) => {
        checked! { $(#[$doc])* $name($content), $check, $parse, takes_rest: false }
    };
    ($(#[$doc:meta])* $name:ident($content:ty), $check:ident, $parse:expr, takes_rest: $rest:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name<'a>(std::borrow::Cow<'a, $content>);

        impl<'a> $name<'a> {
            /// Takes a value that can stand in an address.
            ///
            /// # Errors
            /// When it cannot.
            pub fn new(
                value: impl Into<std::borrow::Cow<'a, $content>>,
            ) -> Result<Self, $crate::ValueError> {
                let value = value.into();
                $check(&value)?;
                Ok($name(value))
            }

            /// The same without a borrow.
            #[must_use]
            pub fn into_owned(self) -> $name<'static> {
                $name(std::borrow::Cow::Owned(self.0.into_owned()))
            }
        }

        impl std::ops::Deref for $name<'_> {
            type Target = $content;

            fn deref(&self) -> &$content {
                &self.0
            }
        }

        impl<'a> $crate::value::Value<'a> for $name<'a> {
            const LENGTH: Option<usize> = None;
            const TAKES_REST: bool = $rest;
            type Owned = $name<'static>;

            fn decode(bytes: &'a [u8]) -> Result<Self, $crate::ValueError> {
                $name::new(<$content as $crate::value::checked::Content>::decode(bytes)?)
            }

            fn parse(text: &'a str) -> Result<Self, $crate::ValueError> {
                $parse(text).and_then($name::new)
            }

            fn encode(&self) -> std::borrow::Cow<'_, [u8]> {
                AsRef::<[u8]>::as_ref(&*self.0).into()
            }

            fn into_owned(self) -> $name<'static> {
                self.into_owned()
            }
        }
    };
}

pub(crate) use checked;

/// What a checked value holds: text or bytes.
pub(crate) trait Content {
    fn decode(bytes: &[u8]) -> Result<&Self, ValueError>;
}

impl Content for str {
    fn decode(bytes: &[u8]) -> Result<&Self, ValueError> {
        std::str::from_utf8(bytes).map_err(|_| ValueError::NotText)
    }
}

impl Content for [u8] {
    fn decode(bytes: &[u8]) -> Result<&Self, ValueError> {
        Ok(bytes)
    }
}
