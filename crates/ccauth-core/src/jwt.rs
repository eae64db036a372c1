//! The `exp` of a token that is a JWT. Nothing else of it is read, and nothing is trusted.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::Timestamp;
use crate::token::{Expiry, ExpirySource};
use crate::value::Value;

/// The claim `exp` in epoch seconds, where `token` is a JWT that has one.
pub(crate) fn exp(token: &str) -> Option<i64> {
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let payload = Zeroizing::new(URL_SAFE_NO_PAD.decode(payload).ok()?);
    let claims = Value::from_json(&payload).ok()?;
    // RFC 7519 allows fractions; the second that has begun does not count.
    claims.get("exp")?.seconds()
}

/// The expiry by `exp`, on the issuer's clock.
pub(crate) fn expiry(token: &str) -> Option<Expiry> {
    exp(token).map(|at| {
        let at = Timestamp::from_second(at).unwrap_or(if at < 0 { Timestamp::MIN } else { Timestamp::MAX });
        Expiry::at(at, ExpirySource::Jwt)
    })
}
