//! The seam: what a vendor is, to everything that knows no vendor.

use alloc::format;
use alloc::vec::Vec;
use core::fmt;

use crate::Timestamp;
use crate::carriage::Carriage;
use crate::detail;
use crate::error::Error;
use crate::login::Login;
use crate::reading::Reading;
use crate::request::Request;
use crate::token::{Expiry, Token};
use crate::words::words;

words! {
    /// What can be asked of a vendor. Each has [`Op::Issue`]; its [`Descriptor::operations`] name the others.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Op {
        /// Obtain a token with the credentials.
        Issue "issue",
        /// Exchange the held token for a new one.
        Renew "renew",
        /// Ask whether the held token is still valid, and until when.
        Validate "validate",
        /// Make the held token invalid, for every holder.
        Revoke "revoke",
        /// Change the password. The login carries the new one already, so that it has passed the same checks
        /// as any login; the held token stands for the old one.
        ChangePassword "change_password",
    }
}

/// What an operation that succeeded gives.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// [`Op::Issue`] and [`Op::Renew`]: a token, which may be the held one again.
    Token(Token),
    /// [`Op::Validate`]: the token is valid until then.
    Valid(Expiry),
    /// [`Op::Revoke`] and [`Op::ChangePassword`].
    Done,
}

/// A vendor's token API, pure: it builds requests and reads replies, and knows no socket, no clock, no
/// file. A new vendor implements this and passes the conformance suite; nothing else changes.
pub trait Vendor: fmt::Debug + Send + Sync {
    /// What the vendor needs and can do.
    fn descriptor(&self) -> &'static Descriptor;

    /// Checks what no single field shows: combinations, lists, encodings. Called once, by [`Login::new`].
    ///
    /// # Errors
    /// `config.value` naming the field, never its value.
    fn check(&self, _login: &Login) -> Result<(), Error> {
        Ok(())
    }

    /// Builds the request for `op`. The same arguments give the same bytes.
    ///
    /// # Errors
    /// `operation.unsupported`, `token.needed`, `config.missing`.
    fn build(&self, op: Op, login: &Login, held: Option<&Token>, now: Timestamp) -> Result<Request, Error>;

    /// Reads the reply to the request that [`Vendor::build`] made of the same arguments.
    ///
    /// # Errors
    /// Whatever the reply says; see docs/ERRORS.md.
    fn read(&self, reading: &Reading<'_>) -> Result<Outcome, Error>;
}

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
    /// How a vendor's token is kept fresh.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Renewal {
        /// Ask for another one early; the old one stays valid.
        Reissue "reissue",
        /// Exchange the held token early; the old one dies at once.
        Refresh "refresh",
        /// The vendor re-serves the same token until it expires; ask again just after.
        SameUntilExpiry "same-until-expiry",
        /// Nothing to renew.
        Static "static",
    }
}

impl Renewal {
    /// The operation that gives the next token; `None` where there is none to come.
    pub const fn op(self) -> Option<Op> {
        match self {
            Self::Reissue | Self::SameUntilExpiry => Some(Op::Issue),
            Self::Refresh => Some(Op::Renew),
            Self::Static => None,
        }
    }
}

/// What a vendor needs and can do, as data: the same for the facade, C, the command and the docs.
#[derive(Debug)]
pub struct Descriptor {
    /// The stable id, e.g. `exotel-ccm`.
    pub id: &'static str,
    /// The product's name for people.
    pub name: &'static str,
    /// The vendor's page that the implementation follows.
    pub page: &'static str,
    /// The vendor's own fields. [`crate::login::COMMON`] come on top.
    pub fields: &'static [Field],
    /// What the vendor can do; [`Op::Issue`] first.
    pub operations: &'static [Op],
    /// How its token is kept fresh unless the operator says otherwise.
    pub renewal: Renewal,
    /// How its token travels unless the operator says otherwise.
    pub carriage: Carriage,
    /// The fields of the user id and the password that the API also takes as plain Basic, without a token.
    pub basic: Option<(&'static str, &'static str)>,
    /// How long its tokens live.
    pub lifetime: Lifetime,
    /// Where it is reached; the first is the default.
    pub base_urls: &'static [BaseUrl],
}

impl Descriptor {
    /// Whether the vendor has the operation.
    pub fn can(&self, op: Op) -> bool {
        self.operations.contains(&op)
    }

    /// The failure of an operation that the vendor lacks, naming those it has.
    pub fn unsupported(&self, op: Op) -> Error {
        let known = self.operations.iter().map(|op| op.name()).collect::<Vec<_>>().join(", ");
        let message = format!("there is no operation {}; there is {known}", op.name());
        Error::new(&detail::OPERATION_UNSUPPORTED, message).with_vendor(self.id)
    }

    /// The held token, for an operation that acts on one.
    ///
    /// # Errors
    /// `token.needed`.
    pub fn needs<'a>(&self, held: Option<&'a Token>) -> Result<&'a Token, Error> {
        held.ok_or_else(|| {
            Error::new(&detail::TOKEN_NEEDED, "the operation needs a token to act on").with_vendor(self.id)
        })
    }
}

/// Lives of tokens, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Lifetime {
    /// What the page documents: used where a reply says nothing usable.
    pub documented: i64,
    /// The longest that is believed; anything beyond is taken for a mistake of the unit.
    pub longest: i64,
}

/// One place where a vendor's API is reached.
#[derive(Clone, Copy, Debug)]
pub struct BaseUrl {
    /// The value of the field `region` that selects it.
    pub region: &'static str,
    /// The prefix of every path, without a slash at its end.
    pub url: &'static str,
    /// Who says so.
    pub source: Provenance,
}

/// A field of a login or an option of a vendor.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name: the vendor page's, in snake case.
    pub name: &'static str,
    /// What its value may be.
    pub kind: FieldKind,
    /// Whether it must be given.
    pub need: Need,
    /// What it is, where to find it, its default.
    pub doc: &'static str,
    /// Who says so.
    pub source: Provenance,
}

/// What a field's value may be. No kind allows control characters or more than 4 KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Not secret: shown in `Debug` and status. Part of what tells one account from another.
    Text,
    /// Secret: never shown.
    Secret,
    /// One of these words; part of what tells one account from another.
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
