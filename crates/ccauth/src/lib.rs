#![doc = include_str!("../README.md")]
#![doc = ""]
#![doc = "# The words"]
//!
//! A [`Client`] is one account at one vendor, checked when it is built. [`Client::issue`] obtains a
//! [`Token`], [`Client::renew`] renews it in the way of its vendor, and [`Client::validate`],
//! [`Client::revoke`] and [`Client::change_password`] exist where the vendor has them: its
//! [`Descriptor`] says so. A token knows its [`Expiry`] and how it travels; [`Token::header`] or
//! [`Token::query`] gives what to attach. Every failure is an [`Error`], whose [`ErrorKind`] says what a
//! caller can do.
//!
//! Calls block the calling thread, at most for the field `timeout_ms`. Nothing runs in between: no timer
//! and no cache; a thread that resolves host names ends five seconds after the last one.
//!
//! Features, all additive: `contactnow`, `exotel`, `sangoma`, `servetel`, one for each vendor crate, and
//! `ureq`, the HTTPS transport. All are on by default.

mod adapters;
mod client;
mod registry;

#[cfg(feature = "ureq")]
pub use adapters::ureq::UreqTransport;
pub use ccauth_core as core;
pub use ccauth_core::{
    Carriage, Descriptor, Detail, Error, ErrorKind, Expiry, ExpirySource, Field, FieldKind, Need, Op, Place,
    Provenance, Renewal, Reply, Request, Retry, Secret, Timestamp, Token, Transport, Vendor, detail, warning,
};
pub use client::{Client, ClientBuilder};
pub use registry::{vendor, vendors};
