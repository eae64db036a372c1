//! Basic credentials (RFC 7617), and credentials that were pasted with their scheme.

use alloc::format;
use alloc::string::String;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// `base64(user:password)`, the credentials of RFC 7617.
pub(crate) fn basic_credentials(user: &str, password: &str) -> Zeroizing<String> {
    let pair = Zeroizing::new(format!("{user}:{password}"));
    Zeroizing::new(STANDARD.encode(pair.as_bytes()))
}

/// A pasted credential without blanks around it and without the scheme before it: `Basic abc` is `abc`.
pub fn without_scheme<'a>(pasted: &'a str, scheme: &str) -> &'a str {
    let pasted = pasted.trim();
    let (first, rest) = pasted.split_once(' ').unwrap_or((pasted, ""));
    if first.eq_ignore_ascii_case(scheme) { rest.trim_start() } else { pasted }
}
