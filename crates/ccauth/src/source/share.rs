//! What a source shares with other processes, by way of a store.

use std::sync::Arc;
use std::time::Duration;

use ccauth_core::life::{Attempt, Found, Learned, Life};
use ccauth_core::{Entry, Error, Lease, Now, Secret};

use super::Inner;
use crate::account::Account;
use crate::adapters::transports::total;
use crate::shelf::Shelf;

/// How much longer than a request may take somebody waits who wants to make the same.
const GRACE: Duration = Duration::from_secs(2);

/// An account's place in a store, and what was found there.
pub(super) struct Share {
    shelf: Arc<Shelf>,
    entry: Arc<Entry>,
    /// Of the clock.
    origin: String,
    /// How long whoever makes the request may take.
    patience: Duration,
    /// What was found; `None` where nothing could be read, and so nothing is written.
    revision: Option<u64>,
    /// The right to make it, and whether that has been waited for.
    lease: Option<Box<dyn Lease>>,
    has_waited: bool,
}

impl Share {
    pub(super) fn of(account: &Account) -> Option<Self> {
        let (shelf, login) = (account.shelf()?.clone(), account.login());
        let (entry, origin) = (Arc::new(Entry::of(&login)), account.client().clock().origin());
        let patience = total(&login) + GRACE;
        Some(Self { shelf, entry, origin, patience, revision: None, lease: None, has_waited: false })
    }

    /// What is to be kept of a life at `now`: to be asked under the lock under which it was changed, before its credentials
    /// become others.
    pub(super) fn record(&self, life: &Life, now: Now) -> Secret {
        life.record(now, &self.origin)
    }
}

impl Inner {
    /// Looks in the store, before a request is made, whether what it is for is there. If not, waits until nobody else
    /// makes it, and looks again. What comes of it without a request is told.
    pub(super) fn consult(&self, share: &mut Share, attempt: Attempt) -> Option<Learned> {
        match self.look_up(share, attempt) {
            Ok(Some(learned)) => {
                self.note_store(None);
                Some(learned)
            }
            // Whether it is well is seen when it is to take what comes of the request.
            Ok(None) => None,
            Err(e) => {
                (share.revision, share.lease) = (None, None);
                self.note_store(Some(e));
                None
            }
        }
    }

    fn look_up(&self, share: &mut Share, attempt: Attempt) -> Result<Option<Learned>, Error> {
        let learned = self.load(share, attempt)?;
        if learned.is_some() || !attempt.op.brings_a_token() || share.has_waited {
            return Ok(learned);
        }
        share.has_waited = true;
        // Somebody who has had it for longer than a request takes is stopped, or worse.
        share.lease = share.shelf.lease(&share.entry, share.patience)?;
        self.load(share, attempt)
    }

    fn load(&self, share: &mut Share, attempt: Attempt) -> Result<Option<Learned>, Error> {
        let kept = share.shelf.load(&share.entry)?;
        share.revision = Some(kept.revision);
        let Some(record) = kept.record else { return Ok(None) };
        let now = self.client.clock().now();
        let found = Found { record: &record, now, origin: &share.origin, is_alone: share.has_waited };
        Ok(self.lock().life.take(attempt, &found, &self.carriage))
    }

    /// Keeps a record in the place of what was found. False where somebody else has kept something meanwhile, which stays.
    pub(super) fn keep(&self, share: &mut Share, record: Secret) -> bool {
        let Some(revision) = share.revision else { return true };
        let kept = share.shelf.commit(&share.entry, revision, record);
        share.revision = kept.as_ref().ok().map(|is_kept| revision + u64::from(*is_kept));
        let is_lost = matches!(kept, Ok(false));
        self.note_store(kept.err());
        !is_lost
    }

    /// Keeps what somebody's own operation has changed: a revoked token is there for nobody, and with a new password it is
    /// found under that.
    pub(super) fn keep_anew(&self, mut share: Share, record: Secret) {
        match share.shelf.load(&share.entry) {
            Ok(kept) => {
                share.revision = Some(kept.revision);
                self.keep(&mut share, record);
            }
            Err(e) => self.note_store(Some(e)),
        }
    }

    /// How the store is.
    fn note_store(&self, failure: Option<Error>) {
        let mut state = self.lock();
        let now = self.client.clock().now();
        let state = &mut *state;
        state.news.note_store(&state.life, now, failure.as_ref());
        state.store_failure = failure;
    }
}
