//! The held token for those who must not wait.

use std::fmt;
use std::time::Duration;

use ccauth_core::{Carriage, Detail, detail};

use super::slot::{Note, Slot};
use super::{Inner, Source, State};
use crate::sync::atomic::Ordering;

/// What [`Source::try_token`] saw.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Glance<'b> {
    /// The value to attach, in ASCII, in the caller's buffer: a header's with its scheme, a query argument's before it
    /// is percent-encoded. `None` where it did not fit, and nothing was written.
    pub value: Option<&'b [u8]>,
    /// The number of bytes that it needs.
    pub len: usize,
    /// How long the token still lives; `None` lives until it is revoked.
    pub left: Option<Duration>,
    /// Whether it may be dead before its time: somebody was refused with it, or it is being replaced.
    pub is_stale: bool,
    /// How many tokens there were so far, this one included: while it stays the same, so does the value.
    pub generation: u64,
}

/// Shows everything but the value.
impl fmt::Debug for Glance<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { value: _, len, left, is_stale, generation } = self;
        let mut shown = f.debug_struct("Glance");
        shown.field("len", len).field("left", left).field("is_stale", is_stale);
        shown.field("generation", generation).finish_non_exhaustive()
    }
}

impl Source {
    /// Copies what to attach to a call into `into`, for threads that carry signalling or media: never waits, takes no
    /// lock, allocates nothing, enters no kernel and sends nothing, and may be called from a signal handler. The buffer
    /// then holds a secret, which is the caller's to wipe. [`Source::carriage`] tells what the value belongs to.
    ///
    /// # Errors
    /// Why no valid token is held: `token.none`, or what the last request failed with.
    #[inline]
    pub fn try_token<'b>(&self, into: &'b mut [u8]) -> Result<Glance<'b>, &'static Detail> {
        let slot = self.0.slot.get().ok_or_else(|| self.0.why_none())?;
        let mut last = None;
        loop {
            let Some(note) = slot.read(into) else { return Err(self.0.why_none()) };
            let left = note.ends.map(|ends| ends.since(self.0.client.coarse()));
            if left != Some(Duration::ZERO) {
                let Note { len, is_stale, generation, .. } = note;
                return Ok(Glance { value: into.get(..len), len, left, is_stale, generation });
            }
            // It has ended; if this thread slept since it was read, there may be another.
            if last.replace(note) == Some(note) {
                return Err(self.0.why_none());
            }
        }
    }

    /// How the token travels, and under which name: the same for all of a source's tokens.
    pub fn carriage(&self) -> &Carriage {
        &self.0.carriage
    }
}

impl Inner {
    /// Shows what is held now to all who take no lock.
    pub(super) fn publish(&self, state: &State) {
        let place = |failure: &Detail| detail::ALL.iter().position(|other| std::ptr::eq(*other, failure));
        let failure = state.life.failure().and_then(|error| place(error.detail()));
        self.failure.store(failure.map_or(0, |place| place + 1), Ordering::Relaxed);
        let Some(holding) = state.life.holding(self.now()) else {
            return if let Some(slot) = self.slot.get() {
                slot.clear()
            };
        };
        let attached = holding.token.attached();
        let value = attached.expose().as_bytes();
        let note = Note {
            len: value.len(),
            is_stale: holding.is_stale,
            generation: holding.generation,
            ends: holding.ends,
        };
        self.slot.get_or_init(|| Slot::with_room(value.len())).write(value, note);
    }

    #[cold]
    fn why_none(&self) -> &'static Detail {
        let failure = self.failure.load(Ordering::Relaxed).checked_sub(1);
        failure.and_then(|place| detail::ALL.get(place)).copied().unwrap_or(&detail::TOKEN_NONE)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ccauth_testkit::Scripted;

    use crate::{Account, Client, Source, detail};

    #[test]
    fn a_glance_takes_no_lock() {
        let body = r#"{"success":true,"access_token":"t0","token_type":"bearer","expires_in":3600}"#;
        let reply = format!("HTTP/1.1 200 OK\ncontent-length: {}\n\n{body}", body.len());
        let client = Client::builder().transport(Arc::new(Scripted::new([reply.as_str()]))).build();
        let account = Account::builder("servetel").field("email", "clerk").field("password", "hunter2");
        let source = Source::open(&account.client(&client).build().unwrap());
        for expected in [Err(&detail::TOKEN_NONE), Ok(2)] {
            let held = source.0.lock();
            assert_eq!(source.try_token(&mut [0; 64]).map(|seen| seen.len), expected);
            drop(held);
            source.token().unwrap();
        }
    }
}
