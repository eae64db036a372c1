//! What can be told of a source.

use std::ffi::c_char;
use std::ptr;
use std::sync::Arc;

use ccauth::{Op, Source};

use crate::bell::Bell;
use crate::ccauth_status;
use crate::entry::{answer, status};
use crate::error::ccauth_error;
use crate::handle;
use crate::out;
use crate::source::{Opened, ccauth_source};
use crate::text::{copy, lend};

/// ccauth_source_renew() has something to do: the token is neither pasted nor plain Basic.
pub const CCAUTH_CAN_RENEW: u32 = 1;
/// ccauth_source_validate() asks the vendor.
pub const CCAUTH_CAN_VALIDATE: u32 = 2;
/// ccauth_source_revoke() tells the vendor.
pub const CCAUTH_CAN_REVOKE: u32 = 4;
/// ccauth_source_change_password() tells the vendor.
pub const CCAUTH_CAN_CHANGE_PASSWORD: u32 = 8;

/// Tells what the source's vendor can do. Newer libraries may set more bits.
///
/// source: the source, or NULL.
///
/// Returns: the sum of the CCAUTH_CAN_ constants that hold; 0 where source names nothing.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_source_capabilities(source: *const ccauth_source) -> u32 {
    answer(0, || {
        let account = handle::look::<Opened>(source)?.source.account();
        let can = |op| account.descriptor().can(op);
        let all = [
            (CCAUTH_CAN_RENEW, account.login().renewal().op().is_some()),
            (CCAUTH_CAN_VALIDATE, can(Op::Validate)),
            (CCAUTH_CAN_REVOKE, can(Op::Revoke)),
            (CCAUTH_CAN_CHANGE_PASSWORD, can(Op::ChangePassword)),
        ];
        Some(all.into_iter().filter(|(_, can)| *can).map(|(bit, _)| bit).sum())
    })
}

/// Gives the name of the header that carries the source's tokens, e.g. "authorization"; it stays the same.
///
/// source: the source, or NULL.
/// len: receives the number of bytes. May be NULL.
///
/// Returns: ASCII in small letters; NULL where tokens travel in the query, or source names nothing.
/// Ownership: borrowed until source is freed.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_source_header_name(
    source: *const ccauth_source,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { lend(None, len) };
    answer(ptr::null(), || {
        // SAFETY: the caller's promise.
        Some(unsafe { lend(handle::look::<Opened>(source)?.header.as_ref(), len) })
    })
}

/// Tells how the source stands, for people and monitoring, as a JSON object with the members vendor, generation (how many
/// tokens there were so far), expires_unix_ms (null where none is held, or it is valid until it is revoked),
/// expiry_source (null where none is held), is_stale, is_flying (a request is under way), next_unix_ms (when the vendor
/// is asked next, or null), held_until_unix_ms (until when the vendor is let alone because it throttles or rejects, or
/// null), clock_offset_ms (how far the vendor's clock is ahead, or null), failure, what the last request failed with, and
/// store_failure, why the source goes on without its token store: each null, or an object with the members code, name,
/// detail, line and cure. It holds nothing secret.
///
/// source: the source. Not NULL.
/// buffer: receives the text with a NUL behind it. NULL where capacity is 0 alone.
/// capacity: the size of buffer; 4096 is enough. 0 asks for len alone.
/// len: receives the number of bytes without the NUL, also where buffer is too small for them. May be NULL.
/// error: receives the failure. May be NULL.
///
/// Statuses: OK, INVALID. INVALID with a len that is not 0: buffer is too small, and nothing was written to it.
/// Ownership: all is copied; free error with ccauth_error_free().
/// Blocking: memory. Threads: any. Fork: in the process that opened source. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_source_status_json(
    source: *const ccauth_source,
    buffer: *mut c_char,
    capacity: usize,
    len: *mut usize,
    error: *mut *mut ccauth_error,
) -> ccauth_status {
    // SAFETY: the caller's promise.
    unsafe { lend(None, len) };
    let body = || {
        let text = describe(&handle::get::<Opened>(source)?.source).to_string();
        // SAFETY: the caller's promise.
        unsafe { copy(&text, buffer, capacity, len) }
    };
    // SAFETY: the caller's promise.
    unsafe { status(error, body) }
}

/// Gives a descriptor that becomes readable when something has happened to the source's token: it was acquired, renewed,
/// reported, revoked or has expired, or a request for it has failed. Read 8 bytes from it, then look, by
/// ccauth_source_peek() or ccauth_source_status_json(); look once when you have it. Each source has one.
///
/// source: the source. Not NULL.
/// fd: receives the descriptor, -1 after a failure. Not NULL.
/// error: receives the failure. May be NULL.
///
/// Statuses: OK, INVALID, IO. IO: no descriptor can be opened.
/// Ownership: fd is the source's, which closes it when it is freed; free error with ccauth_error_free().
/// Blocking: never. Threads: any. Fork: in the process that opened source. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_source_watch_fd(
    source: *mut ccauth_source,
    fd: *mut i32,
    error: *mut *mut ccauth_error,
) -> ccauth_status {
    // SAFETY: the caller's promise.
    let to = unsafe { out::receiver("fd", fd, -1) };
    let body = || {
        let to = to?;
        let opened = handle::get::<Opened>(source)?;
        if opened.watch.get().is_none() {
            let bell = Arc::new(Bell::new()?);
            let rung = bell.clone();
            // Of two threads that ask at the same time, one is too late.
            let _ = opened.watch.set((bell, opened.source.subscribe(move |_| rung.ring())));
        }
        *to = opened.watch.get().map_or(-1, |(bell, _)| bell.fd());
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { status(error, body) }
}

fn describe(source: &Source) -> serde_json::Value {
    let status = source.status();
    let ms = |at: ccauth::Timestamp| at.as_millisecond();
    serde_json::json!({
        "vendor": source.account().descriptor().id,
        "generation": status.generation,
        "expires_unix_ms": status.expiry.and_then(|expiry| expiry.at).map(ms),
        "expiry_source": status.expiry.map(|expiry| expiry.source.name()),
        "is_stale": status.is_stale,
        "is_flying": status.is_flying,
        "next_unix_ms": status.next.map(ms),
        "held_until_unix_ms": status.held_until.map(ms),
        "clock_offset_ms": status.clock_offset.map(|offset| i64::try_from(offset.as_millis()).unwrap_or(i64::MAX)),
        "failure": status.failure.as_ref().map(failure),
        "store_failure": status.store_failure.as_ref().map(failure),
    })
}

fn failure(error: &ccauth::Error) -> serde_json::Value {
    serde_json::json!({
        "code": error.kind().code(),
        "name": error.kind().name(),
        "detail": error.detail().word,
        "line": error.to_string(),
        "cure": error.cure(),
    })
}
