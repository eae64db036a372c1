//! The seam: what a vendor is, to everything that knows no vendor.

use core::fmt;

use crate::Timestamp;
use crate::descriptor::Descriptor;
use crate::error::Error;
use crate::fields::Fields;
use crate::op::Op;
use crate::reading::Reading;
use crate::request::Request;
use crate::token::{Expiry, Token};

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

    /// Checks what no single field shows: combinations, lists, encodings. Called for every login that is made.
    ///
    /// # Errors
    /// `config.value` naming the field, never its value.
    fn check(&self, _fields: &Fields) -> Result<(), Error> {
        Ok(())
    }

    /// Builds the request for `op`. The same arguments give the same bytes.
    ///
    /// # Errors
    /// `operation.unsupported`, `token.needed`, `config.missing`.
    fn build(&self, op: Op, fields: &Fields, held: Option<&Token>, now: Timestamp) -> Result<Request, Error>;

    /// Reads the reply to the request that [`Vendor::build`] made of the same arguments.
    ///
    /// # Errors
    /// Whatever the reply says; see docs/ERRORS.md.
    fn read(&self, reading: &Reading<'_>) -> Result<Outcome, Error>;
}
