//! libccauth: the C ABI.
//!
//! The C documentation is include/ccauth.h, generated from here: a file for each type of C's, and below them `handle`
//! and `table` (what a handle names), `entry` (how every function is entered), `text` and `options` (what goes in and
//! out).
#![allow(unsafe_code, reason = "C hands in pointers; this crate is one of the two that may")]
#![allow(
    clippy::missing_safety_doc,
    reason = "the documentation is the C header's, which says what each pointer may be"
)]

// In the order of the header.
mod discovery;

mod config;
mod source;
mod token;

mod peek;

mod operations;

mod request;

mod about;

mod log;

mod error;

mod shutdown;

// Within.
mod allocator;
mod bell;
mod callbacks;
mod entry;
mod handle;
mod options;
mod out;
mod table;
mod text;

pub use self::log::*;
pub use about::*;
pub use config::*;
pub use discovery::*;
pub use error::*;
pub use operations::*;
pub use peek::*;
pub use request::*;
pub use shutdown::*;
pub use source::*;
pub use token::*;
