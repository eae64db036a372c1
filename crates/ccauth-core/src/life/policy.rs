//! Every number of a token's life.

use alloc::format;
use core::time::Duration;

use crate::descriptor::Lifetime;
use crate::detail::CONFIG_VALUE;
use crate::error::Error;

/// When a source asks, and how long it lets a vendor be. [`Policy::default`] suits every vendor; each number may be
/// another, within what [`Policy::check`] allows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// How long before its end a token is renewed where the vendor renews early. By default a fifth of its life, at
    /// least 5 minutes and at most 24 hours. Never more than half the life.
    pub lead: Option<Duration>,
    /// The least time between two requests, whatever the first one came to: 1 s.
    pub floor: Duration,
    /// After a failure that may pass by itself: from 1 s, doubling to 5 min, each half by chance.
    pub transient: Ladder,
    /// The most of that wait while somebody waits for a token: 30 s.
    pub wanted: Duration,
    /// The least of that wait while a valid token is held: 30 s.
    pub alive: Duration,
    /// The last part of a life, in which tries are more frequent: 30 s, a tenth of a life below 5 min.
    pub closing: Duration,
    /// The time between those: 5 s.
    pub closing_gap: Duration,
    /// Where the vendor throttles without saying for how long, and where somebody has to mend something: from 60 s,
    /// doubling to 15 min.
    pub throttled: Ladder,
    /// After rejected credentials, and where asking again cannot help: from 5 min, doubling to 1 h.
    pub rejected: Ladder,
    /// How long after its end the vendor is asked that serves the same token until then: 0.5 s.
    pub edge: Duration,
    /// While it goes on serving the token that has ended: after 1, 2, 4, … s.
    pub rollover: Ladder,
    /// For how long that is expected of it: 30 s.
    pub rollover_for: Duration,
    /// How long after they were replaced a rejection of credentials may mean that they are not known yet: 10 s.
    pub fresh: Duration,
    /// When they are then tried once more: after 3 s.
    pub fresh_wait: Duration,
    /// How long a failure that may pass keeps a process from trying that was just started, where another one of those that
    /// share a store has met it: 5 s.
    pub shared: Duration,
    /// The least time between two reports of a rejected token that are acted upon: 30 s.
    pub report_gap: Duration,
    /// The most requests at once: 6.
    pub burst: u32,
    /// One more for each of these, so that any minute has at most 16 requests, whatever the vendor answers: 6 s.
    pub pace: Duration,
}

/// A wait that doubles with each failure in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// The first wait.
    pub first: Duration,
    /// The longest.
    pub most: Duration,
}

impl Ladder {
    const fn seconds(first: u64, most: u64) -> Self {
        Self { first: Duration::from_secs(first), most: Duration::from_secs(most) }
    }

    /// The wait after the `n`-th failure in a row, counted from 1.
    pub(super) fn step(&self, n: u32) -> Duration {
        let doublings = n.saturating_sub(1).min(31);
        self.first.saturating_mul(1 << doublings).min(self.most)
    }
}

impl Default for Policy {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            lead: None,
            floor: seconds(1),
            transient: Ladder::seconds(1, 300),
            wanted: seconds(30),
            alive: seconds(30),
            closing: seconds(30),
            closing_gap: seconds(5),
            throttled: Ladder::seconds(60, 900),
            rejected: Ladder::seconds(300, 3600),
            edge: Duration::from_millis(500),
            rollover: Ladder::seconds(1, 8),
            rollover_for: seconds(30),
            fresh: seconds(10),
            fresh_wait: seconds(3),
            shared: seconds(5),
            report_gap: seconds(30),
            burst: 6,
            pace: seconds(6),
        }
    }
}

/// The longest lead, and the longest of all waits: a day is enough for everything but a lead.
const DAY: Duration = Duration::from_secs(24 * 3600);

impl Policy {
    /// Refuses what makes no sense for a vendor whose tokens live like this: a wait of nothing, a ladder that leads
    /// down, a lead above half the life.
    ///
    /// # Errors
    /// `config.value`, naming the field.
    pub fn check(&self, lifetime: &Lifetime) -> Result<(), Error> {
        let bad = |field: &str, what: &str| Err(Error::new(&CONFIG_VALUE, format!("{field}: {what}")));
        let half = Duration::from_secs(lifetime.documented.unsigned_abs() / 2);
        if self.lead.is_some_and(|lead| lead.is_zero() || lead > half) {
            let what =
                format!("expected at most half of a life, {} s here, and more than none", half.as_secs());
            return bad("lead", &what);
        }
        for (field, wait) in [
            ("floor", self.floor),
            ("wanted", self.wanted),
            ("alive", self.alive),
            ("closing", self.closing),
            ("closing_gap", self.closing_gap),
            ("rollover_for", self.rollover_for),
            ("report_gap", self.report_gap),
            ("pace", self.pace),
        ] {
            if wait.is_zero() || wait > DAY {
                return bad(field, "expected more than nothing and at most a day");
            }
        }
        for (field, wait) in [
            ("edge", self.edge),
            ("shared", self.shared),
            ("fresh", self.fresh),
            ("fresh_wait", self.fresh_wait),
        ] {
            if wait > DAY {
                return bad(field, "expected at most a day");
            }
        }
        for (field, ladder) in [
            ("transient", self.transient),
            ("throttled", self.throttled),
            ("rejected", self.rejected),
            ("rollover", self.rollover),
        ] {
            if ladder.first.is_zero() || ladder.first > ladder.most || ladder.most > DAY {
                return bad(field, "expected a first wait above nothing, and a longest of at most a day");
            }
        }
        if self.burst == 0 { bad("burst", "expected at least 1") } else { Ok(()) }
    }

    /// How long before its end a token that lives so long is renewed.
    pub(super) fn lead(&self, life: Duration) -> Duration {
        let usual = || (life / 5).clamp(Duration::from_secs(300), DAY);
        self.lead.unwrap_or_else(usual).min(life / 2)
    }

    /// The last part of a life that long.
    pub(super) fn closing(&self, life: Duration) -> Duration {
        if life < Duration::from_secs(300) { life / 10 } else { self.closing }
    }
}
