//! The life of a token: what to hand out now, and what to ask the vendor for, and when.
//!
//! A decision and nothing else: no clock is read here, nothing is sent and nobody waits, so that a year passes in
//! a test in no time. Whoever drives a [`Life`] asks for its [`Life::next`] step, begins what that says, and lets it
//! learn what came of it. No vendor is known here: how a token is renewed is data.
//!
//! All of it happens on the clock that nobody sets: the wall clock may jump, and nothing changes.

mod event;
mod held;
mod kept;
mod learn;
mod pace;
mod policy;
mod shift;
mod spread;
mod status;
mod trouble;

use alloc::format;
use alloc::sync::Arc;
use core::time::Duration;

use jiff::SignedDuration;

pub use self::event::EventKind;
pub use self::kept::Found;
pub use self::learn::Learned;
pub use self::policy::{Ladder, Policy};
pub use self::spread::Spread;
pub use self::status::{Holding, Status};

use self::held::{Doubt, Held};
use self::pace::Pace;
use self::trouble::{Class, Counts, Trouble};
use crate::descriptor::Descriptor;
use crate::detail::{CONFIG_VALUE, TOKEN_EXPIRED};
use crate::error::Error;
use crate::instant::Instant;
use crate::op::{Op, Renewal};
use crate::token::Token;

/// The state of one source: what is held, what went wrong, and when the vendor may be asked again.
#[derive(Debug)]
pub struct Life {
    vendor: &'static str,
    mode: Renewal,
    /// Whether the vendor's page says how to ask about a token.
    validates: bool,
    policy: Arc<Policy>,
    spread: Spread,
    opened: Instant,
    held: Option<Held>,
    trouble: Option<Trouble>,
    counts: Counts,
    pace: Pace,
    /// The attempt that is under way, and when the last one began.
    flight: Option<Attempt>,
    last: Option<Instant>,
    /// Somebody wants the next token now.
    forced: Option<Instant>,
    reported: Option<Instant>,
    replaced: Option<Instant>,
    /// Of the credentials.
    epoch: u32,
    generation: u64,
    /// Of the held token, among those of these credentials, whoever got them.
    number: u64,
    /// How far the vendor's clock was ahead of ours at the last reply that told.
    clock_offset: Option<SignedDuration>,
}

/// What somebody wants who asks for a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Want {
    /// Whether somebody waits: then a failure that may pass is tried again sooner.
    pub waits: bool,
    /// How long the token must still live.
    pub min_valid: Duration,
}

/// What there is to hand out, and what to do next.
#[derive(Debug)]
pub struct Step<'a> {
    /// What to hand out.
    pub serve: Serve<'a>,
    /// What to do next.
    pub next: Next,
}

/// What to hand out.
#[derive(Debug)]
pub enum Serve<'a> {
    /// This token.
    Fresh(&'a Token),
    /// This token, which may be dead before its time.
    Stale(&'a Token),
    /// Nothing yet: a request is under way, or due in a moment.
    Wait,
    /// Nothing before this error's `retry_after`.
    Refuse(Error),
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// [`Life::begin`] this operation, and send it.
    Send(Op),
    /// A request is under way.
    Flying,
    /// Ask again at this instant.
    Wait(Instant),
    /// There is nothing to be done by itself.
    Rest,
}

/// A request that was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What is asked.
    pub op: Op,
    epoch: u32,
}

impl Life {
    /// The life of an account's tokens, which are kept fresh in this `mode`.
    pub fn new(
        descriptor: &Descriptor,
        mode: Renewal,
        policy: Arc<Policy>,
        spread: Spread,
        now: Instant,
    ) -> Self {
        Self {
            vendor: descriptor.id,
            mode,
            validates: descriptor.can(Op::Validate) && !descriptor.observed.contains(&Op::Validate),
            policy,
            spread,
            opened: now,
            held: None,
            trouble: None,
            counts: Counts::default(),
            pace: Pace::default(),
            flight: None,
            last: None,
            forced: None,
            reported: None,
            replaced: None,
            epoch: 0,
            generation: 0,
            number: 0,
            clock_offset: None,
        }
    }

    /// What to hand out to somebody who wants this at `now`, and what to do next.
    pub fn next(&self, now: Instant, want: Want) -> Step<'_> {
        let usable = self.held.as_ref().filter(|held| held.is_alive(now) && held.lasts(now, want.min_valid));
        let due = self.due(now, want, usable.is_some());
        let next = match due {
            _ if self.flight.is_some() => Next::Flying,
            None => Next::Rest,
            Some((op, at)) if at <= now => Next::Send(op),
            Some((_, at)) => Next::Wait(at),
        };
        let serve = match usable {
            Some(held) if held.doubt.is_none() => Serve::Fresh(&held.token),
            Some(held) => Serve::Stale(&held.token),
            None => self.without_token(now, want, next),
        };
        Step { serve, next }
    }

    fn without_token(&self, now: Instant, want: Want, next: Next) -> Serve<'static> {
        if let Some(error) = self.too_short(now, want.min_valid) {
            return Serve::Refuse(error);
        }
        match (next, &self.trouble) {
            (Next::Wait(until), Some(trouble)) => {
                // The next token is expected any moment.
                let soon = until.since(now) <= self.policy.rollover.most;
                let waits = soon && trouble.class == Class::Rollover;
                if waits { Serve::Wait } else { Serve::Refuse(trouble.as_of(now, until)) }
            }
            (Next::Rest, Some(trouble)) => Serve::Refuse(trouble.error.as_of(now)),
            (Next::Rest, None) => {
                let message = "the token has expired, and there is no way to another: replace it";
                Serve::Refuse(Error::new(&TOKEN_EXPIRED, message).with_vendor(self.vendor))
            }
            _ => Serve::Wait,
        }
    }

    /// Why no token lives as long as somebody wants, where asking the vendor for another would not help.
    fn too_short(&self, now: Instant, min_valid: Duration) -> Option<Error> {
        let held = self.held.as_ref().filter(|held| held.is_alive(now))?;
        let life = held.life()?;
        // A token that is long enough for a moment would be asked for again and again.
        let why = if life < min_valid.saturating_add(self.policy.alive) {
            format!("the vendor's tokens live for {} s", life.as_secs())
        } else if matches!(self.mode, Renewal::Reissue | Renewal::Refresh) && !held.again {
            return None;
        } else {
            "there is no other token before this one ends".into()
        };
        let message = format!("min_valid: {} s cannot be had, {why}", min_valid.as_secs());
        Some(Error::new(&CONFIG_VALUE, message).with_vendor(self.vendor))
    }

    /// What is asked of the vendor next, and when.
    fn due(&self, now: Instant, want: Want, is_usable: bool) -> Option<(Op, Instant)> {
        let short = !is_usable && self.too_short(now, want.min_valid).is_none();
        let (op, at) = self.wish(now, short)?;
        let waits = (want.waits && !is_usable) || self.forced.is_some();
        let trouble = self.trouble.as_ref().map(|t| if waits { t.wanted_until } else { t.until });
        let floor = self.last.map(|last| last + self.policy.floor);
        let pace = self.pace.earliest(&self.policy);
        Some((op, [trouble, floor, pace].into_iter().flatten().fold(at, Instant::max)))
    }

    /// What would be asked of the vendor next, and when, if nothing stood against it. `short` is whether somebody needs
    /// more than what is held.
    fn wish(&self, now: Instant, short: bool) -> Option<(Op, Instant)> {
        let Some(held) = &self.held else {
            let gave_up = self.mode == Renewal::Static && self.trouble.is_some();
            return (!gave_up).then_some((Op::Issue, self.opened));
        };
        let usual = self.mode.op()?;
        let renews_early = self.mode != Renewal::SameUntilExpiry;
        let at_end = held.ends.map(|ends| if renews_early { ends } else { ends + self.policy.edge });
        let doubt = match held.doubt {
            // Asked for another, this vendor would give the same.
            Some(Doubt::Reported(at)) if self.validates && !renews_early && held.is_alive(now) => {
                return Some((Op::Validate, at));
            }
            Some(Doubt::Lost(at) | Doubt::Replaced(at) | Doubt::Reported(at) | Doubt::Refuted(at)) => {
                Some(at)
            }
            Some(Doubt::Dead) => Some(self.opened),
            None => None,
        };
        let wanted = (short && renews_early && held.is_alive(now)).then_some(now);
        let at = [doubt, held.ask, at_end, self.forced, wanted].into_iter().flatten().min()?;
        // A token that has ended, or may have, is not exchanged: that would fail, and might cost the next one.
        let exchanges = held.is_alive(now) && held.doubt.is_none();
        Some((if exchanges { usual } else { Op::Issue }, at))
    }

    /// Begins what [`Life::next`] says, or an operation that somebody asked for. Until it was learned what came of it,
    /// nothing else is to be sent.
    pub fn begin(&mut self, op: Op, now: Instant) -> Attempt {
        let attempt = Attempt { op, epoch: self.epoch };
        self.flight = Some(attempt);
        self.last = Some(now);
        if op.brings_a_token() {
            self.forced = None;
        }
        self.pace.take(now, &self.policy);
        attempt
    }

    /// What is sent of an attempt that had to wait for its turn until `now`, if it is sent: a token that has ended
    /// meanwhile, or may have, is neither exchanged nor asked about, but another asked for; and one that has come
    /// meanwhile may be exchanged.
    pub fn take_turn(&mut self, attempt: Attempt, now: Instant) -> Attempt {
        let held = self.held.as_ref().filter(|held| held.is_alive(now));
        let is_good = held.is_some_and(|held| held.doubt.is_none());
        let op = match attempt.op {
            Op::Issue | Op::Renew if is_good => self.mode.op().unwrap_or(Op::Issue),
            Op::Validate if held.is_none() => Op::Issue,
            Op::Renew => Op::Issue,
            op => op,
        };
        let attempt = Attempt { op, ..attempt };
        (self.flight, self.last) = (Some(attempt), Some(now));
        self.pace.delay(now, &self.policy);
        attempt
    }

    /// Whether the credentials are still those that the attempt was begun with.
    pub fn is_current(&self, attempt: Attempt) -> bool {
        attempt.epoch == self.epoch
    }

    /// Asks for the next token now.
    ///
    /// # Errors
    /// The failure that holds the vendor's door shut, with what is left of the wait; `config.value` where there is
    /// nothing to renew.
    pub fn renew_now(&mut self, now: Instant) -> Result<(), Error> {
        if self.mode == Renewal::Static {
            let message = "renewal: static, there is nothing to renew";
            return Err(Error::new(&CONFIG_VALUE, message).with_vendor(self.vendor));
        }
        if let Some(trouble) = self.trouble.as_ref().filter(|trouble| now < trouble.wanted_until) {
            return Err(trouble.as_of(now, trouble.wanted_until));
        }
        // What is under way already is the next token.
        let under_way = self.flight.is_some_and(|attempt| attempt.op.brings_a_token());
        self.forced = (!under_way).then_some(now);
        Ok(())
    }

    /// Whether a request that [`Life::renew_now`] asked for has not begun yet.
    pub fn is_renewal_wanted(&self) -> bool {
        self.forced.is_some()
    }

    /// Somebody was refused with `token`. Tells whether that says anything new: it is still the one that is held, and
    /// nobody has said so yet.
    pub fn report_rejected(&mut self, token: &Token, now: Instant) -> bool {
        let is_held = self.held.as_ref().is_some_and(|held| held.token.same_value(token));
        is_held && self.report_rejected_generation(self.generation, now)
    }

    /// [`Life::report_rejected`], of the token of this generation.
    pub fn report_rejected_generation(&mut self, generation: u64, now: Instant) -> bool {
        let recent = self.reported.is_some_and(|at| now < at + self.policy.report_gap);
        let Some(held) = self.held.as_mut().filter(|_| generation == self.generation) else { return false };
        let known = matches!(held.doubt, Some(Doubt::Reported(_) | Doubt::Refuted(_) | Doubt::Dead));
        if known || recent {
            return false;
        }
        held.doubt = Some(Doubt::Reported(now));
        self.reported = Some(now);
        true
    }

    /// The credentials are others. Every hold is over; of the same account a token that is held is served until there
    /// is one of the new credentials, of another one it is dropped.
    pub fn replace_credentials(&mut self, same_account: bool, now: Instant) {
        self.password_changed();
        self.replaced = Some(now);
        self.number = 0;
        match &mut self.held {
            Some(held) if same_account => {
                held.doubt = held.doubt.or(Some(Doubt::Replaced(now)));
                held.is_foreign = true;
            }
            held => *held = None,
        }
    }

    /// The vendor has taken a new password for the token that is held: every hold is over, and the token stays.
    pub fn password_changed(&mut self) {
        self.epoch = self.epoch.wrapping_add(1);
        (self.trouble, self.counts) = (None, Counts::default());
    }

    /// The token was revoked.
    pub fn drop_token(&mut self) {
        self.held = None;
    }
}
