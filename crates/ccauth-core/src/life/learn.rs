//! What a source learns from each exchange with its vendor.

use jiff::SignedDuration;

use super::held::{Doubt, Held};
use super::trouble::{Class, Trouble};
use super::{Attempt, Life};
use crate::Timestamp;
use crate::detail::{EXPIRY_PAST, INTERNAL, TOKEN_EXPIRED, TOKEN_REJECTED};
use crate::error::Error;
use crate::exchange::Exchange;
use crate::instant::Instant;
use crate::kind::Retry;
use crate::op::{Op, Renewal};
use crate::ports::Now;
use crate::token::Token;
use crate::vendor::Outcome;

/// What an exchange has changed.
#[derive(Clone, Debug)]
pub enum Learned {
    /// There is another token, or the same with another end.
    Renewed,
    /// The vendor gave the token that is held, while it lives: nothing is new.
    Unchanged,
    /// The vendor says that a token which was reported is good, or did what somebody asked for.
    Confirmed,
    /// No token came of it. What is held stays.
    Failed(Error),
    /// The credentials were replaced meanwhile: it says nothing any more.
    Outdated,
}

impl Life {
    /// Learns what came of an attempt.
    pub fn learn(&mut self, attempt: Attempt, exchange: Exchange) -> Learned {
        self.flight = None;
        if !self.is_current(attempt) {
            return Learned::Outdated;
        }
        let Exchange { sent_at, received_at, vendor_clock, outcome } = exchange;
        if let Some(shown) = vendor_clock {
            self.clock_offset = Some(offset(shown, sent_at, received_at));
        }
        match outcome {
            Ok(Outcome::Token(token)) => self.got(attempt.op, token, sent_at, received_at.instant),
            Ok(Outcome::Valid(_) | Outcome::Done) => {
                if let (Op::Validate, Some(held)) = (attempt.op, &mut self.held) {
                    held.doubt = None;
                    self.calm();
                }
                Learned::Confirmed
            }
            Err(error) => self.failed(attempt.op, &error, received_at.instant),
        }
    }

    /// Learns that nothing came of an attempt, not even a failure: what made it has died.
    pub fn abandon(&mut self, attempt: Attempt, now: Instant) -> Learned {
        self.flight = None;
        if !self.is_current(attempt) {
            return Learned::Outdated;
        }
        let error = Error::new(&INTERNAL, "the request was given up by a fault").with_vendor(self.vendor);
        self.failed(attempt.op, &error, now)
    }

    fn got(&mut self, op: Op, token: Token, sent_at: Now, now: Instant) -> Learned {
        let (mode, spread, n) = (self.mode, self.spread, self.number + 1);
        let next = |token| Held::new(token, sent_at, mode, &self.policy, spread, n);
        if let Some(held) = self.held.as_mut().filter(|held| held.token.same_value(&token)) {
            if matches!(held.doubt, Some(Doubt::Reported(_) | Doubt::Refuted(_) | Doubt::Dead)) {
                held.doubt = Some(Doubt::Dead);
                let message = "the vendor gives the very token again that was reported as rejected";
                let error = Error::new(&TOKEN_REJECTED, message).with_vendor(self.vendor);
                return self.hold(Class::Throttled, op, &error, now);
            }
            if held.ends.is_none_or(|ends| sent_at.instant < ends) {
                let ends = next(token).ends;
                held.unchanged(ends, now, &self.policy);
                self.calm();
                return Learned::Unchanged;
            }
        }
        self.held = Some(next(token));
        self.number = n;
        self.generation += 1;
        self.calm();
        Learned::Renewed
    }

    fn failed(&mut self, op: Op, error: &Error, now: Instant) -> Learned {
        let known_dead = error.retry() == Retry::Once;
        let lets_go_on = !matches!(error.retry(), Retry::Later | Retry::UntilChanged | Retry::No);
        match (op, &mut self.held) {
            // A refresh that may have happened has ended the token, and is not asked for again: one login is.
            (Op::Renew, Some(held)) if known_dead || error.kind().may_have_acted() => {
                held.doubt = held.doubt.or(Some(Doubt::Lost(now)));
                if lets_go_on {
                    return Learned::Failed(error.as_of(now));
                }
            }
            (Op::Validate, Some(held)) if known_dead => {
                held.doubt = Some(Doubt::Refuted(now));
                return Learned::Failed(error.as_of(now));
            }
            // What somebody asked for has failed, and says nothing about the next token.
            (Op::Revoke | Op::ChangePassword, _) => return Learned::Failed(error.as_of(now)),
            _ => {}
        }
        let at_edge = self.is_at_edge(error, now);
        self.hold(Class::of(op, error, at_edge, &self.counts), op, error, now)
    }

    /// Whether the vendor goes on serving a token that has only just ended.
    fn is_at_edge(&self, error: &Error, now: Instant) -> bool {
        let ended = self.held.as_ref().and_then(|held| held.ends).filter(|ends| *ends <= now);
        self.mode == Renewal::SameUntilExpiry
            && (error.detail() == &TOKEN_EXPIRED || error.detail() == &EXPIRY_PAST)
            && ended.is_some_and(|ended| now.since(ended) < self.policy.rollover_for)
    }

    fn hold(&mut self, class: Class, op: Op, error: &Error, now: Instant) -> Learned {
        let alive = self.held.as_ref().filter(|held| held.is_alive(now));
        // Once the token has ended somebody waits, and the vendor is asked more often again.
        let ended_since = self.held.as_ref().and_then(|held| held.ends).filter(|ends| *ends <= now);
        if self.trouble.as_ref().is_some_and(|before| ended_since.is_some_and(|ends| before.at < ends)) {
            self.counts.transient = 0;
        }
        let fresh = self.replaced.is_some_and(|at| now.since(at) < self.policy.fresh);
        let mut trouble = Trouble::new(error, (class, op), now, &mut self.counts, &self.policy, self.spread);
        if let Some(held) = alive {
            trouble = trouble.eased(held.closing(&self.policy), held.ends, &self.policy);
        }
        if fresh && error.retry() == Retry::UntilChanged {
            // They may not have got about yet. Once.
            self.replaced = None;
            self.counts.rejected = 0;
            (trouble.until, trouble.wanted_until) =
                (now + self.policy.fresh_wait, now + self.policy.fresh_wait);
        }
        let told = trouble.as_of(now, trouble.until);
        self.trouble = Some(trouble);
        Learned::Failed(told)
    }

    /// The vendor is well.
    pub(super) fn calm(&mut self) {
        (self.trouble, self.counts, self.replaced) = (None, Default::default(), None);
    }
}

/// How far the vendor's clock is ahead of ours. It shows whole seconds, which began when the reply was made: anywhere
/// between the request and its arrival.
fn offset(shown: Timestamp, sent_at: Now, received_at: Now) -> SignedDuration {
    let earliest = shown.duration_since(received_at.wall);
    let latest = shown.duration_since(sent_at.wall) + SignedDuration::from_secs(1);
    if earliest <= SignedDuration::ZERO && latest >= SignedDuration::ZERO {
        return SignedDuration::ZERO;
    }
    if earliest > SignedDuration::ZERO { earliest } else { latest }
}
