//! What threads meet at, from one place: under `cargo xtask loom` every order is tried in which they can.

#[cfg(all(test, ccauth_loom))]
pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard, atomic};
#[cfg(not(all(test, ccauth_loom)))]
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, atomic};
