//! What a failure means for the next request.

use core::time::Duration;

use super::policy::Policy;
use super::spread::Spread;
use crate::detail::VENDOR_REFUSED;
use crate::error::Error;
use crate::instant::Instant;
use crate::kind::{ErrorKind, Retry};
use crate::op::Op;

/// The failure that stands between a source and its next token.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    pub(super) error: Error,
    /// When it happened.
    pub(super) at: Instant,
    /// When the vendor is asked again.
    pub(super) until: Instant,
    /// When it is asked again if somebody waits for a token.
    pub(super) wanted_until: Instant,
    /// The vendor asked for so much.
    not_before: Instant,
    pub(super) class: Class,
}

/// Failures in a row, by what they ask for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) transient: u32,
    throttled: u32,
    pub(super) rejected: u32,
    unexplained: u32,
    rollover: u32,
}

/// What a failure asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Patience.
    Transient,
    /// To be let alone for a while.
    Throttled,
    /// Other credentials, or another configuration.
    Rejected,
    /// The vendor goes on serving the token that has just ended.
    Rollover,
}

impl Class {
    /// `at_edge` is whether a token of a vendor that serves the same until then has just ended.
    pub(super) fn of(op: Op, error: &Error, at_edge: bool, counts: &Counts) -> Self {
        let unexplained = op == Op::Issue && error.detail() == &VENDOR_REFUSED;
        match error.retry() {
            // A fault of ours: nobody else mends it.
            _ if error.kind() == ErrorKind::Internal => Self::Transient,
            Retry::UntilChanged | Retry::No => Self::Rejected,
            // A refusal of a login that nobody explains may lock accounts as well as any other.
            Retry::Later if unexplained && counts.unexplained > 0 => Self::Rejected,
            Retry::Later => Self::Throttled,
            Retry::Soon | Retry::Yes | Retry::Once if at_edge => Self::Rollover,
            Retry::Soon | Retry::Yes | Retry::Once => Self::Transient,
        }
    }

    /// Whether the vendor is to be let alone, whoever waits.
    fn is_hold(self) -> bool {
        matches!(self, Self::Throttled | Self::Rejected)
    }
}

impl Counts {
    /// One more.
    fn count(&mut self, class: Class, op: Op, error: &Error) -> u32 {
        if op == Op::Issue && error.detail() == &VENDOR_REFUSED {
            self.unexplained = self.unexplained.saturating_add(1);
        }
        if class == Class::Rollover {
            // Where it takes longer than expected, the usual waits go on from here.
            self.transient = self.transient.saturating_add(1);
        }
        let count = self.at(class);
        *count = count.saturating_add(1);
        *count
    }

    /// So many, as somebody else has counted them.
    pub(super) fn learn(&mut self, class: Class, count: u32, error: &Error) {
        *self.at(class) = count;
        self.unexplained = u32::from(error.detail() == &VENDOR_REFUSED);
    }

    /// How many of this class.
    pub(super) fn of(mut self, class: Class) -> u32 {
        *self.at(class)
    }

    fn at(&mut self, class: Class) -> &mut u32 {
        match class {
            Class::Transient => &mut self.transient,
            Class::Throttled => &mut self.throttled,
            Class::Rejected => &mut self.rejected,
            Class::Rollover => &mut self.rollover,
        }
    }
}

impl Trouble {
    /// A failure that was learned of at `now`, with the waits that its class has by itself.
    pub(super) fn new(
        error: &Error,
        (class, op): (Class, Op),
        now: Instant,
        counts: &mut Counts,
        policy: &Policy,
        spread: Spread,
    ) -> Self {
        let count = counts.count(class, op, error);
        let chance = u64::from(count);
        // Not before the vendor says or we do, and not all at once just then.
        let spread_out = |wait: Duration| wait.saturating_add(spread.part(chance, wait / 10));
        let asked = error.retry_after().map(spread_out).unwrap_or_default();
        let wait = match class {
            Class::Transient => {
                let step = policy.transient.step(count);
                step / 2 + spread.part(chance, step / 2)
            }
            Class::Throttled if error.retry_after().is_some() => asked,
            Class::Throttled => spread_out(policy.throttled.step(count)),
            Class::Rejected => spread_out(policy.rejected.step(count)),
            Class::Rollover => policy.rollover.step(count),
        };
        let wait = wait.max(asked).max(policy.floor);
        let wanted = if class.is_hold() { wait } else { wait.min(policy.wanted).max(asked) };
        let error = error.as_of(now);
        Self { error, at: now, until: now + wait, wanted_until: now + wanted, not_before: now + asked, class }
    }

    /// What somebody else ran into, with its waits.
    pub(super) fn left(
        error: &Error,
        class: Class,
        at: Instant,
        (until, wanted_until): (Instant, Instant),
    ) -> Self {
        let error = error.as_of(at);
        Self { error, at, until, wanted_until, not_before: until, class }
    }

    /// While a valid token is held nobody waits: tries are rare, and more frequent only in the last part of its life.
    pub(super) fn eased(mut self, closing: Option<Instant>, ends: Option<Instant>, policy: &Policy) -> Self {
        if self.class.is_hold() {
            return self;
        }
        self.until = self.until.max(self.at + policy.alive);
        if let (Some(closing), Some(ends)) = (closing, ends) {
            let soon = self.at + policy.closing_gap;
            self.until = self.until.min(closing.max(soon)).min(ends.max(self.at + policy.floor));
        }
        self.until = self.until.max(self.not_before);
        self
    }

    /// The failure for somebody who asks at `now` and is not to ask again before `until`.
    pub(super) fn as_of(&self, now: Instant, until: Instant) -> Error {
        self.error.clone().with_retry_after(Some(until.since(now))).with_heard_at(now)
    }
}
