//! The pure part of ccauth: what a vendor is, what a token is, and how a reply is read.
//!
//! ```
//! use ccauth_core::{Carriage, Expiry, Secret, Timestamp, Token};
//!
//! let now = Timestamp::from_second(1_800_000_000)?;
//! let token = Token::new(Secret::from("opaque-token"), Carriage::Bearer, now, Expiry::NEVER)?;
//! let (name, value) = token.header()?;
//! assert_eq!((name.as_str(), value.to_str()?), ("authorization", "Bearer opaque-token"));
//! assert!(!format!("{token:?}").contains("opaque"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! In the order in which they happen: a [`Vendor`] describes itself by a [`Descriptor`]; [`Fields`] checked
//! against it, and by the vendor, are a [`Login`]; an [`Op`] of the vendor becomes a [`Request`], which a [`Transport`] turns
//! into a [`Reply`]; a [`Reading`] of it gives an [`Outcome`], mostly a [`Token`] with its [`Expiry`] and
//! [`Carriage`], or an [`Error`] whose [`ErrorKind`] says what to do and whose [`detail`] says what
//! happened. [`exchange()`] is all of that in one call.
//!
//! Absent on purpose: sockets, files, environment, threads and clocks. `now` is an argument, so a year
//! passes in a test in no time.
#![no_std]

extern crate alloc;

mod attachment;
mod base_url;
mod basic;
mod carriage;
mod clocks;
mod common;
mod descriptor;
pub mod detail;
mod ends;
mod error;
mod exchange;
mod field;
mod fields;
mod fold;
mod instant;
mod json;
mod jwt;
mod kind;
pub mod life;
mod login;
mod op;
mod ports;
mod quote;
mod reading;
mod registry;
mod request;
mod said;
mod secret;
mod store;
mod suggest;
mod token;
mod value;
mod vendor;
mod verdict;
pub mod warning;
mod words;

pub use attachment::Attachment;
pub use basic::without_scheme;
pub use carriage::Carriage;
pub use clocks::{MAX_RETRY_AFTER, http_date};
pub use common::COMMON;
pub use descriptor::{BaseUrl, Descriptor, Lifetime};
pub use detail::Detail;
pub use ends::Ends;
pub use error::Error;
pub use exchange::{Exchange, exchange};
pub use field::{Field, FieldKind, MAX_VALUE, Need, Provenance, Role};
pub use fields::Fields;
pub use http;
pub use instant::Instant;
pub use jiff::{self, Timestamp};
pub use kind::{ErrorKind, Retry};
pub use login::Login;
pub use op::{Op, Renewal};
pub use ports::{Clock, Now, Transport};
pub use quote::Quoted;
pub use reading::{MAX_BODY, Reading, is_close_delimited};
pub use request::{Body, Place, Reply, Request, RequestBuilder};
pub use said::Said;
pub use secret::Secret;
pub use store::{Entry, Kept, Lease, Store};
pub use suggest::{quoted, suggestion};
pub use token::{Expiry, ExpirySource, MAX_TOKEN, Token};
pub use value::{MAX_DEPTH, Value};
pub use vendor::{Outcome, Vendor};
pub use zeroize;
