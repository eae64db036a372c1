//! What a failure of ureq, rustls or the operating system means.

use std::io;

use ccauth_core::{Detail, Error, detail};
use rustls::{CertificateError, Error as TlsError};
use ureq::Timeout;

use super::settings::Settings;

/// Translates `e`, which befell a request to `peer` under these settings. No text of the request or the reply gets in.
pub(crate) fn translate(e: ureq::Error, peer: &str, settings: &Settings) -> Error {
    let at = |cause: &'static Detail| Error::new(cause, format!("{peer}: {}", cause.clause()));
    match e {
        ureq::Error::Other(inner) => match inner.downcast::<Error>() {
            Ok(ours) => *ours,
            Err(_) => at(&detail::INTERNAL),
        },
        ureq::Error::Timeout(stage) => timeout(stage, peer, settings),
        ureq::Error::HostNotFound => at(&detail::DNS_NXDOMAIN),
        ureq::Error::Io(e) => io_failure(&e, peer),
        ureq::Error::Rustls(e) => tls_failure(&e, peer),
        ureq::Error::Tls(what) => Error::new(&detail::TLS_FAILED, format!("{peer}: {what}")),
        ureq::Error::ConnectProxyFailed(_) => at(&detail::PROXY_REFUSED),
        ureq::Error::BodyExceedsLimit(_) => at(&detail::BODY_TOO_LARGE),
        // It names what did not parse, in words of its own, and not the line; there is nothing to set.
        ureq::Error::Protocol(e) if e.to_string().starts_with("http parse fail") => {
            let message = format!("{peer}: {} ({e})", detail::HTTP_MALFORMED.clause());
            Error::new(&detail::HTTP_MALFORMED, message)
        }
        ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) | ureq::Error::BodyStalled => {
            at(&detail::HTTP_MALFORMED)
        }
        ureq::Error::ConnectionFailed => at(&detail::CONNECT_FAILED),
        ureq::Error::RequireHttpsOnly(_) | ureq::Error::BadUri(_) => at(&detail::CONFIG_URL),
        _ => at(&detail::INTERNAL),
    }
}

/// Names the limit that was reached.
fn timeout(stage: Timeout, peer: &str, settings: &Settings) -> Error {
    let (step, total) = (("connect_timeout_ms", settings.step), ("timeout_ms", settings.total));
    let (cause, what, (field, limit)): (&'static Detail, _, _) = match stage {
        Timeout::Resolve => (&detail::DNS_TIMEOUT, "its name was not resolved", step),
        Timeout::Connect => (&detail::CONNECT_TIMEOUT, "no connection with TLS came about", step),
        Timeout::PerWrite => (&detail::DEADLINE, "it took no more data", step),
        _ => (&detail::DEADLINE, "the request was not done", total),
    };
    Error::new(cause, format!("{peer}: {what} within {field}={}", limit.as_millis()))
}

fn io_failure(e: &io::Error, peer: &str) -> Error {
    if let Some(inner) = e.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>()) {
        return tls_failure(inner, peer);
    }
    use io::ErrorKind as Kind;
    let cause = match e.kind() {
        Kind::ConnectionRefused => &detail::CONNECT_REFUSED,
        Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown => &detail::CONNECT_UNREACHABLE,
        Kind::TimedOut | Kind::WouldBlock => &detail::DEADLINE,
        Kind::UnexpectedEof | Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe => {
            &detail::IO_CLOSED
        }
        Kind::AddrNotAvailable | Kind::OutOfMemory => &detail::RESOURCE,
        // EMFILE, ENFILE and ENOBUFS have no kind of their own.
        _ if matches!(e.raw_os_error(), Some(23 | 24 | 105)) => &detail::RESOURCE,
        Kind::InvalidData => &detail::HTTP_MALFORMED,
        _ => &detail::IO_FAILED,
    };
    Error::new(cause, format!("{peer}: {}", cause.clause())).with_os_errno(e.raw_os_error())
}

fn tls_failure(e: &TlsError, peer: &str) -> Error {
    use CertificateError as Bad;
    let cause = match e {
        TlsError::InvalidCertificate(bad) => match bad {
            Bad::Expired | Bad::ExpiredContext { .. } => &detail::TLS_EXPIRED,
            Bad::NotValidYet | Bad::NotValidYetContext { .. } => &detail::TLS_NOT_YET_VALID,
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => &detail::TLS_NAME,
            _ => &detail::TLS_UNTRUSTED,
        },
        _ => &detail::TLS_FAILED,
    };
    // rustls describes handshakes and certificates; it never sees a credential before they are done.
    Error::new(cause, format!("{peer}: {e}"))
}
