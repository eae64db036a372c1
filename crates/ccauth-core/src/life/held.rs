//! The token that is held, on the clock that nobody sets.

use core::time::Duration;

use super::policy::Policy;
use super::spread::Spread;
use crate::instant::Instant;
use crate::op::Renewal;
use crate::ports::Now;
use crate::token::Token;

#[derive(Debug)]
pub(super) struct Held {
    pub(super) token: Token,
    /// When the request for it began.
    pub(super) from: Instant,
    /// `None` lives until it is revoked.
    pub(super) ends: Option<Instant>,
    /// When the next one is asked for, while this one lives.
    pub(super) ask: Option<Instant>,
    pub(super) doubt: Option<Doubt>,
    /// It was obtained with other credentials than those in use.
    pub(super) is_foreign: bool,
    /// The vendor gave it again when asked for another.
    pub(super) again: bool,
}

/// Why a token may be dead before its time, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It was exchanged, and the reply got lost.
    Lost(Instant),
    /// The credentials that it was obtained with are no longer those in use.
    Replaced(Instant),
    /// Somebody was refused with it.
    Reported(Instant),
    /// The vendor does not confirm it either.
    Refuted(Instant),
    /// Reported, and served again by the vendor: it is never called valid any more.
    Dead,
}

impl Held {
    /// A token that was asked for at `sent_at`; the `n`-th of its source.
    pub(super) fn new(
        token: Token,
        sent_at: Now,
        mode: Renewal,
        policy: &Policy,
        spread: Spread,
        n: u64,
    ) -> Self {
        let (from, life) = (sent_at.instant, token.expiry().left(sent_at.wall));
        Self::living(token, (from, life.map(|life| from + life)), mode, policy, spread, n)
    }

    /// A token that lives from one instant to the other.
    pub(super) fn living(
        token: Token,
        (from, ends): (Instant, Option<Instant>),
        mode: Renewal,
        policy: &Policy,
        spread: Spread,
        n: u64,
    ) -> Self {
        let early = matches!(mode, Renewal::Reissue | Renewal::Refresh);
        let ask = ends.filter(|_| early).map(|ends| {
            let lead = policy.lead(ends.since(from));
            // Only ever earlier.
            ends - lead - spread.part(n, lead / 10)
        });
        Self { token, from, ends, ask, doubt: None, is_foreign: false, again: false }
    }

    /// Whether it can be handed out at `now`.
    pub(super) fn is_alive(&self, now: Instant) -> bool {
        self.ends.is_none_or(|ends| now < ends) && self.doubt != Some(Doubt::Dead)
    }

    /// Whether it lives for so long from `now` on.
    pub(super) fn lasts(&self, now: Instant, least: Duration) -> bool {
        self.ends.is_none_or(|ends| ends.since(now) >= least)
    }

    /// How long it lives altogether.
    pub(super) fn life(&self) -> Option<Duration> {
        self.ends.map(|ends| ends.since(self.from))
    }

    /// When the last part of its life begins.
    pub(super) fn closing(&self, policy: &Policy) -> Option<Instant> {
        Some(self.ends? - policy.closing(self.life()?))
    }

    /// The vendor gave the same value again while it lives. That moves its end nowhere but earlier, and what is left
    /// is asked about half as often each time.
    pub(super) fn unchanged(&mut self, ends: Option<Instant>, now: Instant, policy: &Policy) {
        (self.doubt, self.again) = (None, true);
        self.ends = match (self.ends, ends) {
            (Some(known), Some(said)) => Some(known.min(said)),
            (known, said) => known.or(said),
        };
        if let (Some(_), Some(ends)) = (self.ask, self.ends) {
            self.ask = Some(now + (ends.since(now) / 2).max(policy.alive));
        }
    }
}
