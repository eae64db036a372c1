//! The one place that reads a clock.

use std::time::SystemTime;

use ccauth_core::{Clock, Instant, Now, Timestamp};
use rustix::time::{ClockId, clock_gettime};

/// The clock that runs through suspend.
#[cfg(target_os = "linux")]
const RUNNING: ClockId = ClockId::Boottime;
/// Elsewhere the monotonic one, which stands still while some systems are suspended.
#[cfg(not(target_os = "linux"))]
const RUNNING: ClockId = ClockId::Monotonic;

/// The system's clocks.
#[derive(Debug)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    /// A wall clock outside the years that a timestamp can express counts as the latest.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one allowed site: everything else takes `now` as an argument"
    )]
    fn now(&self) -> Now {
        let running = clock_gettime(RUNNING);
        let nanos = running.tv_sec.saturating_mul(1_000_000_000).saturating_add(running.tv_nsec);
        Now {
            wall: Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::MAX),
            instant: Instant::from_nanos(nanos),
        }
    }
}
