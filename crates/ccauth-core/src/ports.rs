//! The ports: what the outside gives, handed in by whoever builds on this crate.

use core::fmt;
use core::ops::{Add, Sub};
use core::time::Duration;

use crate::Timestamp;
use crate::error::Error;
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
}

/// One reading of a [`Clock`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The wall clock, which people and servers set: for what a vendor or a person says or reads.
    pub wall: Timestamp,
    /// The clock that nobody sets: for what is measured and waited for.
    pub instant: Instant,
}

/// An instant, in nanoseconds, of a clock that is never set and runs through suspend. Where it began means
/// nothing: only the distance of two instants of the same clock does. Arithmetic saturates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// From nanoseconds.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// In nanoseconds.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// What has passed since `earlier`; zero when that lies ahead.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0).max(0).unsigned_abs())
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(nanos(span)))
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(nanos(span)))
    }
}

/// 292 years at most.
fn nanos(span: Duration) -> i64 {
    i64::try_from(span.as_nanos()).unwrap_or(i64::MAX)
}
