//! A build without the feature `file-store`.

use std::sync::Arc;

use ccauth_core::{Error, Field, Login};

use crate::scheduler::Spawn;
use crate::shelf::Shelf;

/// None.
pub(crate) static FIELDS: &[Field] = &[];

/// None.
#[derive(Debug, Default)]
pub(crate) struct Stores {}

impl Stores {
    pub(crate) fn of(&self, _: &Login, _: Spawn) -> Result<Option<Arc<Shelf>>, Error> {
        Ok(None)
    }
}
