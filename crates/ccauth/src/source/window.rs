//! Where a source shows what it holds.
//!
//! A window is never taken down: a source that is gone leaves it, empty, to the next one. So whoever has once seen it may
//! look at it at any moment, also while the source is being dropped, without counting the looks.

use std::sync::OnceLock;
use std::time::Duration;

use ccauth_core::{Clock, Detail, Instant, detail};

use super::glance::Glance;
use super::slot::{Note, Slot};
use crate::adapters::clock::SystemClock;
use crate::sync::atomic::{AtomicUsize, Ordering};

/// Where a source shows what it holds; for the C ABI, which makes sure that the source is still the same one.
#[doc(hidden)]
#[derive(Debug)]
pub struct Window {
    /// What is held, made with the first token.
    slot: OnceLock<Slot>,
    /// Why nothing is held, where a request has failed: its place among the details, from one on.
    failure: AtomicUsize,
}

impl Window {
    /// [`Source::try_token`](crate::Source::try_token), by the system's clocks. Shows nothing once the source is gone,
    /// and what another source holds once that has opened here.
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn try_token<'b>(&self, into: &'b mut [u8]) -> Result<Glance<'b>, &'static Detail> {
        self.look(into, || SystemClock.coarse())
    }

    #[inline]
    pub(super) fn look<'b>(
        &self,
        into: &'b mut [u8],
        now: impl Fn() -> Instant,
    ) -> Result<Glance<'b>, &'static Detail> {
        let slot = self.slot.get().ok_or_else(|| self.why_none())?;
        let mut last = None;
        loop {
            let Some(note) = slot.read(into) else { return Err(self.why_none()) };
            let left = note.ends.map(|ends| ends.since(now()));
            if left != Some(Duration::ZERO) {
                let Note { len, is_stale, generation, .. } = note;
                return Ok(Glance { value: into.get(..len), len, left, is_stale, generation });
            }
            // It has ended; if this thread slept since it was read, there may be another.
            if last.replace(note) == Some(note) {
                return Err(self.why_none());
            }
        }
    }

    pub(super) fn show(&self, value: &[u8], note: Note, failure: Option<&Detail>) {
        self.fail(failure);
        self.slot.get_or_init(|| Slot::with_room(value.len())).write(value, note);
    }

    pub(super) fn show_none(&self, failure: Option<&Detail>) {
        self.fail(failure);
        if let Some(slot) = self.slot.get() {
            slot.clear();
        }
    }

    fn fail(&self, failure: Option<&Detail>) {
        let place = |failure: &Detail| detail::ALL.iter().position(|other| std::ptr::eq(*other, failure));
        self.failure.store(failure.and_then(place).map_or(0, |place| place + 1), Ordering::Relaxed);
    }

    #[cold]
    fn why_none(&self) -> &'static Detail {
        let failure = self.failure.load(Ordering::Relaxed).checked_sub(1);
        failure.and_then(|place| detail::ALL.get(place)).copied().unwrap_or(&detail::TOKEN_NONE)
    }
}

/// The windows that nobody shows anything in.
#[cfg(not(all(test, ccauth_loom)))]
static EMPTY: std::sync::Mutex<Vec<&'static Window>> = std::sync::Mutex::new(Vec::new());

/// An empty window.
pub(super) fn open() -> &'static Window {
    // A model's windows end with it.
    #[cfg(not(all(test, ccauth_loom)))]
    if let Some(window) = EMPTY.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop() {
        return window;
    }
    Box::leak(Box::new(Window { slot: OnceLock::new(), failure: AtomicUsize::new(0) }))
}

/// Wipes it, for the next one.
pub(super) fn close(window: &'static Window) {
    window.show_none(None);
    #[cfg(not(all(test, ccauth_loom)))]
    EMPTY.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(window);
}
