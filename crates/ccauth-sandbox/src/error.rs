//! The one way the sandbox refuses an instruction: by the name of the field that is wrong.

use std::{error, fmt};

/// An instruction that cannot be carried out, and the field that makes it so.
///
/// Over HTTP this is status 400 with `{"field": …, "error": …}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    field: String,
    message: String,
}

impl Invalid {
    pub(crate) fn new(field: impl Into<String>, message: impl Into<String>) -> Invalid {
        Invalid { field: field.into(), message: message.into() }
    }

    /// The field's name, dotted where it is nested: `vendor`, `action.status`.
    pub fn field(&self) -> &str {
        &self.field
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

impl error::Error for Invalid {}
