//! The certificate authorities that are trusted.

use std::env;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use ccauth_core::{Error, detail};
use rustls::pki_types::CertificateDer;
use ureq::tls::{Certificate, RootCerts};

/// The largest file of certificates that is read, in bytes.
pub(crate) const MAX_FILE: u64 = 16 * 1024 * 1024;

/// The platform's, read at a process's first request: that takes longer than the rest of it.
static PLATFORM: LazyLock<Result<RootCerts, Error>> = LazyLock::new(|| {
    check("SSL_CERT_FILE", env::var_os("SSL_CERT_FILE").as_deref().map(Path::new))?;
    for dir in env::split_paths(&env::var_os("SSL_CERT_DIR").unwrap_or_default()) {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            check("SSL_CERT_DIR", Some(&entry.path()))?;
        }
    }
    let platform = rustls_native_certs::load_native_certs();
    for e in &platform.errors {
        log::debug!("platform certificates: {e}");
    }
    Ok(if platform.certs.is_empty() { RootCerts::WebPki } else { platform.certs.iter().map(owned).into() })
});

/// The platform's; where it has none and no CA file is named, the bundled ones; the CA file's always on top.
///
/// # Errors
/// `config.ca_file`, where a variable of the environment names what is no file to read to its end.
pub(crate) fn roots(extra: &[CertificateDer<'static>]) -> Result<RootCerts, Error> {
    Ok(match PLATFORM.as_ref().map_err(Clone::clone)? {
        platform if extra.is_empty() => platform.clone(),
        RootCerts::Specific(platform) => platform.iter().cloned().chain(extra.iter().map(owned)).into(),
        _ => extra.iter().map(owned).into(),
    })
}

/// A pipe or a device would be read for ever. What is not there is the platform's own affair.
fn check(variable: &str, path: Option<&Path>) -> Result<(), Error> {
    let Some((path, about)) = path.and_then(|path| Some((path, fs::metadata(path).ok()?))) else {
        return Ok(());
    };
    if about.is_dir() || about.is_file() && about.len() <= MAX_FILE {
        return Ok(());
    }
    let message = format!("{variable}: {}: expected a regular file of at most 16 MiB", path.display());
    Err(Error::new(&detail::CONFIG_CA_FILE, message))
}

fn owned(der: &CertificateDer<'static>) -> Certificate<'static> {
    Certificate::from_der(der).to_owned()
}
