//! Every vendor of this build: one line for each vendor crate.

use ccauth_core::{COMMON, Error, Field, Vendor, detail, quoted, suggestion};

use crate::adapters::FIELDS;

/// The vendors of each crate that is compiled in.
static CRATES: &[&[&dyn Vendor]] = &[
    #[cfg(feature = "exotel")]
    exotel_auth::VENDORS,
    #[cfg(feature = "contactnow")]
    contactnow_auth::VENDORS,
    #[cfg(feature = "servetel")]
    servetel_auth::VENDORS,
    #[cfg(feature = "sangoma")]
    sangoma_auth::VENDORS,
];

/// The fields that every vendor of this build has besides its own.
pub fn common_fields() -> impl Iterator<Item = &'static Field> {
    COMMON.iter().chain(&*FIELDS)
}

/// Every vendor of this build.
pub fn vendors() -> impl Iterator<Item = &'static dyn Vendor> {
    CRATES.iter().copied().flatten().copied()
}

/// The vendor with this id, e.g. `exotel-ccm`.
///
/// # Errors
/// `config.vendor`, naming the nearest id and all of them.
pub fn vendor(id: &str) -> Result<&'static dyn Vendor, Error> {
    let ids = || vendors().map(|vendor| vendor.descriptor().id);
    vendors().find(|vendor| vendor.descriptor().id == id).ok_or_else(|| {
        let (hint, all) = (suggestion(id, ids()), ids().collect::<Vec<_>>().join(", "));
        Error::new(&detail::CONFIG_VENDOR, format!("no vendor {}{hint} (there is {all})", quoted(id)))
    })
}
