//! The certificate authorities that are trusted.

use std::sync::LazyLock;

use rustls::pki_types::CertificateDer;
use ureq::tls::{Certificate, RootCerts};

/// The platform's, read at a process's first request: that takes longer than the rest of it.
static PLATFORM: LazyLock<RootCerts> = LazyLock::new(|| {
    let platform = rustls_native_certs::load_native_certs();
    for e in &platform.errors {
        log::debug!("platform certificates: {e}");
    }
    if platform.certs.is_empty() { RootCerts::WebPki } else { platform.certs.iter().map(owned).into() }
});

/// The platform's; where it has none and no CA file is named, the bundled ones; the CA file's always on top.
pub(crate) fn roots(extra: &[CertificateDer<'static>]) -> RootCerts {
    match &*PLATFORM {
        platform if extra.is_empty() => platform.clone(),
        RootCerts::Specific(platform) => platform.iter().cloned().chain(extra.iter().map(owned)).into(),
        _ => extra.iter().map(owned).into(),
    }
}

fn owned(der: &CertificateDer<'static>) -> Certificate<'static> {
    Certificate::from_der(der).to_owned()
}
