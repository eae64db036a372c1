//! What ccauth needs of the machine and std does not give, each with a safe face.
#![allow(unsafe_code, reason = "this crate is one of the two that may")]

mod copy;
mod thread;

pub use copy::{Line, copy};
pub use thread::{await_end, start};
