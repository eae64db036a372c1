//! A field: what it is for and what its value may be.

use alloc::format;
use alloc::string::{String, ToString};

use crate::detail::CONFIG_VALUE;
use crate::error::Error;
use crate::suggest::suggestion;
use crate::words::words;

/// The longest value of a field, in bytes.
pub const MAX_VALUE: usize = 4 * 1024;

words! {
    /// How far a statement about a vendor can be trusted.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Provenance {
        /// The vendor's page says so.
        Documented "documented",
        /// Public clients or replies show it.
        Observed "observed",
        /// Inferred; nothing contradicts it.
        Assumed "assumed",
    }
}

words! {
    /// What a field is for, and whose it is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Role {
        /// Tells one account, tenant or set of rights from another: with the credential, whose token it is.
        Identity "identity",
        /// Proves who asks.
        Credential "credential",
        /// An option of the vendor's: how its API is used.
        Vendor "vendor",
        /// An option of the transport: how requests travel.
        Transport "transport",
        /// An option of the source: how its token is kept.
        Source "source",
    }
}

/// A field of a login. Whoever owns it declares it, with every check of its value.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name: the vendor page's, in snake case.
    pub name: &'static str,
    /// What it is for.
    pub role: Role,
    /// What its value may be.
    pub kind: FieldKind,
    /// Whether it must be given.
    pub need: Need,
    /// What it is, where to find it, its default.
    pub doc: &'static str,
    /// Who says so.
    pub source: Provenance,
    /// What else a value must pass; `Err` says what was expected, without the value.
    pub check: fn(&str) -> Result<(), &'static str>,
}

impl Field {
    /// An optional field that the vendor's page documents.
    pub const fn new(name: &'static str, role: Role, kind: FieldKind, doc: &'static str) -> Self {
        Self {
            name,
            role,
            kind,
            need: Need::Optional,
            doc,
            source: Provenance::Documented,
            check: |_| Ok(()),
        }
    }

    /// The field, which must be given.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { need: Need::Required, ..self }
    }

    /// The field, which must be given unless `other` is.
    #[must_use]
    pub const fn unless(self, other: &'static str) -> Self {
        Self { need: Need::Unless(other), ..self }
    }

    /// The field, known from elsewhere than the vendor's page.
    #[must_use]
    pub const fn known(self, source: Provenance) -> Self {
        Self { source, ..self }
    }

    /// The field, whose values must pass `check`.
    #[must_use]
    pub const fn checked(self, check: fn(&str) -> Result<(), &'static str>) -> Self {
        Self { check, ..self }
    }

    /// Refuses what no field may hold, and what this one may not.
    pub(crate) fn check_value(&self, value: &str) -> Result<(), Error> {
        let bad = |what: String| Err(Error::new(&CONFIG_VALUE, format!("{}: {what}", self.name)));
        if value.is_empty() {
            return bad("the value is empty".to_string());
        }
        if value.len() > MAX_VALUE {
            return bad("the value is longer than 4 KiB".to_string());
        }
        if value.chars().any(char::is_control) {
            return bad("the value holds a control character (a newline at its end?)".to_string());
        }
        match self.kind {
            FieldKind::Choice(words) if !words.contains(&value) => {
                let hint = suggestion(value, words.iter().copied());
                bad(format!("expected one of {}{hint}", words.join(", ")))
            }
            _ => (self.check)(value).or_else(|expected| bad(format!("expected {expected}"))),
        }
    }
}

/// What a field's value may be. No kind allows control characters or more than 4 KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldKind {
    /// Not secret: shown in `Debug` and status.
    Text,
    /// Words between blanks or commas, not secret, whose order means nothing.
    List,
    /// Secret: never shown.
    Secret,
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// Whether a field must be given. None must be where a pasted `token` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Always.
    Required,
    /// Unless the other field is given.
    Unless(&'static str),
    /// Never.
    Optional,
}
