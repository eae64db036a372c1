//! The ports: what the outside gives, handed in by whoever builds on this crate.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use crate::Timestamp;
use crate::error::Error;
use crate::instant::Instant;
use crate::request::{Reply, Request};

/// The port to the network. One call sends one request, once: no redirect is followed, nothing is
/// repeated, and it returns within the transport's own deadline.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends `request` and returns the whole reply, whatever its status.
    ///
    /// # Errors
    /// Kinds TIMEOUT, RESOLVE, CONNECT, TLS, IO and PROTOCOL.
    fn send(&self, request: Request) -> Result<Reply, Error>;
}

/// The port to time. Reading it neither blocks nor fails.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Both clocks, read at once.
    fn now(&self) -> Now;

    /// The clock that nobody sets, for those who read it all the time: never behind [`Clock::now`], and at most 20 ms
    /// ahead of it.
    fn coarse(&self) -> Instant {
        self.now().instant
    }

    /// What tells this clock's instants from those of others: the boot that they are counted from, and whatever else moves
    /// them. Instants with equal origins can be compared across processes; an empty one is equal to none.
    fn origin(&self) -> String {
        String::new()
    }

    /// Calls `look` whenever this clock was moved by hand, so that those who sleep look at it again. A clock that runs by
    /// itself has no need of it.
    fn when_moved(&self, look: Box<dyn Fn() + Send + Sync>) {
        drop(look);
    }
}

/// One reading of a [`Clock`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The wall clock, which people and servers set: for what a vendor or a person says or reads.
    pub wall: Timestamp,
    /// The clock that nobody sets: for what is measured and waited for.
    pub instant: Instant,
}
