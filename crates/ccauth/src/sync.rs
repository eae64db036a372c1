//! What threads meet at, from one place: under `cargo xtask loom` every order is tried in which they can.

#[cfg(all(test, ccauth_loom))]
pub(crate) use self::modelled::{Line, copy};
#[cfg(not(all(test, ccauth_loom)))]
pub(crate) use ccauth_sys::{Line, copy};
#[cfg(all(test, ccauth_loom))]
pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard, atomic};
#[cfg(not(all(test, ccauth_loom)))]
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, atomic};

/// Words that the model knows.
#[cfg(all(test, ccauth_loom))]
mod modelled {
    use super::atomic::{AtomicU64, Ordering};

    #[derive(Debug, Default)]
    pub(crate) struct Line(pub(crate) [AtomicU64; 8]);

    impl Line {
        pub(crate) const BYTES: usize = 64;
    }

    pub(crate) fn copy(lines: &[Line], into: &mut [u8]) {
        for (word, bytes) in lines.iter().flat_map(|line| &line.0).zip(into.chunks_mut(8)) {
            bytes.copy_from_slice(&word.load(Ordering::Relaxed).to_ne_bytes()[..bytes.len()]);
        }
    }
}
