//! API tokens of Sangoma CX: requests built, replies read, nothing else.
//!
//! ```
//! use ccauth_core::{Login, Op, Secret, Timestamp, Vendor};
//! use sangoma_auth::Sangoma;
//!
//! let login = Login::new(&Sangoma, [
//!     ("client_id", Secret::from("id")),
//!     ("client_secret", Secret::from("secret")),
//!     ("scopes", Secret::from("cx.agent-calls cx.queue-calls")),
//! ])?;
//! let request = Sangoma.build(Op::Issue, &login, None, Timestamp::UNIX_EPOCH)?;
//! let form = b"grant_type=client_credentials&scope=cx.agent-calls+cx.queue-calls";
//! assert_eq!(request.body().bytes(), form);
//! # Ok::<(), ccauth_core::Error>(())
//! ```
//!
//! [`Sangoma`] is the one product: OAuth 2.0 with client credentials, RFC 6749 section 4.4. Sending,
//! keeping and renewing is the business of the crate `ccauth`.
#![no_std]

extern crate alloc;

ccauth_core::vendors! {
    sangoma: Sangoma,
}
