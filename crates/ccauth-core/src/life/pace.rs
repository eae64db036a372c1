//! The bound on requests that holds in every state: a burst, and one more in each stretch of time.

use super::policy::Policy;
use crate::instant::Instant;

/// The generic cell rate algorithm: one instant says how much of the burst is used up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace(Option<Instant>);

impl Pace {
    /// When the next request may be made at the earliest.
    pub(super) fn earliest(self, policy: &Policy) -> Option<Instant> {
        self.0.map(|full_at| full_at - policy.pace * (policy.burst - 1))
    }

    /// One is made.
    pub(super) fn take(&mut self, now: Instant, policy: &Policy) {
        let full_at = self.0.map_or(now, |full_at| full_at.max(now));
        self.0 = Some(full_at + policy.pace);
    }

    /// The last one is made only now.
    pub(super) fn delay(&mut self, now: Instant, policy: &Policy) {
        self.0 = self.0.map(|full_at| full_at.max(now + policy.pace));
    }
}
