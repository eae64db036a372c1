//! Instants of a clock that somebody else has read, on ours.

use core::time::Duration;

use jiff::SignedDuration;

use crate::instant::Instant;
use crate::ports::Now;

/// Wall clocks of two boots may differ by this much without anybody noticing: so much earlier ends what is read.
const MARGIN: Duration = Duration::from_secs(300);

/// From a clock that somebody else read, at some time, to ours now.
pub(super) struct Shift {
    pub(super) now: Now,
    written: Now,
    /// Whether it is the same clock.
    is_same: bool,
}

impl Shift {
    pub(super) fn between(written: Now, their: &str, now: Now, our: &str) -> Self {
        Self { now, written, is_same: their == our && !our.is_empty() }
    }

    /// What their instant is on our clock. Where nothing but the wall clock connects the two, and it has gone back since,
    /// nobody knows how much time has passed.
    pub(super) fn of(&self, instant: Instant) -> Option<Instant> {
        let passed = self.now.wall.duration_since(self.written.wall);
        let known = self.is_same || passed >= SignedDuration::ZERO;
        known.then(|| self.since_written(instant))
    }

    /// The same, where too late an instant does no harm.
    pub(super) fn since_written(&self, instant: Instant) -> Instant {
        if self.is_same {
            return instant;
        }
        let passed = self.now.wall.duration_since(self.written.wall);
        let then = self.now.instant - Duration::try_from(passed).unwrap_or_default();
        if instant > self.written.instant {
            then + instant.since(self.written.instant)
        } else {
            then - self.written.instant.since(instant)
        }
    }

    pub(super) fn margin(&self) -> Duration {
        if self.is_same { Duration::ZERO } else { MARGIN }
    }
}
