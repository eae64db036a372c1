//! Base64, hex, UUIDs and things that look like JWTs.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Serialize;

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn unbase64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A path segment as RFC 3986 writes it.
pub(crate) fn percent_encoded(segment: &str) -> String {
    // A form differs in one thing: there, a space is `+`.
    form_urlencoded::byte_serialize(segment.as_bytes()).collect::<String>().replace('+', "%20")
}

pub(crate) fn percent_decoded(segment: &str) -> String {
    // What would mean something in a form, and means nothing in a path, is kept from the form's parser.
    let form = segment.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(form.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

/// The shape of a random UUID; `noise` gives its digits.
pub(crate) fn uuid(noise: &[u8; 32]) -> String {
    let digits = hex(&noise[..16]);
    format!("{}-{}-4{}-a{}-{}", &digits[..8], &digits[8..12], &digits[13..16], &digits[17..20], &digits[20..])
}

/// A JWT by its looks: the claims are true, the signature is noise. No client can check an HS256 signature.
pub(crate) fn jwt(claims: &impl Serialize, noise: &[u8; 32]) -> String {
    let claims = serde_json::to_vec(claims).unwrap_or_default();
    let [header, claims, signature] = [br#"{"alg":"HS256","typ":"JWT"}"#.as_slice(), &claims, noise]
        .map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{claims}.{signature}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_segment_comes_back_as_it_was() {
        for segment in ["plain-sid", "a b+c%&=/é", ""] {
            assert_eq!(percent_decoded(&percent_encoded(segment)), segment);
        }
        assert_eq!(percent_decoded("a+b&c=d%20e"), "a+b&c=d e");
    }
}
