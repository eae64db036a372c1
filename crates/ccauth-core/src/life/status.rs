//! How a source stands, for people and their monitoring.

use jiff::SignedDuration;

use super::trouble::Class;
use super::{Life, Next, Want};
use crate::Timestamp;
use crate::error::Error;
use crate::instant::Instant;
use crate::ports::Now;
use crate::token::{Expiry, Token};

/// How a source stands. Times are on the wall clock, as it shows now.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    /// How many tokens there were so far.
    pub generation: u64,
    /// When the held token ends and who says so; `None` where there is none, or it has ended.
    pub expiry: Option<Expiry>,
    /// Whether the held token may be dead before its time.
    pub is_stale: bool,
    /// Whether a request is under way.
    pub is_flying: bool,
    /// When the vendor is asked next; `None` where nothing is to be done, or is being done.
    pub next: Option<Timestamp>,
    /// What the last request failed with, unless one has succeeded since.
    pub failure: Option<Error>,
    /// Until when the vendor is let alone, because it throttles or rejects.
    pub held_until: Option<Timestamp>,
    /// How far the vendor's clock is ahead of this machine's, to a second, by the last reply that told: behind, where
    /// negative. Nothing depends on it but what a person may want to mend.
    pub clock_offset: Option<SignedDuration>,
    /// Why the source goes on without its token store, where it does.
    pub store_failure: Option<Error>,
}

/// The token that is held, and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Holding<'a> {
    /// The token.
    pub token: &'a Token,
    /// When it ends; `None` lives until it is revoked.
    pub ends: Option<Instant>,
    /// Whether it may be dead before its time.
    pub is_stale: bool,
    /// How many tokens there were so far, this one included.
    pub generation: u64,
}

impl Life {
    /// The token that is held, unless it has ended.
    pub fn holding(&self, now: Instant) -> Option<Holding<'_>> {
        let held = self.held.as_ref().filter(|held| held.is_alive(now))?;
        let (is_stale, generation) = (held.doubt.is_some(), self.generation);
        Some(Holding { token: &held.token, ends: held.ends, is_stale, generation })
    }

    /// [`Life::holding`], the token alone.
    pub fn token(&self, now: Instant) -> Option<&Token> {
        self.holding(now).map(|holding| holding.token)
    }

    /// What the last request failed with, unless one has succeeded since.
    pub fn failure(&self) -> Option<&Error> {
        self.trouble.as_ref().map(|trouble| &trouble.error)
    }

    /// The vendor's id.
    pub fn vendor(&self) -> &'static str {
        self.vendor
    }

    /// How many tokens there were so far.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// How far the vendor's clock was ahead of ours at the last reply that told.
    pub fn clock_offset(&self) -> Option<SignedDuration> {
        self.clock_offset
    }

    /// Whether a request is under way.
    pub fn is_flying(&self) -> bool {
        self.flight.is_some()
    }

    /// How the source stands.
    pub fn status(&self, now: Now) -> Status {
        let wall = |at: Instant| now.wall.saturating_add(at.since(now.instant)).unwrap_or(Timestamp::MAX);
        let holding = self.holding(now.instant);
        let expiry = holding.map(|holding| Expiry { at: holding.ends.map(wall), ..holding.token.expiry() });
        let hold = self.trouble.as_ref().filter(|t| matches!(t.class, Class::Throttled | Class::Rejected));
        Status {
            generation: self.generation,
            expiry,
            is_stale: holding.is_some_and(|holding| holding.is_stale),
            is_flying: self.is_flying(),
            next: match self.next(now.instant, Want::default()).next {
                Next::Send(_) => Some(now.wall),
                Next::Wait(at) => Some(wall(at)),
                Next::Flying | Next::Rest => None,
            },
            failure: self.failure().map(|failure| failure.as_of(now.instant)),
            held_until: hold.map(|trouble| wall(trouble.until)).filter(|until| *until > now.wall),
            clock_offset: self.clock_offset,
            store_failure: None,
        }
    }
}
