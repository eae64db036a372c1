//! The sandbox's clock: the wall clock, shifted or stopped at will.
//!
//! Every expiry and every `Date` header comes from here, so a test moves a token to the end of its life
//! without waiting. Delays and dribbles run in real time: they are what a client's own timeouts measure.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::tz::Offset;
use serde::Serialize;

/// How the sandbox's clock stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ClockState {
    /// Seconds since the Unix epoch, by the sandbox's clock.
    pub now: i64,
    /// The same instant as it stands in a `Date` header.
    pub date: String,
    /// Whether the clock stands still.
    pub frozen: bool,
    /// Seconds ahead of the machine's own clock (behind, when negative).
    pub offset_s: i64,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    offset_ms: i64,
    frozen_ms: Option<i64>,
}

impl Clock {
    /// Whole seconds since the epoch: the only resolution the vendors use.
    pub(crate) fn now(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }

    fn now_ms(&self) -> i64 {
        self.frozen_ms.unwrap_or_else(|| wall_ms().saturating_add(self.offset_ms))
    }

    pub(crate) fn freeze(&mut self) {
        self.frozen_ms = Some(self.now_ms());
    }

    /// Goes on from where it stood, so nothing expires by unfreezing.
    pub(crate) fn unfreeze(&mut self) {
        if let Some(stood_at) = self.frozen_ms.take() {
            self.offset_ms = stood_at.saturating_sub(wall_ms());
        }
    }

    pub(crate) fn advance(&mut self, seconds: i64) {
        let step = seconds.saturating_mul(1000);
        match &mut self.frozen_ms {
            Some(stands_at) => *stands_at = stands_at.saturating_add(step),
            None => self.offset_ms = self.offset_ms.saturating_add(step),
        }
    }

    /// Sets the distance from the machine's clock; a frozen clock moves there and stays frozen.
    pub(crate) fn set_offset(&mut self, seconds: i64) {
        self.offset_ms = seconds.saturating_mul(1000);
        if self.frozen_ms.is_some() {
            self.frozen_ms = Some(wall_ms().saturating_add(self.offset_ms));
        }
    }

    pub(crate) fn state(&self) -> ClockState {
        let offset_ms = self.now_ms().saturating_sub(wall_ms());
        // Rounded, so that an offset of -300 s does not read -299 a millisecond later.
        let offset_s = offset_ms.saturating_add(500).div_euclid(1000);
        ClockState {
            now: self.now(),
            date: http_date(self.now()),
            frozen: self.frozen_ms.is_some(),
            offset_s,
        }
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(crate) fn http_date(epoch_s: i64) -> String {
    let instant = timestamp(epoch_s);
    DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&instant)
        .unwrap_or_else(|_| "Thu, 01 Jan 1970 00:00:00 GMT".to_owned())
}

/// `YYYY-MM-DD HH:MM:SS` in Indian Standard Time (+05:30), as Servetel's `retry_after` is written.
pub(crate) fn india_local(epoch_s: i64) -> String {
    let offset = Offset::from_seconds(19_800).unwrap_or(Offset::UTC);
    offset.to_datetime(timestamp(epoch_s)).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn timestamp(epoch_s: i64) -> Timestamp {
    Timestamp::from_second(epoch_s).unwrap_or(if epoch_s < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

#[expect(clippy::disallowed_methods, reason = "the sandbox's one reading of the machine's clock")]
fn wall_ms() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_moves_only_when_advanced_and_goes_on_from_there() {
        let mut clock = Clock::default();
        clock.freeze();
        let stood_at = clock.now();
        clock.advance(3600);
        assert_eq!(clock.now(), stood_at + 3600);
        assert!(clock.state().frozen);
        clock.unfreeze();
        assert!((3600..3602).contains(&(clock.now() - stood_at)), "no jump back to the wall clock");
    }

    #[test]
    fn an_offset_is_a_distance_from_the_wall_clock() {
        let mut clock = Clock::default();
        clock.set_offset(-300);
        assert_eq!(clock.state().offset_s, -300);
        clock.advance(100);
        assert_eq!(clock.state().offset_s, -200);
    }

    #[test]
    fn dates_are_written_as_the_vendors_write_them() {
        assert_eq!(http_date(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(india_local(784_111_777), "1994-11-06 14:19:37");
    }
}
