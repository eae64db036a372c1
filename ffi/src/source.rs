//! An account whose token is kept valid.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ccauth::{Error, Source, Subscription, Window, Wish, detail};

use crate::bell::Bell;
use crate::ccauth_status;
use crate::config::{Config, ccauth_config};
use crate::entry::{answer, caught, status};
use crate::error::ccauth_error;
use crate::handle::{self, Object};
use crate::options::{Options, options};
use crate::out;
use crate::table::Table;
use crate::text::Text;
use crate::token::{Held, ccauth_token};

/// An account whose token is kept valid, for all threads of a process: open it once, and ask it before each call.
#[allow(non_camel_case_types)]
pub struct ccauth_source {
    _opaque: [u8; 0],
}

/// A source, and the name of what its tokens travel in.
pub(crate) struct Opened {
    pub(crate) source: Source,
    pub(crate) header: Option<Text>,
    /// What rings when something happens to the token, once somebody has asked for it.
    pub(crate) watch: OnceLock<(Arc<Bell>, Subscription)>,
}

impl Object for Opened {
    type C = ccauth_source;
    const TAG: u8 = 3;
    const NAME: &'static str = "source";
    type Window = Window;

    fn table() -> &'static Table<Self, Window> {
        static TABLE: Table<Opened, Window> = Table::new();
        &TABLE
    }

    fn window(&self) -> Option<&'static Window> {
        self.source.window()
    }
}

/// What somebody needs who asks for a token. All zero is the default, as is NULL in its place.
#[repr(C)]
#[derive(Clone, Copy, Default)]
#[allow(non_camel_case_types)]
pub struct ccauth_get_options {
    /// sizeof(ccauth_get_options).
    pub size: u32,
    /// Zero.
    pub reserved: u32,
    /// How long to wait for the token at most, in milliseconds; 0 is 30,000. What was asked of the vendor goes on, for
    /// whoever asks next.
    pub timeout_ms: i64,
    /// How long the token must still live, in milliseconds; 0 is any.
    pub min_valid_ms: i64,
}

// SAFETY: four numbers of 24 bytes together.
unsafe impl Options for ccauth_get_options {}

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// How long to wait for what takes a request: 0 is the default.
///
/// # Errors
/// `argument.value`.
pub(crate) fn timeout(what: &str, given: i64) -> Result<Duration, Error> {
    let given = milliseconds(what, given)?;
    Ok(if given.is_zero() { DEFAULT_TIMEOUT } else { given })
}

pub(crate) fn milliseconds(what: &str, given: i64) -> Result<Duration, Error> {
    let negative = |_| Error::new(&detail::ARGUMENT_VALUE, format!("{what} is negative"));
    u64::try_from(given).map(Duration::from_millis).map_err(negative)
}

impl ccauth_get_options {
    pub(crate) fn wish(&self) -> Result<Wish, Error> {
        let bad = |what: &str| Error::new(&detail::ARGUMENT_VALUE, format!("options: {what}"));
        if self.reserved != 0 {
            return Err(bad("reserved is not zero"));
        }
        let wish = Wish::default().deadline(timeout("options: timeout_ms", self.timeout_ms)?);
        Ok(wish.min_valid(milliseconds("options: min_valid_ms", self.min_valid_ms)?))
    }
}

/// Opens a source with what is configured, and asks for its first token in the background.
///
/// config: the configuration, which may be freed or changed afterwards. Not NULL. A file that it names is read now.
/// source: receives the source. Not NULL.
/// error: receives the failure, which names each field that is missing or wrong. May be NULL.
///
/// Statuses: OK, INVALID.
/// Ownership: free source with ccauth_source_free(), error with ccauth_error_free().
/// Blocking: disk. Threads: any. Fork: open it in the process that uses it. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_source_open(
    config: *const ccauth_config,
    source: *mut *mut ccauth_source,
    error: *mut *mut ccauth_error,
) -> ccauth_status {
    // SAFETY: the caller's promise.
    let to = unsafe { out::handle("source", source) };
    let body = || {
        let to = to?;
        let account = handle::get::<Config>(config)?.fields().build()?;
        let source = Source::open(&account);
        let carriage = source.carriage();
        let header = (!carriage.is_query()).then(|| Text::new(carriage.name()));
        *to = handle::give(Opened { source, header, watch: OnceLock::new() })?;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { status(error, body) }
}

/// Gives the token: at once while one is held that has not ended, otherwise as soon as the request has ended that
/// brings it. Threads that ask at the same time share one request, and its failure too.
///
/// source: the source. Not NULL.
/// options: how long to wait, and how long the token must still live. May be NULL. Copied.
/// token: receives the token. Not NULL.
/// error: receives the failure. May be NULL.
///
/// Statuses: OK, INVALID, TIMEOUT, RATE_LIMITED, HELD, RESOLVE, CONNECT, TLS, IO, CREDENTIALS, FORBIDDEN, REVOKED,
/// PROTOCOL, VENDOR.
/// Ownership: free token with ccauth_token_free(), error with ccauth_error_free().
/// Blocking: network up to timeout_ms. Threads: any. Fork: in the process that opened source. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_source_get(
    source: *const ccauth_source,
    options: *const ccauth_get_options,
    token: *mut *mut ccauth_token,
    error: *mut *mut ccauth_error,
) -> ccauth_status {
    // SAFETY: the caller's promise.
    let to = unsafe { out::handle("token", token) };
    let body = || {
        let to = to?;
        let opened = handle::get::<Opened>(source)?;
        // SAFETY: the caller's promise.
        let wish = unsafe { self::options(options)? }.wish()?;
        let (token, generation) = opened.source.token_and_generation(wish)?;
        *to = handle::give(Held::new(&token, generation))?;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { status(error, body) }
}

/// Adds a reference to a source, for another owner who frees it too.
///
/// source: the source, or NULL.
///
/// Returns: source; NULL where it names nothing, or has 65,535 references.
/// Ownership: free each reference with ccauth_source_free().
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_source_ref(source: *mut ccauth_source) -> *mut ccauth_source {
    answer(std::ptr::null_mut(), || handle::add::<Opened>(source).then_some(source))
}

/// Frees a reference to a source; with the last one its token is wiped and kept valid no more. Waits for nothing: a
/// call that another thread is in ends as if nothing had happened.
///
/// source: the source, or NULL.
///
/// Ownership: source is gone.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_source_free(source: *mut ccauth_source) {
    caught(|| handle::remove::<Opened>(source));
}

#[cfg(test)]
mod tests {
    use std::ptr::{null, null_mut};

    use super::*;
    use crate::config::{ccauth_config_free, ccauth_config_new, ccauth_config_set};
    use crate::error::{ccauth_error_detail, ccauth_error_free};
    use crate::text::tests::rust;
    use crate::token::{ccauth_token_free, ccauth_token_ref, ccauth_token_value};

    const NTS: usize = usize::MAX;

    /// A source of a pasted token, which asks nobody.
    fn pasted() -> *mut ccauth_source {
        let (mut config, mut source) = (null_mut(), null_mut());
        // SAFETY: the literals end with a NUL, and what is written lives.
        unsafe {
            assert_eq!(ccauth_config_new(c"servetel".as_ptr(), NTS, &raw mut config, null_mut()), 0);
            let (key, value) = (c"token".as_ptr(), c"pasted".as_ptr());
            assert_eq!(ccauth_config_set(config, key, NTS, value, NTS, null_mut()), 0);
            assert_eq!(ccauth_source_open(config, &raw mut source, null_mut()), 0);
        }
        ccauth_config_free(config);
        source
    }

    /// The status of a get, and the detail of its failure.
    fn get(source: *const ccauth_source, options: &ccauth_get_options) -> (ccauth_status, String) {
        let (mut token, mut error) = (null_mut(), null_mut());
        // SAFETY: all that is handed in lives.
        let status = unsafe { ccauth_source_get(source, options, &raw mut token, &raw mut error) };
        assert_eq!((token.is_null(), error.is_null()), (status != 0, status == 0));
        // SAFETY: the error is not freed yet.
        let detail = unsafe { rust(ccauth_error_detail(error)) };
        ccauth_token_free(token);
        ccauth_error_free(error);
        (status, detail)
    }

    #[test]
    fn each_reference_is_freed_by_itself() {
        let (source, options) = (pasted(), ccauth_get_options { size: 24, ..ccauth_get_options::default() });
        assert_eq!(ccauth_source_ref(source), source);
        ccauth_source_free(source);
        assert_eq!(get(source, &options), (0, String::new()));
        let mut token = null_mut();
        // SAFETY: `token` lives.
        assert_eq!(unsafe { ccauth_source_get(source, null(), &raw mut token, null_mut()) }, 0);
        ccauth_source_free(source);
        ccauth_source_free(source);
        assert_eq!(get(source, &options), (-1, "argument.handle".to_owned()));
        assert_eq!(ccauth_source_ref(source), null_mut());

        assert_eq!(ccauth_token_ref(token), token);
        ccauth_token_free(token);
        // SAFETY: one reference is left.
        assert_eq!(unsafe { rust(ccauth_token_value(token, null_mut())) }, "pasted");
        ccauth_token_free(token);
        // SAFETY: a freed handle names nothing.
        assert!(unsafe { ccauth_token_value(token, null_mut()) }.is_null());
        assert!(ccauth_token_ref(token).is_null());
    }

    #[test]
    fn options_that_mean_nothing_are_refused() {
        let (source, good) = (pasted(), ccauth_get_options { size: 24, ..ccauth_get_options::default() });
        for (options, status) in [
            (good, 0),
            (ccauth_get_options { timeout_ms: 1, ..good }, 0),
            (ccauth_get_options { timeout_ms: i64::MAX, min_valid_ms: i64::MAX, ..good }, 0),
            (ccauth_get_options { reserved: 1, ..good }, -1),
            (ccauth_get_options { timeout_ms: -1, ..good }, -1),
            (ccauth_get_options { min_valid_ms: i64::MIN, ..good }, -1),
            (ccauth_get_options { size: 0, ..good }, -1),
        ] {
            let detail = if status == 0 { "" } else { "argument.value" };
            let shown = [i64::from(options.size), options.timeout_ms, options.min_valid_ms];
            assert_eq!(get(source, &options), (status, detail.to_owned()), "{shown:?}");
        }
        ccauth_source_free(source);
    }
}
