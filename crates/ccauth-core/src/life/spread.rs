//! Chance that is the same each time: so that a fleet does not ask in step, and a test can be run again.

use core::time::Duration;

/// What makes the waits of one account on one machine others than everybody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread(u64);

impl Spread {
    /// From what tells the account, such as [`Fields::identity`](crate::Fields::identity), and the machine.
    pub fn new(account: &str, host: &str) -> Self {
        // FNV-1a.
        let bytes = account.bytes().chain([0]).chain(host.bytes());
        Self(bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }

    /// Something from nothing to `span`, another for each `n`.
    pub(super) fn part(self, n: u64, span: Duration) -> Duration {
        // The finaliser of SplitMix64.
        let mut mixed = self.0.wrapping_add(n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let share = u128::from(mixed >> 48);
        Duration::from_nanos(u64::try_from((span.as_nanos() * share) >> 16).unwrap_or(u64::MAX))
    }
}
