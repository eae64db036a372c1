//! Where C wants something written.

use std::ptr;

use ccauth::{Error, detail};

/// Where something is written that C must ask for: `none` for now. `what` names it in messages.
///
/// # Errors
/// `argument.null`.
///
/// # Safety
/// `to` is NULL or may be written for `'a`.
pub(crate) unsafe fn receiver<'a, N>(what: &str, to: *mut N, none: N) -> Result<&'a mut N, Error> {
    // SAFETY: see above.
    let to = unsafe { optional(to, none) };
    to.ok_or_else(|| Error::new(&detail::ARGUMENT_NULL, format!("{what}: is NULL")))
}

/// [`receiver`] of a handle.
///
/// # Errors
/// `argument.null`.
///
/// # Safety
/// `to` is NULL or may be written for `'a`.
pub(crate) unsafe fn handle<'a, C>(what: &str, to: *mut *mut C) -> Result<&'a mut *mut C, Error> {
    // SAFETY: see above.
    unsafe { receiver(what, to, ptr::null_mut()) }
}

/// Where something is written that C may ask for: `none` for now.
///
/// # Safety
/// `to` is NULL or may be written for `'a`.
pub(crate) unsafe fn optional<'a, N>(to: *mut N, none: N) -> Option<&'a mut N> {
    // SAFETY: see above.
    let to = unsafe { to.as_mut() }?;
    *to = none;
    Some(to)
}
