//! A login that is usable because it exists: its vendor has checked its fields.

use core::fmt;
use core::ops::Deref;

use crate::Timestamp;
use crate::error::Error;
use crate::field::Field;
use crate::fields::{Fields, checked};
use crate::op::Op;
use crate::secret::Secret;
use crate::vendor::Vendor;

/// One account at one vendor: credentials and options that have passed every check. Reads as its [`Fields`].
#[derive(Clone)]
pub struct Login {
    vendor: &'static dyn Vendor,
    fields: Fields,
}

impl Login {
    /// Checks the vendor's fields, and those that all vendors have.
    ///
    /// # Errors
    /// `config.unknown` (with the nearest name), `config.missing`, `config.value` or `config.url`. The
    /// message names the field, never its value.
    pub fn new<'a>(
        vendor: &'static dyn Vendor,
        given: impl IntoIterator<Item = (&'a str, Secret)>,
    ) -> Result<Self, Error> {
        Self::with_fields_of(vendor, &[], given)
    }

    /// [`Login::new`] where somebody else declares fields too: a transport, a source.
    ///
    /// # Errors
    /// As [`Login::new`].
    pub fn with_fields_of<'a>(
        vendor: &'static dyn Vendor,
        others: &'static [Field],
        given: impl IntoIterator<Item = (&'a str, Secret)>,
    ) -> Result<Self, Error> {
        Self::checked(vendor, Fields::new(vendor.descriptor(), others, given))
    }

    /// Checks one field by itself, before there is a login: that it exists, and that it may have this value.
    ///
    /// # Errors
    /// `config.unknown` (with the nearest name) or `config.value`.
    pub fn check_field(
        vendor: &'static dyn Vendor,
        others: &'static [Field],
        name: &str,
        value: &Secret,
    ) -> Result<(), Error> {
        let descriptor = vendor.descriptor();
        checked(descriptor, others, name, value).map(drop).map_err(|e| e.with_vendor(descriptor.id))
    }

    /// The same login with one value replaced: a new password, a rotated key. Each owner checks its own again.
    /// The replaced value is kept for taking it out of a vendor's words, until [`Login::forget_replaced`].
    ///
    /// # Errors
    /// As [`Login::new`].
    pub fn with(&self, name: &str, value: Secret) -> Result<Self, Error> {
        Self::checked(self.vendor, self.fields.with(name, value))
    }

    fn checked(vendor: &'static dyn Vendor, fields: Result<Fields, Error>) -> Result<Self, Error> {
        let usable = |fields: Fields| {
            vendor.check(&fields)?;
            // Whatever a request may find wrong is found now.
            if fields.ready(Timestamp::UNIX_EPOCH).is_none() {
                vendor.build(Op::Issue, &fields, None, Timestamp::UNIX_EPOCH)?;
            }
            Ok(Self { vendor, fields })
        };
        fields.and_then(usable).map_err(|e: Error| e.with_vendor(vendor.descriptor().id))
    }

    /// Wipes the value that [`Login::with`] replaced.
    pub fn forget_replaced(&mut self) {
        self.fields.forget_replaced();
    }

    /// The vendor.
    pub fn vendor(&self) -> &'static dyn Vendor {
        self.vendor
    }
}

impl Deref for Login {
    type Target = Fields;

    fn deref(&self) -> &Fields {
        &self.fields
    }
}

/// Shows the vendor and the field names; values only of fields that are not secret.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fields.fmt(f)
    }
}
