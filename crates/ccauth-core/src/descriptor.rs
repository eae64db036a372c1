//! What a vendor is, as data.

use alloc::format;
use alloc::vec::Vec;

use crate::carriage::Carriage;
use crate::detail;
use crate::error::Error;
use crate::field::{Field, Provenance};
use crate::op::{Op, Renewal};
use crate::token::Token;

/// What a vendor needs and can do, as data: the same for the facade, C, the command and the docs.
#[derive(Debug)]
pub struct Descriptor {
    /// The stable id, e.g. `exotel-ccm`.
    pub id: &'static str,
    /// The product's name for people.
    pub name: &'static str,
    /// The vendor's page that the implementation follows.
    pub page: &'static str,
    /// The vendor's own fields. [`COMMON`](crate::COMMON) come on top.
    pub fields: &'static [Field],
    /// What the vendor can do; [`Op::Issue`] first.
    pub operations: &'static [Op],
    /// Those of them that clients show and the page does not name.
    pub observed: &'static [Op],
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
