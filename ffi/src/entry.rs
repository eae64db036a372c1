//! How every function is entered: whatever happens within becomes a status, no panic gets out, and the host's errno stays
//! as it is.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::ptr;
use std::sync::Once;

use ccauth::{Error, detail};
use errno::{errno, set_errno};

use crate::error::{Report, ccauth_error};
use crate::out::optional;
use crate::{ccauth_status, handle};

thread_local! {
    /// Where this thread panicked last.
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The body of a function that gives a status. What it fails with goes to `error`, which may be NULL.
///
/// # Safety
/// `error` is NULL or may be written.
pub(crate) unsafe fn status(
    error: *mut *mut ccauth_error,
    body: impl FnOnce() -> Result<(), Error>,
) -> ccauth_status {
    // SAFETY: see above.
    let error = unsafe { optional(error, ptr::null_mut()) };
    let Err(failure) = caught(body).unwrap_or_else(|| Err(panicked())) else { return 0 };
    if let Some(error) = error {
        // Where not even an error can be made, the status says it all.
        *error = answer(ptr::null_mut(), || handle::give(Report::new(&failure)).ok());
    }
    failure.kind().code()
}

/// The body of a function that gives a value, or `without` it.
pub(crate) fn answer<R>(without: R, body: impl FnOnce() -> Option<R>) -> R {
    caught(body).flatten().unwrap_or(without)
}

/// The body of a function that has nothing to say; `None` after a panic.
pub(crate) fn caught<R>(body: impl FnOnce() -> R) -> Option<R> {
    static HOOK: Once = Once::new();
    // Before anything: threads whose first calls meet wait for each other here, in the kernel.
    let of_host = errno();
    // The library has a Rust runtime of its own, whose hook would write to the host's standard error. A place holds no
    // secret; what a panic says might.
    HOOK.call_once(|| {
        set_hook(Box::new(|info| {
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            ::log::error!("a panic at {place}");
            PLACE.set(place);
        }));
    });
    let done = catch_unwind(AssertUnwindSafe(|| {
        rehearse();
        body()
    }));
    set_errno(of_host);
    done.ok()
}

/// Panics where the tests in C have said so; nothing in a library that is handed out.
#[inline]
pub(crate) fn rehearse() {
    #[cfg(ccauth_panic)]
    assert!(!rehearsal::ccauth_test_panic.swap(false, std::sync::atomic::Ordering::Relaxed), "rehearsed");
}

#[cfg(ccauth_panic)]
mod rehearsal {
    use std::sync::atomic::AtomicBool;

    /// Set by C, so that the next entry panics.
    #[unsafe(no_mangle)]
    #[allow(non_upper_case_globals, reason = "C's name")]
    pub(crate) static ccauth_test_panic: AtomicBool = AtomicBool::new(false);
}

fn panicked() -> Error {
    Error::new(&detail::INTERNAL, format!("a panic at {}", PLACE.take()))
}

#[cfg(test)]
mod tests {
    use std::ptr::null_mut;

    use super::*;
    use crate::error::{ccauth_error_code, ccauth_error_free, ccauth_error_message};
    use crate::text::tests::rust;

    #[test]
    fn a_panic_becomes_a_status_and_the_next_call_works() {
        let mut error = null_mut();
        // SAFETY: `error` outlives the calls.
        let code = unsafe { status(&raw mut error, || panic!("hunter2")) };
        assert_eq!((code, ccauth_error_code(error)), (-99, -99));
        // SAFETY: the error is not freed yet.
        let message = unsafe { rust(ccauth_error_message(error)) };
        assert!(message.starts_with("a panic at ffi/src/entry.rs:"), "{message}");
        ccauth_error_free(error);
        assert_eq!(answer(7, || panic!("hunter2")), 7);
        // SAFETY: as above; NULL is allowed.
        assert_eq!(unsafe { status(null_mut(), || panic!("hunter2")) }, -99);
        // SAFETY: as above.
        assert_eq!(unsafe { status(&raw mut error, || Ok(())) }, 0);
        assert!(error.is_null());
    }
}
