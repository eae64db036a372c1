//! The fields of the transport, and what they come to.

use std::time::Duration;

use ccauth_core::{Error, Field, FieldKind, Login, Role, detail};
use rustls::pki_types::CertificateDer;
use ureq::Proxy;
use ureq::tls::{PemItem, parse_pem};

use super::roots::MAX_FILE;

/// How requests travel. Accounts with equal ones share a transport.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) total: Duration,
    pub(crate) step: Duration,
    pub(crate) extra_roots: Vec<CertificateDer<'static>>,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) user_agent: String,
    pub(crate) https_only: bool,
    pub(crate) allow_http: bool,
    pub(crate) refuse_close_delimited: bool,
}

/// The transport's fields.
pub(crate) static FIELDS: &[Field] = &[
    option("timeout_ms", FieldKind::Text, "Milliseconds for a whole request, 100 to 600000. Default 10000.")
        .checked(check_milliseconds),
    option(
        "connect_timeout_ms",
        FieldKind::Text,
        "Milliseconds each for name resolution, for the connection with TLS, and for the vendor to take a piece of the request, 100 to 600000. Default 3000. timeout_ms alone bounds the wait for a reply.",
    )
    .checked(check_milliseconds),
    option(
        "ca_file",
        FieldKind::Text,
        "A PEM file of certificate authorities that are trusted besides the platform's.",
    ),
    option(
        "proxy",
        FieldKind::Secret,
        "An http:// proxy, with its user and password if it needs them. The environment's proxy variables are ignored.",
    )
    .checked(|url| proxy(url).map(drop)),
    option("user_agent", FieldKind::Text, "The User-Agent of requests. Default ccauth/<version>.")
        .checked(|text| if text.is_ascii() { Ok(()) } else { Err("ASCII") }),
    option(
        "close_delimited",
        FieldKind::Choice(&["accept", "refuse"]),
        "Whether a reply counts whose end only the connection's close marks. Default accept: its whole document must parse.",
    ),
];

const fn option(name: &'static str, kind: FieldKind, doc: &'static str) -> Field {
    Field::new(name, Role::Transport, kind, doc)
}

impl Settings {
    /// What the fields come to, each of which has passed its own check.
    ///
    /// # Errors
    /// `config.ca_file`; `config.url` for clear text through a proxy.
    pub(crate) fn new(login: &Login) -> Result<Self, Error> {
        let clear = login.base_url().starts_with("http:");
        let proxy = login.get("proxy").and_then(|url| proxy(url).ok());
        // Loopback is then the proxy's own, and the proxy reads along.
        let allow_http = login.get("allow_http") == Some("true");
        if clear && proxy.is_some() && !allow_http {
            let message = "base_url: http would send credentials in clear text through the proxy; use https, or say allow_http=true";
            return Err(Error::new(&detail::CONFIG_URL, message));
        }
        Ok(Self {
            total: total(login),
            step: milliseconds(login.get("connect_timeout_ms"), 3_000),
            extra_roots: login.get("ca_file").map_or(Ok(Vec::new()), ca_file)?,
            proxy,
            user_agent: login
                .get("user_agent")
                .unwrap_or(concat!("ccauth/", env!("CARGO_PKG_VERSION")))
                .to_owned(),
            // The login has refused http to any host that is neither loopback nor allowed by name.
            https_only: !clear,
            allow_http,
            refuse_close_delimited: login.get("close_delimited") == Some("refuse"),
        })
    }
}

/// The longest that a request of this login takes.
pub(crate) fn total(login: &Login) -> Duration {
    milliseconds(login.get("timeout_ms"), 10_000)
}

fn check_milliseconds(text: &str) -> Result<(), &'static str> {
    match text.parse() {
        Ok(100..=600_000) => Ok(()),
        _ => Err("a whole number of milliseconds from 100 to 600000"),
    }
}

fn milliseconds(given: Option<&str>, default: u64) -> Duration {
    Duration::from_millis(given.and_then(|text| text.parse().ok()).unwrap_or(default))
}

fn proxy(url: &str) -> Result<Proxy, &'static str> {
    let expected = "a URL such as http://proxy.example:3128";
    if url.starts_with("http://") { Proxy::new(url).map_err(|_| expected) } else { Err(expected) }
}

fn ca_file(path: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let bad = |what: &str| Error::new(&detail::CONFIG_CA_FILE, format!("ca_file: {path}: {what}"));
    let io = |e: std::io::Error| bad(&e.to_string()).with_os_errno(e.raw_os_error());
    let about = std::fs::metadata(path).map_err(io)?;
    if !about.is_file() || about.len() > MAX_FILE {
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
