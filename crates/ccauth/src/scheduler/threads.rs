//! How threads are started.

use std::io;
use std::thread;

/// Starts a thread of this name.
pub(crate) type Spawn = fn(&'static str, Box<dyn FnOnce() + Send>) -> io::Result<()>;

/// Enough for TLS; glibc's own default is 8 MiB.
const STACK: usize = 512 * 1024;

pub(crate) fn spawn(name: &'static str, work: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    thread::Builder::new().name(name.to_owned()).stack_size(STACK).spawn(work).map(drop)
}
