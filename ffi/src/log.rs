//! What the library has to say, kept for whoever asks.

use std::collections::VecDeque;
use std::ffi::{c_char, c_void};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use ::log::{Level, LevelFilter, Metadata, Record};
use ccauth::{Error, detail};

use crate::bell::Bell;
use crate::ccauth_status;
use crate::entry::{answer, status};
use crate::error::ccauth_error;
use crate::out;
use crate::text::Text;

/// Nothing is kept.
pub const CCAUTH_LOG_OFF: i32 = 0;
/// A token is lost, or credentials are rejected: somebody has to act.
pub const CCAUTH_LOG_ERROR: i32 = 1;
/// Something failed that passes.
pub const CCAUTH_LOG_WARN: i32 = 2;
/// Tokens that were acquired and renewed.
pub const CCAUTH_LOG_INFO: i32 = 3;
/// Every request.
pub const CCAUTH_LOG_DEBUG: i32 = 4;

/// How many records are kept unless somebody says otherwise.
const CAPACITY: usize = 1_024;

/// Is handed one record: `level` is one of the CCAUTH_LOG_ constants, `target` the part of the library, `message` a line of
/// UTF-8 without its end; both are gone when it returns. It may call everything.
#[allow(non_camel_case_types)]
pub type ccauth_log_callback = Option<
    unsafe extern "C" fn(context: *mut c_void, level: i32, target: *const c_char, message: *const c_char),
>;

struct Kept {
    level: i32,
    target: Text,
    message: Text,
}

struct Log {
    queue: Mutex<Queue>,
    bell: OnceLock<Bell>,
}

struct Queue {
    kept: VecDeque<Kept>,
    capacity: usize,
    lost: u64,
}

static LOG: Log = Log {
    queue: Mutex::new(Queue { kept: VecDeque::new(), capacity: CAPACITY, lost: 0 }),
    bell: OnceLock::new(),
};

impl ::log::Log for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= ::log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let (target, message) = (Text::new(record.target()), Text::new(&record.args().to_string()));
        let mut queue = self.lock();
        if queue.kept.len() >= queue.capacity {
            // What came first says more about what is wrong.
            queue.lost += 1;
            return;
        }
        queue.kept.push_back(Kept { level: number_of(record.level()), target, message });
        drop(queue);
        if let Some(bell) = self.bell.get() {
            bell.ring();
        }
    }

    fn flush(&self) {}
}

impl Log {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<Kept> {
        let mut queue = self.lock();
        let next = queue.kept.pop_front().or_else(|| {
            let lost = std::mem::take(&mut queue.lost);
            let message = || Text::new(&format!("{lost} records are lost, because nobody has fetched them"));
            (lost > 0).then(|| Kept {
                level: CCAUTH_LOG_WARN,
                target: Text::new("ccauth"),
                message: message(),
            })
        });
        if next.is_none()
            && let Some(bell) = self.bell.get()
        {
            bell.hush();
        }
        next
    }
}

/// Nothing of a token is logged up to debug, and no more is kept.
fn filter(level: i32) -> Option<LevelFilter> {
    let all =
        [LevelFilter::Off, LevelFilter::Error, LevelFilter::Warn, LevelFilter::Info, LevelFilter::Debug];
    usize::try_from(level).ok().and_then(|level| all.get(level)).copied()
}

fn number_of(level: Level) -> i32 {
    match level {
        Level::Error => CCAUTH_LOG_ERROR,
        Level::Warn => CCAUTH_LOG_WARN,
        Level::Info => CCAUTH_LOG_INFO,
        Level::Debug | Level::Trace => CCAUTH_LOG_DEBUG,
    }
}

/// Has the library keep what it has to say up to a level, for ccauth_log_drain(). Nothing is kept before the first call, and
/// nothing is ever written to a file or a terminal. For all of the process.
///
/// level: one of the CCAUTH_LOG_ constants.
/// capacity: how many records are kept at most, until they are fetched; 0 is 1,024. Later ones are counted and lost.
/// error: receives the failure. May be NULL.
///
/// Statuses: OK, INVALID.
/// Ownership: free error with ccauth_error_free().
/// Blocking: memory. Threads: any. Fork: in each process. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_log_set(
    level: i32,
    capacity: usize,
    error: *mut *mut ccauth_error,
) -> ccauth_status {
    let body = || {
        let message = "level: expected one of CCAUTH_LOG_OFF to CCAUTH_LOG_DEBUG";
        let filter = filter(level).ok_or_else(|| Error::new(&detail::ARGUMENT_VALUE, message))?;
        LOG.lock().capacity = if capacity == 0 { CAPACITY } else { capacity };
        // Ours from the first time on: the library shares its log with nobody.
        let _ = ::log::set_logger(&LOG);
        ::log::set_max_level(filter);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { status(error, body) }
}

/// Gives a descriptor that is readable while there may be records to be fetched by ccauth_log_drain(). Read nothing from it.
///
/// fd: receives the descriptor, -1 after a failure. Not NULL.
/// error: receives the failure. May be NULL.
///
/// Statuses: OK, INVALID, IO. IO: no descriptor can be opened.
/// Ownership: fd is the library's, as long as the process lives; free error with ccauth_error_free().
/// Blocking: never. Threads: any. Fork: the parent's. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_log_fd(fd: *mut i32, error: *mut *mut ccauth_error) -> ccauth_status {
    // SAFETY: the caller's promise.
    let to = unsafe { out::receiver("fd", fd, -1) };
    let body = || {
        let to = to?;
        if LOG.bell.get().is_none() {
            let _ = LOG.bell.set(Bell::new()?);
        }
        if let Some(bell) = LOG.bell.get() {
            bell.ring();
            *to = bell.fd();
        }
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { status(error, body) }
}

/// Hands what is kept to a callback, the oldest first, one record after another on this thread.
///
/// callback: whom to hand it. NULL drops it.
/// context: handed to callback as it is. May be NULL.
/// max: how many records at most; 0 is all that there are.
///
/// Returns: how many there were.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_log_drain(
    callback: ccauth_log_callback,
    context: *mut c_void,
    max: usize,
) -> usize {
    let max = if max == 0 { usize::MAX } else { max };
    let mut count = 0;
    while count < max {
        let Some(Kept { level, target, message }) = answer(None, || Some(LOG.next())) else { break };
        count += 1;
        if let Some(callback) = callback {
            // SAFETY: the host has handed it in for this.
            unsafe { callback(context, level, target.as_ptr(), message.as_ptr()) };
        }
    }
    count
}
