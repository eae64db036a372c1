//! API tokens of 8x8 ContactNow: requests built, replies read, nothing else.
//!
//! ```
//! use ccauth_core::{Login, Op, Secret, Timestamp, Vendor};
//! use contactnow_auth::ContactNow;
//!
//! let login = Login::new(&ContactNow, [
//!     ("username", Secret::from("api-user")),
//!     ("password", Secret::from("p&ss")),
//! ])?;
//! let request = ContactNow.build(Op::Issue, &login, None, Timestamp::UNIX_EPOCH)?;
//! assert_eq!(request.uri(), "https://api.contactnow.8x8.com/token.php");
//! assert_eq!(request.body().bytes(), b"action=get&username=api-user&password=p%26ss");
//! # Ok::<(), ccauth_core::Error>(())
//! ```
//!
//! [`ContactNow`] is the one product. Its replies are JSON or, where a login asks for it, XML; both are
//! read into the same document. Sending, keeping and renewing is the business of the crate `ccauth`.
#![no_std]

extern crate alloc;

mod xml;

ccauth_core::vendors! {
    contactnow: ContactNow,
}
