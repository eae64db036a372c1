//! API tokens of Exotel: requests built, replies read, nothing else.
//!
//! ```
//! use ccauth_core::{Login, Op, Secret, Timestamp, Vendor};
//! use exotel_auth::ExotelCcm;
//!
//! let login = Login::new(&ExotelCcm, [
//!     ("account_sid", Secret::from("acme1")),
//!     ("api_key", Secret::from("key")),
//!     ("api_token", Secret::from("token")),
//! ])?;
//! let request = ExotelCcm.build(Op::Issue, &login, None, Timestamp::UNIX_EPOCH)?;
//! assert_eq!(request.uri().path(), "/v2/accounts/acme1/configuration/basicauth");
//! # Ok::<(), ccauth_core::Error>(())
//! ```
//!
//! Two products with nothing in common but the name: [`ExotelCcm`], the contact centre's API, and
//! [`ExotelWebRtc`], the WebRTC and IP-PSTN integration's. Sending, keeping and renewing is the business
//! of the crate `ccauth`.
#![no_std]

extern crate alloc;

mod envelope;

ccauth_core::vendors! {
    ccm: ExotelCcm,
    v4: ExotelV4,
    webrtc: ExotelWebRtc,
}
