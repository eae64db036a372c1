//! The fields of a login that concern the transport, read and checked before anything is sent.

use std::time::Duration;

use ccauth_core::{Error, Login, detail};
use rustls::pki_types::CertificateDer;
use ureq::Proxy;
use ureq::tls::{PemItem, parse_pem};

/// The largest CA file that is read, in bytes.
const MAX_CA_FILE: u64 = 16 * 1024 * 1024;

/// How requests travel. Accounts with equal ones share a transport.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) total: Duration,
    pub(crate) step: Duration,
    pub(crate) extra_roots: Vec<CertificateDer<'static>>,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) user_agent: String,
    pub(crate) https_only: bool,
    pub(crate) refuse_close_delimited: bool,
}

impl Settings {
    pub(crate) fn new(login: &Login) -> Result<Self, Error> {
        let user_agent = login.get("user_agent").unwrap_or(concat!("ccauth/", env!("CARGO_PKG_VERSION")));
        if !user_agent.is_ascii() {
            return Err(Error::new(&detail::CONFIG_VALUE, "user_agent: expected ASCII"));
        }
        Ok(Self {
            total: milliseconds(login, "timeout_ms", 10_000)?,
            step: milliseconds(login, "connect_timeout_ms", 3_000)?,
            extra_roots: login.get("ca_file").map_or(Ok(Vec::new()), ca_file)?,
            proxy: login.get("proxy").map(proxy).transpose()?,
            user_agent: user_agent.to_owned(),
            // The login has refused http to any host that is neither loopback nor allowed by name.
            https_only: !login.base_url().starts_with("http:"),
            refuse_close_delimited: login.get("close_delimited") == Some("refuse"),
        })
    }
}

fn milliseconds(login: &Login, name: &str, default: u64) -> Result<Duration, Error> {
    let given = login.get(name).map_or(Ok(default), str::parse);
    match given {
        Ok(number @ 100..=600_000) => Ok(Duration::from_millis(number)),
        _ => {
            let message = format!("{name}: expected a whole number of milliseconds from 100 to 600000");
            Err(Error::new(&detail::CONFIG_VALUE, message))
        }
    }
}

fn proxy(url: &str) -> Result<Proxy, Error> {
    let bad = || Error::new(&detail::CONFIG_VALUE, "proxy: expected a URL such as http://proxy.example:3128");
    if !url.starts_with("http://") {
        return Err(bad());
    }
    Proxy::new(url).map_err(|_| bad())
}

fn ca_file(path: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let bad = |what: &str| Error::new(&detail::CONFIG_CA_FILE, format!("ca_file: {path}: {what}"));
    let io = |e: std::io::Error| bad(&e.to_string()).with_os_errno(e.raw_os_error());
    let about = std::fs::metadata(path).map_err(io)?;
    if !about.is_file() || about.len() > MAX_CA_FILE {
        return Err(bad("expected a regular file of at most 16 MiB"));
    }
    let pem = std::fs::read(path).map_err(io)?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|_| bad("expected PEM"))? {
            let der = CertificateDer::from(certificate.der().to_vec());
            let mut store = rustls::RootCertStore::empty();
            store.add(der.clone()).map_err(|_| bad("a certificate in it does not parse"))?;
            certificates.push(der);
        }
    }
    if certificates.is_empty() { Err(bad("there is no certificate in it")) } else { Ok(certificates) }
}
