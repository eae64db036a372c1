//! What a source tells: to the log, and to those who listen.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError, Weak};

use ccauth_core::jiff::SignedDuration;
use ccauth_core::life::{EventKind, Life};
use ccauth_core::{Detail, Error, Instant, Now, Timestamp};
use log::Level;

use super::{Inner, Source};
use crate::sync::{Mutex, MutexGuard};

/// Something that has happened to the token of a source. `Display` is one line, as it stands in the log.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event {
    /// What has happened.
    pub kind: EventKind,
    /// When, on the wall clock.
    pub at: Timestamp,
    /// The vendor's id.
    pub vendor: &'static str,
    /// How many tokens there were so far.
    pub generation: u64,
    /// When the held token ends; `None` where none is held, or it lives until it is revoked.
    pub expires_at: Option<Timestamp>,
    /// Why, where something has failed.
    pub error: Option<Error>,
    /// How far the vendor's clock is ahead of this machine's, where that is told.
    pub clock_offset: Option<SignedDuration>,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, vendor, generation, expires_at, error, clock_offset, .. } = self;
        write!(f, "{}: {vendor}, token {generation}", kind.name())?;
        if let Some(end) = expires_at {
            write!(f, ", valid until {end:.0}")?;
        }
        if let Some(offset) = clock_offset {
            write!(f, ", the vendor's clock is {} s ahead", offset.as_secs())?;
        }
        error.as_ref().map_or(Ok(()), |error| write!(f, ": {error}"))
    }
}

/// Who listens, for as long as this is kept.
#[must_use = "nobody listens any more when it is dropped"]
pub struct Subscription {
    source: Weak<Inner>,
    listener: Listener,
}

type Listener = Arc<dyn Fn(&Event) + Send + Sync>;

/// Those who listen to a source.
#[derive(Default)]
pub(super) struct Listeners(Mutex<Vec<Listener>>);

/// What was told last, and what is still to be told.
#[derive(Default)]
pub(super) struct News {
    to_tell: VecDeque<Event>,
    is_telling: bool,
    generation: u64,
    /// When the token ends that was held.
    held: Option<Option<Instant>>,
    is_stale: bool,
    is_stale_served: bool,
    failure: Option<&'static Detail>,
    clock_offset: SignedDuration,
    store_failure: Option<&'static Detail>,
}

impl Source {
    /// Calls `listener` with everything that happens from now on, in its order and one event at a time, until the
    /// subscription is dropped: an event that is being told then may still be.
    ///
    /// It runs on the thread that learns of the event, a caller's or one of the client's, with no lock held: it may call
    /// the source, and must return soon, since a request may have to wait for it. A panic in it is logged and ends nothing.
    /// A listener that owns the source keeps it alive.
    pub fn subscribe(&self, listener: impl Fn(&Event) + Send + Sync + 'static) -> Subscription {
        let listener: Listener = Arc::new(listener);
        self.0.listeners.lock().push(listener.clone());
        Subscription { source: Arc::downgrade(&self.0), listener }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(source) = self.source.upgrade() {
            source.listeners.lock().retain(|other| !Arc::ptr_eq(other, &self.listener));
        }
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}

impl Listeners {
    fn lock(&self) -> MutexGuard<'_, Vec<Listener>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl News {
    pub(super) fn is_empty(&self) -> bool {
        self.to_tell.is_empty()
    }

    /// Notes what is new about a life.
    pub(super) fn note(&mut self, life: &Life, now: Now) {
        let holding = life.holding(now.instant);
        let (held, generation) = (holding.map(|holding| holding.ends), life.generation());
        let is_stale = holding.is_some_and(|holding| holding.is_stale);
        if generation > self.generation {
            let kind = if self.held.is_some() { EventKind::Refreshed } else { EventKind::Acquired };
            self.push(kind, life, now, None);
            self.is_stale_served = false;
        } else if self.held.is_some_and(|ends| ends.is_some_and(|ends| ends <= now.instant)) && held.is_none()
        {
            self.push(EventKind::Expired, life, now, None);
        } else if (is_stale || (self.held.is_some() && held.is_none())) && !self.is_stale {
            self.push(EventKind::Invalidated, life, now, None);
        }
        (self.generation, self.held, self.is_stale) = (generation, held, is_stale);
        let failure = life.failure();
        let detail = failure.map(Error::detail);
        if self.failure != detail {
            for kind in failure.and_then(EventKind::of_failure).into_iter().chain([EventKind::RefreshFailed])
            {
                if let Some(failure) = failure {
                    self.push(kind, life, now, Some(failure.as_of(now.instant)));
                }
            }
            self.failure = detail;
        }
        if let Some(offset) = life.clock_offset()
            && (offset - self.clock_offset).abs() > SignedDuration::from_mins(1)
        {
            self.clock_offset = offset;
            self.push(EventKind::ClockSkew, life, now, None);
        }
    }

    /// Notes that a token was handed out that may be dead before its time.
    pub(super) fn note_stale_served(&mut self, life: &Life, now: Now) {
        if !std::mem::replace(&mut self.is_stale_served, true) {
            self.push(EventKind::StaleServed, life, now, None);
        }
    }

    /// Notes that the store is well, or why it is not.
    pub(super) fn note_store(&mut self, life: &Life, now: Now, failure: Option<&Error>) {
        let detail = failure.map(Error::detail);
        if std::mem::replace(&mut self.store_failure, detail) != detail {
            let kind = failure.map_or(EventKind::StoreRecovered, |_| EventKind::StoreDegraded);
            self.push(kind, life, now, failure.cloned());
        }
    }

    fn push(&mut self, kind: EventKind, life: &Life, now: Now, error: Option<Error>) {
        self.to_tell.push_back(Event {
            kind,
            at: now.wall,
            vendor: life.vendor(),
            generation: life.generation(),
            expires_at: life.status(now).expiry.and_then(|expiry| expiry.at),
            error,
            clock_offset: (kind == EventKind::ClockSkew).then_some(self.clock_offset),
        });
    }
}

impl Inner {
    /// Tells what there is to be told, unless somebody is at it, who then goes on with it.
    pub(super) fn tell(&self) {
        loop {
            let event = {
                let news = &mut self.lock().news;
                if news.is_telling {
                    return;
                }
                let Some(event) = news.to_tell.pop_front() else {
                    // Its room is not kept for an hour.
                    news.to_tell = VecDeque::new();
                    return;
                };
                news.is_telling = true;
                event
            };
            let listeners = self.listeners.lock().clone();
            let log = || log::log!(level(event.kind), "{event}");
            let told = catch_unwind(AssertUnwindSafe(log)).is_ok();
            let heard = |listener: &Listener| catch_unwind(AssertUnwindSafe(|| listener(&event))).is_ok();
            if !listeners.iter().fold(told, |well, listener| heard(listener) && well) {
                let _ = catch_unwind(|| log::error!("a listener has panicked at {}", event.kind.name()));
            }
            self.lock().news.is_telling = false;
        }
    }
}

fn level(kind: EventKind) -> Level {
    match kind {
        EventKind::Acquired | EventKind::Refreshed | EventKind::StoreRecovered => Level::Info,
        EventKind::Expired | EventKind::Rejected | EventKind::LockoutRisk => Level::Error,
        _ => Level::Warn,
    }
}
