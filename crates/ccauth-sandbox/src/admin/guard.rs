//! Keeps web pages out: any page that a person visits can send requests to their loopback.
//!
//! A page of another origin is told by `Origin`, which browsers send with everything that changes something.
//! One whose own name was made to point here (DNS rebinding) is of this origin to the browser, and is told by
//! that name. A body that is announced as JSON is sent across origins only after the sandbox has been asked
//! whether it likes to, and it does not answer.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderName, ORIGIN, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::http::refused;

/// Nothing is loaded, from here or from elsewhere, but what stands in the page, and nobody frames it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) async fn guard(request: Request, next: Next) -> Response {
    let mut response = match check(&request) {
        Ok(()) => next.run(request).await,
        Err((status, field, error)) => refused(status, Some(field), error),
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

type Objection = (StatusCode, &'static str, &'static str);

fn check(request: &Request) -> Result<(), Objection> {
    let header =
        |name: HeaderName| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    let host = request.uri().authority().map(Authority::as_str).or(header(HOST)).unwrap_or_default();
    if !is_ours(host) {
        let error = "the admin interface answers to localhost, addresses and names without a dot alone";
        return Err((StatusCode::MISDIRECTED_REQUEST, "Host", error));
    }
    let is_of_host = |origin: &str| origin.split_once("://").is_some_and(|(_, at)| at == host);
    if !header(ORIGIN).is_none_or(is_of_host) {
        return Err((StatusCode::FORBIDDEN, "Origin", "the admin interface is not for other web pages"));
    }
    let media_type = header(CONTENT_TYPE).unwrap_or_default().split(';').next().unwrap_or_default();
    if *request.method() == Method::POST && !media_type.trim().eq_ignore_ascii_case("application/json") {
        let error = "send application/json: curl --json '{}', or -H 'Content-Type: application/json'";
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content-Type", error));
    }
    Ok(())
}

/// Whether nobody outside can have made this name point here: an address, or a name that no public DNS holds.
fn is_ours(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host();
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    !host.contains('@') && (bare.parse::<IpAddr>().is_ok() || !bare.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_public_dns_can_hold_are_not_ours() {
        for ours in ["localhost", "localhost:1", "127.0.0.1:8443", "[::1]:8443", "sandbox", "192.168.0.7"] {
            assert!(is_ours(ours), "{ours}");
        }
        for foreign in
            ["", "example.com", "localhost.example.com:1", "localhost@example.com", "127.0.0.1.nip.io"]
        {
            assert!(!is_ours(foreign), "{foreign}");
        }
    }
}
