//! API tokens of Servetel and its twin Tata Smartflo: requests built, replies read, nothing else.
//!
//! ```
//! use ccauth_core::{Login, Op, Secret, Timestamp, Vendor};
//! use servetel_auth::Servetel;
//!
//! let login = Login::new(&Servetel, [
//!     ("email", Secret::from("clerk@example.com")),
//!     ("password", Secret::from("hunter2")),
//!     ("region", Secret::from("smartflo")),
//! ])?;
//! let request = Servetel.build(Op::Issue, &login, None, Timestamp::UNIX_EPOCH)?;
//! assert_eq!(request.uri().host(), Some("api-smartflo.tatateleservices.com"));
//! # Ok::<(), ccauth_core::Error>(())
//! ```
//!
//! Both products are one [`Servetel`] on two hosts. Its permanent token needs no request: it is the common
//! field `token` of every login. Sending, keeping and renewing is the business of the crate `ccauth`.
#![no_std]

extern crate alloc;

ccauth_core::vendors! {
    servetel: Servetel,
}
