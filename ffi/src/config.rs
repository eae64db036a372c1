//! What a source is opened with.

use std::ffi::c_char;
use std::sync::{Mutex, PoisonError};

use ccauth::{Account, AccountBuilder};

use crate::ccauth_status;
use crate::entry::{caught, status};
use crate::error::ccauth_error;
use crate::handle::{self, Object};
use crate::out;
use crate::table::Table;
use crate::text::{given, secret};

/// A vendor and the fields of one account, from which sources are opened.
#[allow(non_camel_case_types)]
pub struct ccauth_config {
    _opaque: [u8; 0],
}

/// One lock, for hosts that use a configuration in two threads against its documentation.
pub(crate) struct Config(Mutex<AccountBuilder>);

impl Config {
    pub(crate) fn fields(&self) -> AccountBuilder {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Object for Config {
    type C = ccauth_config;
    const TAG: u8 = 2;
    const NAME: &'static str = "config";
    type Window = ();

    fn table() -> &'static Table<Self> {
        static TABLE: Table<Config> = Table::new();
        &TABLE
    }
}

/// Makes a configuration for a vendor; ccauth_config_set() fills it.
///
/// vendor, vendor_len: the vendor's id, e.g. "servetel", of those in ccauth_vendors_json(). Copied.
/// config: receives the configuration. Not NULL.
/// error: receives the failure. May be NULL.
///
/// Statuses: OK, INVALID.
/// Ownership: free config with ccauth_config_free(), error with ccauth_error_free().
/// Blocking: memory. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_config_new(
    vendor: *const c_char,
    vendor_len: usize,
    config: *mut *mut ccauth_config,
    error: *mut *mut ccauth_error,
) -> ccauth_status {
    // SAFETY: the caller's promise.
    let to = unsafe { out::handle("config", config) };
    let body = || {
        let to = to?;
        // SAFETY: the caller's promise.
        let id = unsafe { given("vendor", vendor, vendor_len)? };
        let id = ccauth::vendor(id)?.descriptor().id;
        *to = handle::give(Config(Mutex::new(Account::builder(id))))?;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { status(error, body) }
}

/// Sets a field in the place of what it had. Its name and its value by itself are checked at once; what is missing, and
/// what does not fit together, is told by ccauth_source_open(). An error names the field, and never its value.
///
/// config: the configuration. Not NULL.
/// key, key_len: the field's name, of those in ccauth_vendors_json(). An unknown one is told with the nearest. Copied.
/// value, value_len: what it is to have: UTF-8 of 1 to 4,096 bytes without control characters. Copied; wipe your
/// own copy of a secret.
/// error: receives the failure. May be NULL.
///
/// Statuses: OK, INVALID.
/// Ownership: free error with ccauth_error_free().
/// Blocking: memory. Threads: one at a time. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ccauth_config_set(
    config: *mut ccauth_config,
    key: *const c_char,
    key_len: usize,
    value: *const c_char,
    value_len: usize,
    error: *mut *mut ccauth_error,
) -> ccauth_status {
    let body = || {
        let config = handle::get::<Config>(config)?;
        // SAFETY: the caller's promise.
        let key = unsafe { given("key", key, key_len)? };
        // SAFETY: the caller's promise.
        let value = unsafe { secret(key, value, value_len)? };
        config.0.lock().unwrap_or_else(PoisonError::into_inner).set(key, value)
    };
    // SAFETY: the caller's promise.
    unsafe { status(error, body) }
}

/// Frees a configuration and wipes its secrets. Sources that were opened with it go on.
///
/// config: the configuration, or NULL.
///
/// Ownership: config is gone.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_config_free(config: *mut ccauth_config) {
    caught(|| handle::remove::<Config>(config));
}
