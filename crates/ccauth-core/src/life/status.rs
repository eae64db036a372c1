//! How a source stands, for people and their monitoring.

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
}

impl Life {
    /// The token that is held, unless it has ended.
    pub fn token(&self, now: Instant) -> Option<&Token> {
        self.held.as_ref().filter(|held| held.is_alive(now)).map(|held| &held.token)
    }

    /// Whether a request is under way.
    pub fn is_flying(&self) -> bool {
        self.flight.is_some()
    }

    /// How the source stands.
    pub fn status(&self, now: Now) -> Status {
        let wall = |at: Instant| now.wall.saturating_add(at.since(now.instant)).unwrap_or(Timestamp::MAX);
        let held = self.held.as_ref().filter(|held| held.is_alive(now.instant));
        let expiry = held.map(|held| Expiry { at: held.ends.map(wall), ..held.token.expiry() });
        let hold = self.trouble.as_ref().filter(|t| matches!(t.class, Class::Throttled | Class::Rejected));
        Status {
            generation: self.generation,
            expiry,
            is_stale: held.is_some_and(|held| held.doubt.is_some()),
            is_flying: self.is_flying(),
            next: match self.next(now.instant, Want::default()).next {
                Next::Send(_) => Some(now.wall),
                Next::Wait(at) => Some(wall(at)),
                Next::Flying | Next::Rest => None,
            },
            failure: self.trouble.as_ref().map(|trouble| trouble.error.as_of(now.instant)),
            held_until: hold.map(|trouble| wall(trouble.until)).filter(|until| *until > now.wall),
        }
    }
}
