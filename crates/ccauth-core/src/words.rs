//! Enums whose variants have a stable word each.

/// Declares such an enum with `ALL`, `NAMES`, `name` and `from_name`.
macro_rules! words {
    (
        $(#[$about:meta])*
        pub enum $name:ident { $($(#[$doc:meta])+ $variant:ident $word:literal,)+ }
    ) => {
        $(#[$about])*
        pub enum $name { $($(#[$doc])+ $variant,)+ }

        impl $name {
            /// Every one, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable words, in the same order.
            pub const NAMES: &'static [&'static str] = &[$($word),+];

            /// The stable word.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The one with this stable word.
            pub fn from_name(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == word)
            }
        }
    };
}

pub(crate) use words;
