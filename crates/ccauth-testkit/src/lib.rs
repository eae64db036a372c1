//! What every vendor's tests share: cases as files with exact bytes, and one conformance suite.
//!
//! A vendor crate's whole test file is
//!
//! ```text
//! #[test]
//! fn every_vendor_of_this_crate_conforms() {
//!     for vendor in exotel_auth::VENDORS {
//!         ccauth_testkit::conforms(*vendor, concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
//!     }
//! }
//! ```
//!
//! and its cases stand in `cases/<vendor id>/`: see [`Case`].

mod case;
mod conformance;
mod echo;
mod explained;
#[cfg(test)]
mod fake;
mod forms;
mod gate;
mod transport;
mod wire;

pub use case::{Case, Expect};
pub use conformance::conforms;
pub use gate::Gate;
pub use transport::Scripted;
pub use wire::{parse_reply, render_request};
