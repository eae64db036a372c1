//! The port to where tokens are kept for longer than a process lives, and for more than one.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::time::Duration;

use crate::error::Error;
use crate::login::Login;
use crate::secret::Secret;

/// The port to a store. A source calls it on threads of its own, and goes on without it where it fails or takes too
/// long.
pub trait Store: fmt::Debug + Send + Sync {
    /// What is kept under `entry`. What cannot be read because it is damaged, or of a version that this one does not
    /// know, counts as nothing.
    ///
    /// # Errors
    /// Kind STORE.
    fn load(&self, entry: &Entry) -> Result<Kept, Error>;

    /// The right to ask the vendor for the entry's next token, which one at a time has, until it drops it or dies.
    /// Waits for it at most so long; `None` where somebody has had it all that time.
    ///
    /// # Errors
    /// Kind STORE.
    fn lease(&self, entry: &Entry, wait: Duration) -> Result<Option<Box<dyn Lease>>, Error>;

    /// Keeps `record` in the place of what was loaded at this [`Kept::revision`]: whole, or not at all. False, and
    /// nothing is changed, where somebody has kept something else since.
    ///
    /// # Errors
    /// Kind STORE; what was kept before is still there.
    fn commit(&self, entry: &Entry, revision: u64, record: &Secret) -> Result<bool, Error>;
}

/// The right to ask, until it is dropped.
pub trait Lease: fmt::Debug + Send {}

/// Whose token it is. A token answers for nobody else: another tenant, another set of scopes, a changed password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// [`Fields::identity`](crate::Fields::identity).
    pub identity: String,
    /// [`Fields::credential`](crate::Fields::credential): a store keeps no more than a fingerprint of it.
    pub credential: Secret,
}

impl Entry {
    /// The entry of a login's token.
    pub fn of(login: &Login) -> Self {
        Self { identity: login.identity(), credential: login.credential() }
    }
}

/// What a store keeps of an entry.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// A number that grows with each [`Store::commit`]; 0 where nothing was kept yet.
    pub revision: u64,
    /// What was committed last.
    pub record: Option<Secret>,
}
