//! A clock that stands until a test moves it.

use std::sync::Mutex;
use std::time::Duration;

use ccauth_core::jiff::SignedDuration;
use ccauth_core::{Clock, Instant, Now, Timestamp};

/// Moved by hand; the wall clock can also be set.
#[derive(Debug)]
pub struct ManualClock(Mutex<Now>);

impl ManualClock {
    /// A clock whose wall clock shows `wall`.
    pub fn new(wall: Timestamp) -> Self {
        // Not zero, so that nobody takes an instant for a span.
        Self(Mutex::new(Now { wall, instant: Instant::from_nanos(1_000_000_000_000) }))
    }

    /// Lets time pass, awake or suspended.
    ///
    /// # Panics
    /// Beyond the years of a timestamp.
    pub fn advance(&self, span: Duration) {
        let mut now = self.0.lock().expect("no test panics while it holds the lock");
        now.instant = now.instant + span;
        now.wall = now.wall.checked_add(span).expect("a time");
    }

    /// Sets the wall clock by so much; no time passes.
    ///
    /// # Panics
    /// Beyond the years of a timestamp.
    pub fn set_wall(&self, by: SignedDuration) {
        let mut now = self.0.lock().expect("no test panics while it holds the lock");
        now.wall = now.wall.checked_add(by).expect("a time");
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Now {
        *self.0.lock().expect("no test panics while it holds the lock")
    }
}
