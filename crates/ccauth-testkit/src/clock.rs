//! A clock that stands until a test moves it.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use ccauth_core::jiff::SignedDuration;
use ccauth_core::{Clock, Instant, Now, Timestamp};

/// Moved by hand; the wall clock can also be set.
pub struct ManualClock {
    now: Mutex<Now>,
    watching: Mutex<Vec<Box<dyn Fn() + Send + Sync>>>,
}

impl ManualClock {
    /// A clock whose wall clock shows `wall`.
    pub fn new(wall: Timestamp) -> Self {
        // Not zero, so that nobody takes an instant for a span.
        let now = Now { wall, instant: Instant::from_nanos(1_000_000_000_000) };
        Self { now: Mutex::new(now), watching: Mutex::default() }
    }

    /// Lets time pass, awake or suspended.
    ///
    /// # Panics
    /// Beyond the years of a timestamp.
    pub fn advance(&self, span: Duration) {
        self.change(|now| {
            now.instant = now.instant + span;
            now.wall = now.wall.checked_add(span).expect("a time");
        });
    }

    /// Sets the wall clock by so much; no time passes.
    ///
    /// # Panics
    /// Beyond the years of a timestamp.
    pub fn set_wall(&self, by: SignedDuration) {
        self.change(|now| now.wall = now.wall.checked_add(by).expect("a time"));
    }

    fn change(&self, change: impl FnOnce(&mut Now)) {
        change(&mut self.now.lock().expect("no test panics while it holds the lock"));
        for look in self.watching.lock().expect("no test panics while it holds the lock").iter() {
            look();
        }
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Now {
        *self.now.lock().expect("no test panics while it holds the lock")
    }

    fn when_moved(&self, look: Box<dyn Fn() + Send + Sync>) {
        self.watching.lock().expect("no test panics while it holds the lock").push(look);
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ManualClock").field(&self.now()).finish()
    }
}
