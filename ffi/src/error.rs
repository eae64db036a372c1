//! Why a call failed.

use std::ffi::c_char;
use std::ptr;

use ccauth::{Error, Retry};

use crate::ccauth_status;
use crate::entry::{answer, caught};
use crate::handle::{self, Object};
use crate::table::Table;
use crate::text::Text;

/// Why a call failed: made by the call, freed by ccauth_error_free(). Holds no credential, no token and no body of a
/// reply.
#[allow(non_camel_case_types)]
pub struct ccauth_error {
    _opaque: [u8; 0],
}

/// An error in words that C can borrow.
pub(crate) struct Report {
    error: Error,
    texts: Vec<(Part, Text)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Line,
    Detail,
    Message,
    Cure,
    Vendor,
    VendorCode,
    VendorMessage,
    RequestId,
}

impl Report {
    pub(crate) fn new(error: &Error) -> Self {
        let line = error.to_string();
        let parts = [
            (Part::Line, Some(line.as_str())),
            (Part::Detail, Some(error.detail().word)),
            (Part::Message, Some(error.message())),
            (Part::Cure, Some(error.cure())),
            (Part::Vendor, error.vendor()),
            (Part::VendorCode, error.vendor_code()),
            (Part::VendorMessage, error.vendor_message()),
            (Part::RequestId, error.request_id()),
        ];
        let texts = parts.into_iter().filter_map(|(part, text)| Some((part, Text::new(text?)))).collect();
        Self { error: error.clone(), texts }
    }
}

impl Object for Report {
    type C = ccauth_error;
    const TAG: u8 = 1;
    const NAME: &'static str = "error";
    type Window = ();

    fn table() -> &'static Table<Self> {
        static TABLE: Table<Report> = Table::new();
        &TABLE
    }
}

fn number<N>(error: *const ccauth_error, without: N, read: impl FnOnce(&Error) -> Option<N>) -> N {
    answer(without, || read(&handle::look::<Report>(error)?.error))
}

fn text(error: *const ccauth_error, part: Part) -> *const c_char {
    let lent = answer(ptr::null(), || {
        let report = handle::look::<Report>(error)?;
        report.texts.iter().find(|(known, _)| *known == part).map(|(_, text)| text.as_ptr())
    });
    if lent.is_null() { c"".as_ptr() } else { lent }
}

/// Tells the status of the call that failed.
///
/// error: the failure, or NULL.
///
/// Returns: a negative status; 0 for NULL.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_error_code(error: *const ccauth_error) -> ccauth_status {
    number(error, 0, |error| Some(error.kind().code()))
}

/// Tells all of it in one line, for a log: vendor, message, the vendor's words and codes, the detail.
///
/// error: the failure, or NULL.
///
/// Returns: a line of UTF-8 without its end; "" for NULL.
/// Ownership: borrowed until error is freed.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_error_line(error: *const ccauth_error) -> *const c_char {
    text(error, Part::Line)
}

/// Tells what happened as a stable dotted word, e.g. "tls.name": a row of docs/ERRORS.md.
///
/// error: the failure, or NULL.
///
/// Returns: the word; "" for NULL.
/// Ownership: borrowed until error is freed.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_error_detail(error: *const ccauth_error) -> *const c_char {
    text(error, Part::Detail)
}

/// Tells what happened as a sentence for people, which names the field or the host; without the fields below.
///
/// error: the failure, or NULL.
///
/// Returns: UTF-8; "" for NULL.
/// Ownership: borrowed until error is freed.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_error_message(error: *const ccauth_error) -> *const c_char {
    text(error, Part::Message)
}

/// Tells what to do about it, as a sentence for people.
///
/// error: the failure, or NULL.
///
/// Returns: UTF-8; "" for NULL.
/// Ownership: borrowed until error is freed.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_error_cure(error: *const ccauth_error) -> *const c_char {
    text(error, Part::Cure)
}

/// Tells the id of the vendor whose call failed.
///
/// error: the failure, or NULL.
///
/// Returns: the id, e.g. "servetel"; "" where no vendor was named yet.
/// Ownership: borrowed until error is freed.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_error_vendor(error: *const ccauth_error) -> *const c_char {
    text(error, Part::Vendor)
}

/// Tells the vendor's own code of the failure, e.g. "1010" or "invalid_client".
///
/// error: the failure, or NULL.
///
/// Returns: UTF-8; "" where there was none.
/// Ownership: borrowed until error is freed.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_error_vendor_code(error: *const ccauth_error) -> *const c_char {
    text(error, Part::VendorCode)
}

/// Tells the vendor's own words: one line, capped, without anything that looks like a secret.
///
/// error: the failure, or NULL.
///
/// Returns: UTF-8; "" where there were none.
/// Ownership: borrowed until error is freed.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_error_vendor_message(error: *const ccauth_error) -> *const c_char {
    text(error, Part::VendorMessage)
}

/// Tells the vendor's id of the request, for its support.
///
/// error: the failure, or NULL.
///
/// Returns: UTF-8; "" where there was none.
/// Ownership: borrowed until error is freed.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_error_request_id(error: *const ccauth_error) -> *const c_char {
    text(error, Part::RequestId)
}

/// Tells the HTTP status of the vendor's reply.
///
/// error: the failure, or NULL.
///
/// Returns: the status, e.g. 429; 0 where there was no reply.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_error_http_status(error: *const ccauth_error) -> i32 {
    number(error, 0, |error| error.http_status().map(i32::from))
}

/// Tells whether the same call can succeed later without a change of configuration: see ccauth_error_retry_after_ms().
///
/// error: the failure, or NULL.
///
/// Returns: 1 or 0; 0 for NULL.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_error_is_retryable(error: *const ccauth_error) -> i32 {
    let helps = |retry| matches!(retry, Retry::Soon | Retry::Yes | Retry::Later | Retry::Once);
    number(error, 0, |error| Some(i32::from(helps(error.retry()))))
}

/// Tells how long to wait before the next attempt, counted from the return of the call that failed.
///
/// error: the failure, or NULL.
///
/// Returns: milliseconds; -1 where nothing is known, for which docs/ERRORS.md says what fits the status.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_error_retry_after_ms(error: *const ccauth_error) -> i64 {
    number(error, -1, |error| i64::try_from(error.retry_after()?.as_millis()).ok())
}

/// Tells the operating system's error number.
///
/// error: the failure, or NULL.
///
/// Returns: a number of errno.h; 0 where there was none.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_error_os_errno(error: *const ccauth_error) -> i32 {
    number(error, 0, Error::os_errno)
}

/// Frees an error, and what was borrowed from it.
///
/// error: the failure, or NULL.
///
/// Ownership: error is gone.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_error_free(error: *mut ccauth_error) {
    caught(|| handle::remove::<Report>(error));
}
