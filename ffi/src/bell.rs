//! A descriptor that becomes readable when something has happened, for event loops.

use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};

use ccauth::{Error, detail};
use rustix::event::{EventfdFlags, eventfd};

/// Rings until somebody reads from it. Never blocks, and is closed on exec and on drop.
pub(crate) struct Bell(OwnedFd);

impl Bell {
    /// # Errors
    /// `resource.exhausted`, with the system's number.
    pub(crate) fn new() -> Result<Self, Error> {
        let opened = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK);
        opened.map(Self).map_err(|errno| {
            let message = format!("no descriptor can be opened: {}", io::Error::from(errno));
            Error::new(&detail::RESOURCE, message).with_os_errno(Some(errno.raw_os_error()))
        })
    }

    pub(crate) fn ring(&self) {
        // It counts the rings; one that would be too many is not needed.
        let _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
    }

    pub(crate) fn hush(&self) {
        let _ = rustix::io::read(&self.0, &mut [0; 8]);
    }

    pub(crate) fn fd(&self) -> i32 {
        self.0.as_raw_fd()
    }
}
