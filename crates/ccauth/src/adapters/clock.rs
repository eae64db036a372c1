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
    #[expect(clippy::disallowed_methods, reason = "one of the two allowed sites")]
    fn now(&self) -> Now {
        Now {
            wall: Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::MAX),
            instant: Instant::from_nanos(nanos(RUNNING)),
        }
    }

    #[cfg(target_os = "linux")]
    fn origin(&self) -> String {
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
        // Each has a beginning of its own for the clock that runs through suspend.
        let namespace = std::fs::read_link("/proc/self/ns/time").unwrap_or_default();
        boot.map(|boot| format!("{} {}", boot.trim(), namespace.display())).unwrap_or_default()
    }

    #[cfg(target_os = "linux")]
    #[inline]
    fn coarse(&self) -> Instant {
        coarse::OWN.now(nanos)
    }
}

#[expect(clippy::disallowed_methods, reason = "one of the two allowed sites: everything else takes `now`")]
fn nanos(id: ClockId) -> i64 {
    let read = clock_gettime(id);
    read.tv_sec.saturating_mul(1_000_000_000).saturating_add(read.tv_nsec)
}

/// The clock that runs through suspend, from two coarse ones: those cost a fifth. It is the monotonic clock and what
/// was slept so far, and has been slept since if the wall clock has run away from the monotonic one.
#[cfg(target_os = "linux")]
mod coarse {
    use std::sync::atomic::{AtomicI64, Ordering};

    use ccauth_core::Instant;
    use rustix::time::ClockId;

    /// The coarse clocks stand still for so long: a tick of the slowest kernel.
    pub(super) const TICK: i64 = 10_000_000;

    pub(super) static OWN: Coarse = Coarse::new();

    /// What was measured last.
    pub(super) struct Coarse {
        /// How far the wall clock was ahead of the monotonic one. Set after `slept`, so that who sees this sees that as
        /// well.
        ahead: AtomicI64,
        /// How far the clock that runs through suspend is ahead of the monotonic one. It only ever grows.
        slept: AtomicI64,
    }

    impl Coarse {
        pub(super) const fn new() -> Self {
            Self { ahead: AtomicI64::new(i64::MIN), slept: AtomicI64::new(0) }
        }

        /// `read` reads a clock, in nanoseconds.
        #[inline]
        pub(super) fn now(&self, read: impl Fn(ClockId) -> i64) -> Instant {
            let monotonic = read(ClockId::MonotonicCoarse);
            let ahead = read(ClockId::RealtimeCoarse).wrapping_sub(monotonic);
            let moved = ahead.wrapping_sub(self.ahead.load(Ordering::Acquire)).unsigned_abs();
            if moved > TICK.unsigned_abs() {
                return self.measure(read);
            }
            Instant::from_nanos(monotonic + self.slept.load(Ordering::Relaxed) + TICK)
        }

        #[cold]
        fn measure(&self, read: impl Fn(ClockId) -> i64) -> Instant {
            let before = read(ClockId::Monotonic);
            let running = read(ClockId::Boottime);
            let ahead = read(ClockId::Realtime).wrapping_sub(read(ClockId::Monotonic));
            // Not if this thread was kept waiting in between.
            if read(ClockId::Monotonic) - before < TICK / 100 {
                self.slept.fetch_max(running - before, Ordering::Relaxed);
                self.ahead.store(ahead, Ordering::Release);
            }
            Instant::from_nanos(running + TICK)
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::cell::Cell;

    use super::coarse::{Coarse, TICK};
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    #[test]
    fn p06_the_coarse_clock_counts_suspend_and_no_step_of_the_wall_clock() {
        let (coarse, measured) = (Coarse::new(), Cell::new(0));
        // What happens, in seconds: awake, suspended, the wall clock set. And whether the precise clock is read.
        let (mut monotonic, mut slept, mut set) = (50 * SECOND, 7 * SECOND, 1_800_000_000 * SECOND);
        for (awake, suspended, step, reads) in [
            (0, 0, 0, true),
            (0, 0, 0, false),
            (1, 0, 0, false),
            (0, 7_200, 0, true),
            (86_400, 0, 0, false),
            (0, 0, 315_360_000, true),
            (0, 0, -315_360_000, true),
            (0, 0, -315_360_000, true),
            (0, 1, 0, true),
            (1, 0, 0, false),
        ] {
            monotonic += awake * SECOND;
            slept += suspended * SECOND;
            set += step * SECOND;
            let before = measured.get();
            let now = coarse.now(|id| match id {
                ClockId::Monotonic => monotonic,
                // As late as it can be.
                ClockId::MonotonicCoarse => monotonic - TICK,
                ClockId::Realtime => monotonic + slept + set,
                ClockId::RealtimeCoarse => monotonic + slept + set - TICK,
                _ => {
                    measured.set(before + 1);
                    monotonic + slept
                }
            });
            let ahead = now.as_nanos() - (monotonic + slept);
            assert!((0..=2 * TICK).contains(&ahead), "{ahead} after {awake} {suspended} {step}");
            assert_eq!(measured.get() > before, reads, "{awake} {suspended} {step}");
        }
    }

    #[test]
    fn processes_of_one_boot_have_clocks_of_one_origin() {
        let origin = SystemClock.origin();
        assert!(origin.len() > 36 && origin.contains("time:["), "{origin}");
        assert_eq!(origin, SystemClock.origin());
    }

    #[test]
    fn the_coarse_clock_is_the_precise_one_but_for_two_ticks() {
        let close = (0..1_000).filter(|_| {
            let (before, coarse, after) = (nanos(RUNNING), SystemClock.coarse().as_nanos(), nanos(RUNNING));
            before <= coarse && coarse <= after + 2 * TICK
        });
        // A machine whose processors are withheld may be late for a moment.
        assert!(close.count() > 500);
    }
}
