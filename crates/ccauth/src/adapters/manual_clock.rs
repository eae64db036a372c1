//! A clock that stands until somebody moves it.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ccauth_core::jiff::SignedDuration;
use ccauth_core::{Clock, Instant, Now, Timestamp};

/// A clock for your own tests, moved by hand: give it to [`ClientBuilder::clock`](crate::ClientBuilder::clock), and a
/// year passes in no time. What sources then have to do is done by their threads at once, as it would be in that year.
pub struct ManualClock {
    number: u64,
    now: Mutex<Now>,
    watching: Mutex<Vec<Box<dyn Fn() + Send + Sync>>>,
}

impl ManualClock {
    /// A clock whose wall clock shows `wall`.
    pub fn new(wall: Timestamp) -> Self {
        // Not zero, so that nobody takes an instant for a span.
        let now = Now { wall, instant: Instant::from_nanos(1_000_000_000_000) };
        static LAST: AtomicU64 = AtomicU64::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        Self { number, now: Mutex::new(now), watching: Mutex::default() }
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
        // The lock is not held while others look.
        change(&mut self.now.lock().unwrap_or_else(PoisonError::into_inner));
        for look in self.watching.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            look();
        }
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Now {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// No other clock's: a client with another one is as one of another boot.
    fn origin(&self) -> String {
        format!("manual {} {}", std::process::id(), self.number)
    }

    fn when_moved(&self, look: Box<dyn Fn() + Send + Sync>) {
        self.watching.lock().unwrap_or_else(PoisonError::into_inner).push(look);
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ManualClock").field(&self.now()).finish()
    }
}
