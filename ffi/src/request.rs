//! A token for those who have no thread to wait with: an event loop, or a host that calls back.

use std::ffi::c_void;
use std::mem;
use std::ptr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use ccauth::{Error, Token, Waiting, detail};

use crate::bell::Bell;
use crate::callbacks::Seat;
use crate::ccauth_status;
use crate::entry::{caught, status};
use crate::error::{Report, ccauth_error};
use crate::handle::{self, Object};
use crate::options::options;
use crate::out;
use crate::source::{Opened, ccauth_get_options, ccauth_source, milliseconds};
use crate::table::Table;
use crate::token::{Held, ccauth_token};

/// A token that is being waited for.
#[allow(non_camel_case_types)]
pub struct ccauth_request {
    _opaque: [u8; 0],
}

/// Is told once what came of a request: `context` is what the host handed in, `status` what ccauth_source_get() would have
/// given, `token` or `error` the host's to free. Runs on a thread of the library that does nothing else, one call after
/// another: it may take its time, which the next one waits for. It may call everything, and free the source and the
/// request. Nothing may be thrown through it.
#[allow(non_camel_case_types)]
pub type ccauth_get_callback = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        status: ccauth_status,
        token: *mut ccauth_token,
        error: *mut ccauth_error,
    ),
>;

/// The host's pointer, which only the host looks behind.
struct Context(*mut c_void);

// SAFETY: the host is told that the callback runs on another thread.
unsafe impl Send for Context {}

/// Whom to call, and a seat in the queue for it.
struct Callback {
    function: unsafe extern "C" fn(*mut c_void, ccauth_status, *mut ccauth_token, *mut ccauth_error),
    context: Context,
    seat: Seat,
}

type Outcome = Result<(Token, u64), Error>;

/// What came of it, and who is to be told.
#[derive(Default)]
struct State {
    outcome: Option<Outcome>,
    bell: Option<Bell>,
    callback: Option<Callback>,
}

#[derive(Default)]
struct Pending {
    state: Mutex<State>,
    settled: Condvar,
}

pub(crate) struct Request {
    pending: Arc<Pending>,
    /// Set when the wait has begun.
    waiting: OnceLock<Waiting>,
    calls_back: bool,
}

impl Object for Request {
    type C = ccauth_request;
    const TAG: u8 = 5;
    const NAME: &'static str = "request";
    type Window = ();

    fn table() -> &'static Table<Self> {
        static TABLE: Table<Request> = Table::new();
        &TABLE
    }
}

/// Who frees it can be told nothing any more, unless by a callback.
impl Drop for Request {
    fn drop(&mut self) {
        if !self.calls_back {
            self.give_up();
        }
        self.pending.lock().bell = None;
    }
}

impl Request {
    fn give_up(&self) {
        if let Some(waiting) = self.waiting.get() {
            waiting.cancel();
        }
    }
}

impl Pending {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first outcome counts.
    fn settle(&self, outcome: Outcome) {
        let mut state = self.lock();
        if state.outcome.is_some() {
            return;
        }
        state.outcome = Some(outcome.clone());
        if let Some(bell) = &state.bell {
            bell.ring();
        }
        let callback = state.callback.take();
        drop(state);
        self.settled.notify_all();
        if let Some(Callback { function, context, seat }) = callback {
            seat.call(Box::new(move || tell(function, context, outcome)));
        }
    }
}

fn tell(
    function: unsafe extern "C" fn(*mut c_void, ccauth_status, *mut ccauth_token, *mut ccauth_error),
    context: Context,
    outcome: Outcome,
) {
    let (mut token, mut error) = (ptr::null_mut(), ptr::null_mut());
    let given = outcome.and_then(|(token, generation)| handle::give(Held::new(&token, generation)));
    let status = match given {
        Ok(handle) => {
            token = handle;
            0
        }
        Err(failure) => {
            error = handle::give(Report::new(&failure)).unwrap_or(ptr::null_mut());
            failure.kind().code()
        }
    };
    // SAFETY: the host has handed both in for this.
    unsafe { function(context.0, status, token, error) };
}

/// Who is to be called back.
static CALLED_BACK: Mutex<Vec<Weak<Pending>>> = Mutex::new(Vec::new());

fn called_back() -> MutexGuard<'static, Vec<Weak<Pending>>> {
    CALLED_BACK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends every request that calls back. Those that do not end with their handle.
pub(crate) fn give_all_up() {
    let all = mem::take(&mut *called_back());
    all.iter().filter_map(Weak::upgrade).for_each(|pending| pending.settle(Err(cancelled())));
}

fn cancelled() -> Error {
    Error::new(&detail::REQUEST_CANCELLED, "request: was cancelled")
}

/// Begins to wait. The handle is there before anybody can be told.
///
/// # Safety
/// As the two functions that begin.
unsafe fn begin(
    source: *const ccauth_source,
    options: *const ccauth_get_options,
    callback: Option<Callback>,
    request: Option<&mut *mut ccauth_request>,
) -> Result<(), Error> {
    let opened = handle::get::<Opened>(source)?;
    // SAFETY: the caller's promise.
    let wish = unsafe { self::options(options)? }.wish()?;
    let (pending, calls_back) = (Arc::<Pending>::default(), callback.is_some());
    pending.lock().callback = callback;
    if calls_back {
        let mut all = called_back();
        if all.len() == all.capacity() {
            all.retain(|pending| pending.strong_count() > 0);
        }
        all.push(Arc::downgrade(&pending));
    }
    let (told, waiting) = (pending.clone(), OnceLock::new());
    let hear = move |outcome| told.settle(outcome);
    let Some(to) = request else { return opened.source.token_then(wish, hear).map(drop) };
    *to = handle::give(Request { pending, waiting, calls_back })?;
    let given = handle::get::<Request>(*to)?;
    match opened.source.token_then(wish, hear) {
        Ok(waiting) => {
            let _ = given.waiting.set(waiting);
            Ok(())
        }
        Err(error) => {
            let none = mem::replace(to, ptr::null_mut());
            handle::remove::<Request>(none);
            Err(error)
        }
    }
}

/// Begins to wait for a token and returns at once. ccauth_request_fd() tells an event loop when to ask
/// ccauth_request_result().
///
/// source: the source, which may be freed before the request. Not NULL.
/// options: how long to wait, and how long the token must still live. May be NULL. Copied.
/// request: receives the request. Not NULL.
/// error: receives the failure to begin. May be NULL.
///
/// Statuses: OK, INVALID, IO. IO: no thread can be started.
/// Ownership: free request with ccauth_request_free(), error with ccauth_error_free().
/// Blocking: memory. Threads: any. Fork: in the process that opened source. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_source_start(
    source: *const ccauth_source,
    options: *const ccauth_get_options,
    request: *mut *mut ccauth_request,
    error: *mut *mut ccauth_error,
) -> ccauth_status {
    // SAFETY: the caller's promise.
    let to = unsafe { out::handle("request", request) };
    let body = || {
        let to = to?;
        // SAFETY: the caller's promise.
        unsafe { begin(source, options, None, Some(to)) }
    };
    // SAFETY: the caller's promise.
    unsafe { status(error, body) }
}

/// Begins to wait for a token and returns at once; calls back with what comes of it: exactly once if and only if the status
/// is OK, and on another thread, maybe before this has returned; request is written before.
///
/// source: the source, which may be freed before the callback. Not NULL.
/// options: how long to wait, and how long the token must still live. May be NULL. Copied.
/// callback: whom to call. Not NULL.
/// context: handed to callback as it is. May be NULL.
/// request: receives the request, for ccauth_request_cancel(). May be NULL, where it is not wanted.
/// error: receives the failure to begin. May be NULL.
///
/// Statuses: OK, INVALID, IO. IO: no thread can be started.
/// Ownership: free request with ccauth_request_free(), which is no cancelling, error with ccauth_error_free().
/// Blocking: memory. Threads: any. Fork: in the process that opened source. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_source_get_async(
    source: *const ccauth_source,
    options: *const ccauth_get_options,
    callback: ccauth_get_callback,
    context: *mut c_void,
    request: *mut *mut ccauth_request,
    error: *mut *mut ccauth_error,
) -> ccauth_status {
    // SAFETY: the caller's promise.
    let to = unsafe { out::optional(request, ptr::null_mut()) };
    let body = || {
        let null = || Error::new(&detail::ARGUMENT_NULL, "callback: is NULL");
        let function = callback.ok_or_else(null)?;
        let callback = Callback { function, context: Context(context), seat: Seat::take()? };
        // SAFETY: the caller's promise.
        unsafe { begin(source, options, Some(callback), to) }
    };
    // SAFETY: the caller's promise.
    unsafe { status(error, body) }
}

/// Gives a descriptor that becomes readable when the request has ended. Watch it; read nothing from it, and do not close it.
///
/// request: the request. Not NULL.
/// fd: receives the descriptor, -1 after a failure. Not NULL.
/// error: receives the failure. May be NULL.
///
/// Statuses: OK, INVALID, IO. IO: no descriptor can be opened.
/// Ownership: fd is the request's, which closes it when it is freed; free error with ccauth_error_free().
/// Blocking: never. Threads: any. Fork: in the process that began it. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_request_fd(
    request: *mut ccauth_request,
    fd: *mut i32,
    error: *mut *mut ccauth_error,
) -> ccauth_status {
    // SAFETY: the caller's promise.
    let to = unsafe { out::receiver("fd", fd, -1) };
    let body = || {
        let to = to?;
        let request = handle::get::<Request>(request)?;
        let mut state = request.pending.lock();
        if state.bell.is_none() {
            let bell = Bell::new()?;
            if state.outcome.is_some() {
                bell.ring();
            }
            state.bell = Some(bell);
        }
        *to = state.bell.as_ref().map_or(-1, Bell::fd);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { status(error, body) }
}

/// Gives what came of a request, as ccauth_source_get() would have; each time that it is asked.
///
/// request: the request. Not NULL.
/// wait_ms: how long to wait for its end at most, in milliseconds; 0 does not wait.
/// token: receives the token. Not NULL.
/// error: receives the failure. May be NULL.
///
/// Statuses: OK, INVALID, STATE, WOULD_BLOCK, TIMEOUT, RATE_LIMITED, HELD, RESOLVE, CONNECT, TLS, IO, CREDENTIALS,
/// FORBIDDEN, REVOKED, PROTOCOL, VENDOR. WOULD_BLOCK: it has not ended. STATE: it was cancelled.
/// Ownership: free token with ccauth_token_free(), error with ccauth_error_free().
/// Blocking: network up to wait_ms. Threads: any. Fork: in the process that began it. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_request_result(
    request: *mut ccauth_request,
    wait_ms: i64,
    token: *mut *mut ccauth_token,
    error: *mut *mut ccauth_error,
) -> ccauth_status {
    // SAFETY: the caller's promise.
    let to = unsafe { out::handle("token", token) };
    let body = || {
        let to = to?;
        let request = handle::get::<Request>(request)?;
        let wait = milliseconds("wait_ms", wait_ms)?;
        let mut state = request.pending.lock();
        if !wait.is_zero() {
            let wait = wait.min(Duration::from_secs(86_400));
            let waited = request.pending.settled.wait_timeout_while(state, wait, |s| s.outcome.is_none());
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let outcome = state.outcome.clone();
        drop(state);
        let under_way = || Error::new(&detail::TOKEN_NONE, "request: has not ended");
        let (token, generation) = outcome.ok_or_else(under_way)??;
        *to = handle::give(Held::new(&token, generation))?;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { status(error, body) }
}

/// Gives a request up: it ends at once with STATE, unless it has ended. What was asked of the vendor goes on.
///
/// request: the request, or NULL.
///
/// Ownership: request is still to be freed.
/// Blocking: never. Threads: any. Fork: in the process that began it. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_request_cancel(request: *mut ccauth_request) {
    caught(|| {
        let Some(request) = handle::look::<Request>(request) else { return };
        request.give_up();
        request.pending.settle(Err(cancelled()));
    });
}

/// Frees a request and closes its descriptor. One that has not ended is given up, unless it calls back.
///
/// request: the request, or NULL.
///
/// Ownership: request is gone.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_request_free(request: *mut ccauth_request) {
    caught(|| handle::remove::<Request>(request));
}
