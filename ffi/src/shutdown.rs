//! The end of all that the library does, before a host unloads it.

use ccauth::{Error, detail};

use crate::ccauth_status;
use crate::config::Config;
use crate::entry::status;
use crate::error::{Report, ccauth_error};
use crate::request::{Request, give_all_up};
use crate::source::{Opened, timeout};
use crate::token::Held;
use crate::{callbacks, handle};

/// Ends all that the library does in this process: frees every handle, ends every request with STATE, calls back who is
/// to be called, and waits until the library's threads have ended. No secret is in memory then. What is opened afterwards is
/// opened as if it were the first. Meanwhile no other thread should be in a function of the library.
///
/// timeout_ms: how long to wait at most, in milliseconds; 0 is 30,000. A request under way takes no longer than the field
/// timeout_ms of its configuration.
/// error: receives the failure. May be NULL.
///
/// Statuses: OK, INVALID, STATE, TIMEOUT. STATE: it was called within a callback. TIMEOUT: a thread is still at work; all is
/// freed nevertheless, and a second call waits for the rest.
/// Ownership: every handle is gone, but error, which is freed with ccauth_error_free().
/// Blocking: network up to timeout_ms. Threads: any but a callback's. Fork: in the process that opened the sources. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_shutdown(timeout_ms: i64, error: *mut *mut ccauth_error) -> ccauth_status {
    let body = || {
        let timeout = timeout("timeout_ms", timeout_ms)?;
        if callbacks::is_within() {
            let message = "a callback cannot wait until all callbacks have returned";
            return Err(Error::new(&detail::CALLBACK_INSIDE, message));
        }
        give_all_up();
        handle::clear::<Request>();
        handle::clear::<Opened>();
        handle::clear::<Held>();
        handle::clear::<Config>();
        handle::clear::<Report>();
        callbacks::end();
        ccauth::let_idle_threads_go();
        let ended = ccauth_sys::await_end(timeout);
        let message = "a thread of the library is still at work";
        if ended { Ok(()) } else { Err(Error::new(&detail::DEADLINE, message)) }
    };
    // SAFETY: the caller's promise.
    unsafe { status(error, body) }
}
