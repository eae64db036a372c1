//! The held token for threads that must not wait.

use std::ffi::c_char;
use std::hint::black_box;
use std::mem;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;
use std::time::Duration;

use ccauth::{ErrorKind, Window};

use crate::ccauth_status;
use crate::entry::rehearse;
use crate::handle;
use crate::source::{Opened, ccauth_source};

/// What ccauth_source_peek() tells of the token.
#[repr(C)]
#[derive(Clone, Copy, Default)]
#[allow(non_camel_case_types)]
pub struct ccauth_peek_info {
    /// sizeof(ccauth_peek_info), set by the caller.
    pub size: u32,
    /// 1 where the token may be dead before its time, since somebody was refused with it or it is being replaced; 0
    /// otherwise.
    pub is_stale: u32,
    /// How many tokens there were so far, this one included: while it stays the same, so does the value. For
    /// ccauth_source_report_rejected().
    pub generation: u64,
    /// How long the token still lives, in milliseconds; INT64_MAX where it is valid until it is revoked.
    pub ttl_ms: i64,
}

/// The size of the first version.
const LEAST: usize = mem::size_of::<ccauth_peek_info>();

/// No token is as long.
const MAX: usize = 64 * 1024;

const INVALID: ccauth_status = ErrorKind::Invalid.code();

/// Copies what a call carries into the caller's buffer, with a NUL behind it: the value of the header
/// ccauth_source_header_name(), with its scheme, or, where that is NULL, the argument for the URL, as name=value with the
/// value percent-encoded. Allocates nothing, takes no lock, enters no kernel and sends nothing.
///
/// source: the source. Not NULL.
/// buffer: receives the bytes, a secret, which is yours to wipe. NULL where capacity is 0 alone.
/// capacity: the size of buffer. 0 asks for len and info alone.
/// len: receives the number of bytes without the NUL, also where buffer is too small for them. May be NULL.
/// info: receives what else is known of the token; its size must be set. May be NULL.
///
/// Statuses: OK, INVALID, WOULD_BLOCK, TIMEOUT, RATE_LIMITED, HELD, RESOLVE, CONNECT, TLS, IO, CREDENTIALS, FORBIDDEN,
/// REVOKED, PROTOCOL, VENDOR. INVALID with a len that is not 0: buffer is too small, and nothing was written to it.
/// WOULD_BLOCK: the first token is on its way. The others: why no valid token is held.
/// Ownership: all is copied.
/// Blocking: never. Threads: any, also from a signal handler. Fork: sees what was held at the fork. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_source_peek(
    source: *const ccauth_source,
    buffer: *mut c_char,
    capacity: usize,
    len: *mut usize,
    info: *mut ccauth_peek_info,
) -> ccauth_status {
    // SAFETY: the caller's promise, here and below.
    let mut receivers = unsafe { (len.as_mut(), info.as_mut()) };
    if let Some(len) = &mut receivers.0 {
        **len = 0;
    }
    if let Some(info) = &mut receivers.1 {
        if (info.size as usize) < LEAST {
            return INVALID;
        }
        **info = ccauth_peek_info { size: info.size, ..ccauth_peek_info::default() };
    }
    if buffer.is_null() && capacity != 0 {
        return INVALID;
    }
    let into: &mut [u8] = match buffer.cast::<u8>() {
        none if none.is_null() => &mut [],
        // SAFETY: the caller's promise; nothing is read.
        room => unsafe { slice::from_raw_parts_mut(room, capacity.min(MAX)) },
    };
    let room = into.as_mut_ptr_range();
    // Nothing in there panics; if it did, it would not be the host's end.
    let look = AssertUnwindSafe(|| {
        rehearse();
        handle::look_through::<Opened, _>(source, |window| read(window, into))
    });
    let Ok(looked) = catch_unwind(look) else { return ErrorKind::Internal.code() };
    let Some((seen, is_there)) = looked else { return INVALID };
    let seen = match seen {
        Ok(seen) if is_there => seen,
        Err(status) if is_there => return status,
        // What was copied may be another source's.
        _ => {
            // SAFETY: as above.
            unsafe { wipe(room) };
            return INVALID;
        }
    };
    if let Some(len) = receivers.0 {
        *len = seen.len;
    }
    if let Some(info) = receivers.1 {
        *info = ccauth_peek_info { size: info.size, ..seen.info };
    }
    if seen.fits || capacity == 0 { 0 } else { INVALID }
}

struct Seen {
    len: usize,
    info: ccauth_peek_info,
    fits: bool,
}

#[inline]
fn read(window: &Window, into: &mut [u8]) -> Result<Seen, ccauth_status> {
    // The last byte is the NUL's.
    let (all, room) = (into.len(), into.len().saturating_sub(1));
    let seen = window.try_token(&mut into[..room]).map_err(|detail| detail.kind.code())?;
    let milliseconds = |left: Duration| i64::try_from(left.as_millis()).unwrap_or(i64::MAX);
    let info = ccauth_peek_info {
        size: 0,
        is_stale: u32::from(seen.is_stale),
        generation: seen.generation,
        ttl_ms: seen.left.map_or(i64::MAX, milliseconds),
    };
    let (len, fits) = (seen.len, seen.value.is_some() && all > 0);
    if fits {
        into[len] = 0;
    }
    Ok(Seen { len, info, fits })
}

/// # Safety
/// They may be written.
#[cold]
unsafe fn wipe(bytes: Range<*mut u8>) {
    // SAFETY: see above.
    unsafe { bytes.start.write_bytes(0, bytes.end.addr() - bytes.start.addr()) };
    black_box(bytes.start);
}
