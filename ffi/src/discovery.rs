//! What this library is and which vendors it knows.

use std::ffi::{CString, c_char};
use std::sync::LazyLock;

use ccauth::{Descriptor, ErrorKind};

use crate::entry::answer;
use crate::handle;

/// What a call came to: CCAUTH_OK or a failure, which is negative. Newer libraries may give others.
#[allow(non_camel_case_types)]
pub type ccauth_status = i32;

/// Tells the library's version, e.g. "0.1.0".
///
/// Returns: ASCII, as long as the process lives.
/// Ownership: borrowed.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_version_string() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// Tells the library's version as a number.
///
/// Returns: 0x00MMmmpp, with a byte each for major, minor and patch, as in CCAUTH_VERSION_NUMBER.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_version_number() -> u32 {
    const fn number(text: &str) -> u32 {
        let (bytes, mut value, mut n) = (text.as_bytes(), 0, 0);
        while n < bytes.len() {
            value = value * 10 + (bytes[n] - b'0') as u32;
            n += 1;
        }
        value
    }
    const VERSION: u32 = number(env!("CARGO_PKG_VERSION_MAJOR")) << 16
        | number(env!("CARGO_PKG_VERSION_MINOR")) << 8
        | number(env!("CARGO_PKG_VERSION_PATCH"));
    VERSION
}

/// Names a status.
///
/// status: what a function gave.
///
/// Returns: e.g. "RATE_LIMITED" for -6, "OK" for 0, "UNKNOWN" for none of ours, as long as the process lives.
/// Ownership: borrowed.
/// Blocking: never. Threads: any. Fork: safe once it has returned. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_status_name(status: ccauth_status) -> *const c_char {
    static NAMES: LazyLock<Vec<(i32, CString)>> = LazyLock::new(|| {
        let names = ErrorKind::ALL.iter().map(|kind| (kind.code(), kind.name()));
        let names = names.chain([(0, "OK")]);
        // No name holds a NUL.
        names.filter_map(|(code, name)| Some((code, CString::new(name).ok()?))).collect()
    });
    let name = || NAMES.iter().find(|(code, _)| *code == status).map(|(_, name)| name.as_ptr());
    answer(c"UNKNOWN".as_ptr(), name)
}

/// Describes every vendor of this library.
///
/// Returns: a JSON array, as long as the process lives, of objects with the members id, name, page, fields (an array of
/// objects with name; needed: "yes", "no" or "unless" and another field; choices, empty where any value may be; secret;
/// role: "identity", "credential", or whose option it is: "vendor", "transport", "source"; doc), operations, observed
/// (those of them that no page of the vendor names), renewal, carriage and regions (name: base URL).
/// Ownership: borrowed.
/// Blocking: never. Threads: any. Fork: safe once it has returned. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_vendors_json() -> *const c_char {
    static VENDORS: LazyLock<CString> = LazyLock::new(|| {
        let all: serde_json::Value = ccauth::vendors().map(|vendor| describe(vendor.descriptor())).collect();
        CString::new(all.to_string()).unwrap_or_default()
    });
    answer(c"[]".as_ptr(), || Some(VENDORS.as_ptr()))
}

/// Tells how many handles are not freed: what a leak checker cannot see.
///
/// Returns: the number of configurations, sources, tokens, requests and errors, each once, however many references it has.
/// Blocking: never. Threads: any. Fork: safe. Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn ccauth_debug_live_handles() -> usize {
    handle::live()
}

fn names(operations: &[ccauth::Op]) -> Vec<&'static str> {
    operations.iter().map(|op| op.name()).collect()
}

fn describe(d: &Descriptor) -> serde_json::Value {
    let fields = d.fields.iter().chain(ccauth::common_fields()).map(|field| {
        serde_json::json!({
            "name": field.name,
            "needed": match field.need {
                ccauth::Need::Required => "yes".to_owned(),
                ccauth::Need::Unless(other) => format!("unless {other}"),
                ccauth::Need::Optional => "no".to_owned(),
            },
            "choices": match field.kind {
                ccauth::FieldKind::Choice(words) => words,
                _ => &[],
            },
            "secret": field.kind == ccauth::FieldKind::Secret,
            "role": field.role.name(),
            "doc": field.doc,
        })
    });
    let regions = d.base_urls.iter().map(|base| (base.region.to_owned(), base.url.into()));
    serde_json::json!({
        "id": d.id,
        "name": d.name,
        "page": d.page,
        "fields": fields.collect::<Vec<_>>(),
        "operations": names(d.operations),
        "observed": names(d.observed),
        "renewal": d.renewal.name(),
        "carriage": d.carriage.to_string(),
        "regions": regions.collect::<serde_json::Map<_, _>>(),
    })
}
