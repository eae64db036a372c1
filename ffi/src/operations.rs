//! What a source does with its token besides keeping it valid.

use std::ffi::c_char;

use ccauth::{Error, Source};

use crate::ccauth_status;
use crate::config::{Config, ccauth_config};
use crate::entry::status;
use crate::error::ccauth_error;
use crate::handle;
use crate::out::optional;
use crate::source::{Opened, ccauth_source, timeout};
use crate::text::{given, secret};
use crate::token::unix_ms;

/// The body of a function that does something with a source.
///
/// # Safety
/// `error` is NULL or may be written.
unsafe fn with(
    source: *const ccauth_source,
    error: *mut *mut ccauth_error,
    body: impl FnOnce(&Source) -> Result<(), Error>,
) -> ccauth_status {
    // SAFETY: see above.
    unsafe { status(error, || body(&handle::get::<Opened>(source)?.source)) }
}

/// Tells that a call was refused with a token: HTTP 401, or what the vendor says in its place. Unless that is known, or the
/// token is no longer the one that is held, the next one is asked for in the background; until it is there, this one is
/// served as stale, since one refusal may be a mistake. Report every refusal: many of one token are one request.
///
/// source: the source. Not NULL.
/// generation: which token, by ccauth_token_generation() or ccauth_peek_info.
/// error: receives the failure. May be NULL.
///
/// Statuses: OK, INVALID.
/// Ownership: free error with ccauth_error_free().
/// Blocking: memory. Threads: any. Fork: in the process that opened source. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_source_report_rejected(
    source: *mut ccauth_source,
    generation: u64,
    error: *mut *mut ccauth_error,
) -> ccauth_status {
    let body = |source: &Source| {
        source.report_rejected_generation(generation);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with(source, error, body) }
}

/// Asks for the next token now, and waits for it. Nobody needs to: a source renews by itself.
///
/// source: the source. Not NULL.
/// timeout_ms: how long to wait at most, in milliseconds; 0 is 30,000. What was asked of the vendor goes on.
/// renewed: receives 1 where there is another token, 0 where the vendor gave the same one, as some do until it expires.
/// May be NULL.
/// error: receives the failure. May be NULL.
///
/// Statuses: OK, INVALID, TIMEOUT, RATE_LIMITED, HELD, RESOLVE, CONNECT, TLS, IO, CREDENTIALS, FORBIDDEN, REVOKED,
/// PROTOCOL, VENDOR. INVALID also where there is nothing to renew: a pasted token, plain Basic.
/// Ownership: free error with ccauth_error_free().
/// Blocking: network up to timeout_ms. Threads: any. Fork: in the process that opened source. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_source_renew(
    source: *mut ccauth_source,
    timeout_ms: i64,
    renewed: *mut i32,
    error: *mut *mut ccauth_error,
) -> ccauth_status {
    // SAFETY: the caller's promise.
    let renewed = unsafe { optional(renewed, 0) };
    let body = |source: &Source| {
        let is_new = source.renew_within(timeout("timeout_ms", timeout_ms)?)?;
        if let Some(renewed) = renewed {
            *renewed = i32::from(is_new);
        }
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with(source, error, body) }
}

/// Asks the vendor whether the held token is still valid, and until when; see CCAUTH_CAN_VALIDATE.
///
/// source: the source. Not NULL.
/// expires_unix_ms: receives when the token ends, as ccauth_token_expires_unix_ms() tells it. May be NULL.
/// error: receives the failure. May be NULL.
///
/// Statuses: OK, INVALID, UNSUPPORTED, STATE, TIMEOUT, RATE_LIMITED, RESOLVE, CONNECT, TLS, IO, CREDENTIALS, FORBIDDEN,
/// REVOKED, PROTOCOL, VENDOR. REVOKED: it is not valid. STATE: no token is held.
/// Ownership: free error with ccauth_error_free().
/// Blocking: network up to the field timeout_ms. Threads: any. Fork: in the process that opened source. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_source_validate(
    source: *mut ccauth_source,
    expires_unix_ms: *mut i64,
    error: *mut *mut ccauth_error,
) -> ccauth_status {
    // SAFETY: the caller's promise.
    let expires = unsafe { optional(expires_unix_ms, 0) };
    let body = |source: &Source| {
        let expiry = source.validate()?;
        if let Some(expires) = expires {
            *expires = unix_ms(expiry);
        }
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with(source, error, body) }
}

/// Makes the held token invalid, for every holder, and drops it; see CCAUTH_CAN_REVOKE. Whoever asks then gets another one.
///
/// source: the source. Not NULL.
/// error: receives the failure. May be NULL.
///
/// Statuses: OK, INVALID, UNSUPPORTED, STATE, TIMEOUT, RATE_LIMITED, RESOLVE, CONNECT, TLS, IO, CREDENTIALS, FORBIDDEN,
/// REVOKED, PROTOCOL, VENDOR. STATE: no token is held.
/// Ownership: free error with ccauth_error_free().
/// Blocking: network up to the field timeout_ms. Threads: any. Fork: in the process that opened source. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_source_revoke(
    source: *mut ccauth_source,
    error: *mut *mut ccauth_error,
) -> ccauth_status {
    // SAFETY: the caller's promise.
    unsafe { with(source, error, Source::revoke) }
}

/// Changes the account's password by means of the held token, and goes on with the new one; the token stays; see
/// CCAUTH_CAN_CHANGE_PASSWORD. After a failure with TIMEOUT, IO, PROTOCOL or VENDOR the vendor may have the new one.
///
/// source: the source. Not NULL.
/// password, password_len: the new password, as ccauth_config_set() takes it. Copied; wipe your own copy.
/// error: receives the failure. May be NULL.
///
/// Statuses: OK, INVALID, UNSUPPORTED, STATE, TIMEOUT, RATE_LIMITED, RESOLVE, CONNECT, TLS, IO, CREDENTIALS, FORBIDDEN,
/// REVOKED, PROTOCOL, VENDOR. STATE: no token is held.
/// Ownership: free error with ccauth_error_free().
/// Blocking: network up to the field timeout_ms. Threads: any. Fork: in the process that opened source. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_source_change_password(
    source: *mut ccauth_source,
    password: *const c_char,
    password_len: usize,
    error: *mut *mut ccauth_error,
) -> ccauth_status {
    let body = |source: &Source| {
        // SAFETY: the caller's promise.
        source.change_password(unsafe { secret("password", password, password_len)? })
    };
    // SAFETY: the caller's promise.
    unsafe { with(source, error, body) }
}

/// Goes on with one field replaced: a rotated key, another time limit. Every hold is over, and the token is served as stale
/// until there is one of the new credentials. Fields that belong together are replaced by ccauth_source_replace(), so that
/// the vendor sees none of them alone.
///
/// source: the source. Not NULL.
/// key, key_len: the field's name, as ccauth_config_set() takes it. Copied.
/// value, value_len: what it is to have, as ccauth_config_set() takes it. Copied; wipe your own copy of a secret.
/// error: receives the failure, after which all is as it was. May be NULL.
///
/// Statuses: OK, INVALID. INVALID also for another carriage or renewal, for which another source is opened.
/// Ownership: free error with ccauth_error_free().
/// Blocking: disk. Threads: any. Fork: in the process that opened source. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_source_set(
    source: *mut ccauth_source,
    key: *const c_char,
    key_len: usize,
    value: *const c_char,
    value_len: usize,
    error: *mut *mut ccauth_error,
) -> ccauth_status {
    let body = |source: &Source| {
        // SAFETY: the caller's promise.
        let key = unsafe { given("key", key, key_len)? };
        // SAFETY: the caller's promise.
        source.set(key, unsafe { secret(key, value, value_len)? })
    };
    // SAFETY: the caller's promise.
    unsafe { with(source, error, body) }
}

/// Goes on with what is configured in the place of all fields: rotated credentials of several parts, or another account at
/// the same vendor, whose token is then asked for before any is handed out.
///
/// source: the source. Not NULL.
/// config: the configuration, which may be freed or changed afterwards. Not NULL. A file that it names is read now.
/// error: receives the failure, after which all is as it was. May be NULL.
///
/// Statuses: OK, INVALID. INVALID also for another vendor, carriage or renewal, for which another source is opened.
/// Ownership: free error with ccauth_error_free().
/// Blocking: disk. Threads: any. Fork: in the process that opened source. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_source_replace(
    source: *mut ccauth_source,
    config: *const ccauth_config,
    error: *mut *mut ccauth_error,
) -> ccauth_status {
    let body = |source: &Source| source.replace(&handle::get::<Config>(config)?.fields().build()?);
    // SAFETY: the caller's promise.
    unsafe { with(source, error, body) }
}
