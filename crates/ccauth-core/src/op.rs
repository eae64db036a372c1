//! What can be asked of a vendor, and how its token is kept fresh.

use crate::words::words;

words! {
    /// What can be asked of a vendor. Each has [`Op::Issue`]; its
    /// [`Descriptor::operations`](crate::Descriptor::operations) name the others.
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

impl Op {
    /// Whether a token is what comes of it.
    pub const fn brings_a_token(self) -> bool {
        matches!(self, Self::Issue | Self::Renew)
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
