//! A token and what to attach to a call.

use std::ffi::c_char;
use std::ptr;

use ccauth::{Expiry, Token};

use crate::entry::{answer, caught};
use crate::handle::{self, Object};
use crate::table::Table;
use crate::text::{Text, given, lend};

/// A token as it was when it was asked for. It does not change; ask the source again for each call.
#[allow(non_camel_case_types)]
pub struct ccauth_token {
    _opaque: [u8; 0],
}

/// A token in words that C can borrow.
pub(crate) struct Held {
    value: Text,
    /// The name of the header that carries it; none where it travels in the query.
    header: Option<Text>,
    attached: Text,
    generation: u64,
    expires_ms: i64,
    expiry_source: Text,
    extras: Vec<(Text, Text)>,
}

impl Held {
    pub(crate) fn new(token: &Token, generation: u64) -> Self {
        let (carriage, expiry) = (token.carriage(), token.expiry());
        Self {
            value: Text::new(token.value()),
            header: (!carriage.is_query()).then(|| Text::new(carriage.name())),
            attached: Text::new(token.attached().expose()),
            generation,
            expires_ms: unix_ms(expiry),
            expiry_source: Text::new(expiry.source.name()),
            extras: token.extras().map(|(name, words)| (Text::new(name), Text::new(words))).collect(),
        }
    }
}

/// An end as C is told it.
pub(crate) fn unix_ms(expiry: Expiry) -> i64 {
    expiry.at.map_or(i64::MAX, |at| at.as_millisecond())
}

impl Object for Held {
    type C = ccauth_token;
    const TAG: u8 = 4;
    const NAME: &'static str = "token";
    type Window = ();

    fn table() -> &'static Table<Self> {
        static TABLE: Table<Held> = Table::new();
        &TABLE
    }
}

/// Lends one of a token's texts.
///
/// # Safety
/// `len` is NULL or may be written.
unsafe fn text(
    token: *const ccauth_token,
    len: *mut usize,
    part: impl FnOnce(&Held) -> Option<&Text>,
) -> *const c_char {
    // SAFETY: see above.
    unsafe { lend(None, len) };
    answer(ptr::null(), || {
        let held = handle::look::<Held>(token)?;
        // SAFETY: see above.
        Some(unsafe { lend(part(&held), len) })
    })
}

/// Gives the bare token.
///
/// token: the token, or NULL.
/// len: receives the number of bytes. May be NULL.
///
/// Returns: visible ASCII; NULL where token names nothing.
/// Ownership: borrowed until token is freed; a secret.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_token_value(token: *const ccauth_token, len: *mut usize) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { text(token, len, |held| Some(&held.value)) }
}

/// Gives the name of the header that carries the token, e.g. "authorization".
///
/// token: the token, or NULL.
/// len: receives the number of bytes. May be NULL.
///
/// Returns: ASCII in small letters; NULL where the token travels in the query, or token names nothing.
/// Ownership: borrowed until token is freed.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_token_header_name(
    token: *const ccauth_token,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { text(token, len, |held| held.header.as_ref()) }
}

/// Gives the value of the header that carries the token, with its scheme where the vendor wants one.
///
/// token: the token, or NULL.
/// len: receives the number of bytes. May be NULL.
///
/// Returns: visible ASCII and spaces; NULL where the token travels in the query, or token names nothing.
/// Ownership: borrowed until token is freed; a secret.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_token_header_value(
    token: *const ccauth_token,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { text(token, len, |held| held.header.as_ref().map(|_| &held.attached)) }
}

/// Gives the argument to append to a call's URL, as name=value with the value percent-encoded. A URL with it must stay
/// out of logs.
///
/// token: the token, or NULL.
/// len: receives the number of bytes. May be NULL.
///
/// Returns: ASCII; NULL where the token travels in a header, or token names nothing.
/// Ownership: borrowed until token is freed; a secret.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_token_query(token: *const ccauth_token, len: *mut usize) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { text(token, len, |held| held.header.is_none().then_some(&held.attached)) }
}

/// Tells which of its source's tokens it is, for ccauth_source_report_rejected().
///
/// token: the token, or NULL.
///
/// Returns: how many tokens there were so far, this one included; 0 where token names nothing.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_token_generation(token: *const ccauth_token) -> u64 {
    answer(0, || Some(handle::look::<Held>(token)?.generation))
}

/// Tells when the token ends, on this machine's clock.
///
/// token: the token, or NULL.
///
/// Returns: milliseconds since 1970-01-01 UTC; INT64_MAX where it is valid until it is revoked; 0 where token names
/// nothing.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_token_expires_unix_ms(token: *const ccauth_token) -> i64 {
    answer(0, || Some(handle::look::<Held>(token)?.expires_ms))
}

/// Tells who says when the token ends: "server", "jwt", "documented" (the vendor's page), or "never" where it is valid
/// until it is revoked.
///
/// token: the token, or NULL.
///
/// Returns: the word; NULL where token names nothing.
/// Ownership: borrowed until token is freed.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_token_expiry_source(token: *const ccauth_token) -> *const c_char {
    answer(ptr::null(), || Some(handle::look::<Held>(token)?.expiry_source.as_ptr()))
}

/// Gives one of the other things that the vendor said with the token: "request_id", "scope", "number_of_days_left", ...
///
/// token: the token, or NULL.
/// name, name_len: what is looked for.
/// len: receives the number of bytes. May be NULL.
///
/// Returns: UTF-8 on one line; NULL where the vendor did not say it, or token names nothing.
/// Ownership: borrowed until token is freed.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_token_extra(
    token: *const ccauth_token,
    name: *const c_char,
    name_len: usize,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe {
        text(token, len, |held| {
            let wanted = given("name", name, name_len).ok()?;
            held.extras.iter().find(|(known, _)| known.as_str() == wanted).map(|(_, words)| words)
        })
    }
}

/// Names the other things that the vendor said with the token, for ccauth_token_extra().
///
/// token: the token, or NULL.
/// index: which one, from 0.
/// len: receives the number of bytes. May be NULL.
///
/// Returns: a name; NULL from the first index on that has none, or where token names nothing.
/// Ownership: borrowed until token is freed.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_token_extra_name(
    token: *const ccauth_token,
    index: usize,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { text(token, len, |held| held.extras.get(index).map(|(name, _)| name)) }
}

/// Adds a reference to a token, for another owner who frees it too.
///
/// token: the token, or NULL.
///
/// Returns: token; NULL where it names nothing, or has 65,535 references.
/// Ownership: free each reference with ccauth_token_free().
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_token_ref(token: *mut ccauth_token) -> *mut ccauth_token {
    answer(ptr::null_mut(), || handle::add::<Held>(token).then_some(token))
}

/// Frees a reference to a token; with the last one it is wiped, with what was borrowed from it.
///
/// token: the token, or NULL.
///
/// Ownership: token is gone.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_token_free(token: *mut ccauth_token) {
    caught(|| handle::remove::<Held>(token));
}
