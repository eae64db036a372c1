//! How threads are started.

use std::io;

/// Starts a thread of this name.
pub(crate) type Spawn = fn(&'static str, Box<dyn FnOnce() + Send>) -> io::Result<()>;

pub(crate) fn spawn(name: &'static str, work: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    ccauth_sys::start(name, work)
}
