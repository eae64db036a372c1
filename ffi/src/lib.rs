//! libccauth: the C ABI. It starts with discovery: what this library is and which vendors it knows.
//!
//! The C documentation is include/ccauth.h, generated from here.
#![allow(unsafe_code, reason = "exporting a symbol counts as unsafe; this crate is one of the two that may")]

mod discovery;

pub use discovery::{
    ccauth_status, ccauth_status_name, ccauth_vendors_json, ccauth_version_number, ccauth_version_string,
};
