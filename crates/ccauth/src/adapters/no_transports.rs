//! A build without the feature `ureq`.

use std::sync::Arc;
use std::time::Duration;

use ccauth_core::{Error, Field, Login, Transport, detail};

/// None.
pub(crate) static FIELDS: &[Field] = &[];

/// As with the built-in transport: nobody knows what another one takes.
pub(crate) fn total(_: &Login) -> Duration {
    Duration::from_secs(10)
}

/// None.
#[derive(Debug, Default)]
pub(crate) struct Transports {}

impl Transports {
    pub(crate) fn of(&self, _: &Login) -> Result<Arc<dyn Transport>, Error> {
        Err(Error::new(&detail::TRANSPORT_MISSING, "this build has no HTTPS transport; hand one in"))
    }
}
