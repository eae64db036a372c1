//! Starting, finding and stopping the server.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use socket2::{Domain, Socket, Type};
use tempfile::NamedTempFile;
use tokio::sync::oneshot;

use crate::account::Account;
use crate::admin::{self, Admin};
use crate::crowd::Crowd;
use crate::server::Server;
use crate::state::Shared;
use crate::tls::Identity;
use crate::vendors;

/// Connections that may wait to be accepted: whole fleets of clients arrive at once.
const BACKLOG: i32 = 4096;

/// A running server of the five vendors. Dropping it stops it.
#[derive(Debug)]
pub struct Sandbox {
    url: String,
    ca_pem: String,
    ca_file: CaFile,
    accounts: Vec<Account>,
    admin: Admin,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// How a [`Sandbox`] is to be started. By default on a free port of `127.0.0.1`, over TLS.
#[derive(Clone, Debug)]
#[must_use]
pub struct Builder {
    address: IpAddr,
    port: u16,
    allow_remote: bool,
    plain_http: bool,
    ca_file: Option<PathBuf>,
}

/// The endpoint that takes an account's token, or refuses it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Protected {
    /// The HTTP method.
    pub method: &'static str,
    /// Where it is.
    pub url: String,
    /// How the token is carried there, for people: `Authorization: Bearer <token>`.
    pub carriage: &'static str,
}

#[derive(Debug)]
enum CaFile {
    /// Removed with the sandbox.
    Temporary(NamedTempFile),
    Kept(PathBuf),
}

impl Sandbox {
    /// A sandbox to be set up.
    pub fn builder() -> Builder {
        Builder {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            allow_remote: false,
            plain_http: false,
            ca_file: None,
        }
    }

    /// Where it listens: `https://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Below which a vendor's paths are: `https://127.0.0.1:PORT/servetel`.
    pub fn base_url(&self, vendor: &str) -> String {
        format!("{}/{vendor}", self.url)
    }

    /// The certificate to trust, in PEM.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// A file with that certificate. Removed with the sandbox, unless [`Builder::ca_file`] chose it.
    pub fn ca_file(&self) -> &Path {
        match &self.ca_file {
            CaFile::Temporary(file) => file.path(),
            CaFile::Kept(path) => path,
        }
    }

    /// Whether it speaks TLS.
    pub fn is_tls(&self) -> bool {
        self.admin.is_tls()
    }

    /// The accounts it started with: `demo` and the magic ones of every vendor.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The ready-made `demo` account of a vendor.
    ///
    /// # Panics
    /// When there is no such vendor.
    #[track_caller]
    pub fn account(&self, vendor: &str) -> &Account {
        let demo = |account: &&Account| account.vendor() == vendor && account.name() == "demo";
        self.accounts.iter().find(demo).unwrap_or_else(|| panic!("{vendor:?} is no vendor of the sandbox"))
    }

    /// The endpoint that takes the token of a vendor's `demo` account.
    ///
    /// # Panics
    /// When there is no such vendor.
    #[track_caller]
    pub fn protected(&self, vendor: &str) -> Protected {
        self.protected_for(self.account(vendor))
    }

    /// The endpoint that takes the token of this account.
    ///
    /// # Panics
    /// When there is no such vendor.
    #[track_caller]
    pub fn protected_for(&self, account: &Account) -> Protected {
        let vendor = vendors::find(account.vendor()).unwrap_or_else(|error| panic!("{error}"));
        let (path, carriage) = vendor.protected(account);
        Protected { method: "GET", url: self.base_url(account.vendor()) + &path, carriage }
    }

    /// The handle that sets faults, moves the clock and reads the journal.
    pub fn admin(&self) -> &Admin {
        &self.admin
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the server's thread has been reported by the panic hook already.
            let _ = thread.join();
        }
    }
}

impl Builder {
    /// The address to listen on.
    pub fn address(mut self, address: IpAddr) -> Builder {
        self.address = address;
        self
    }

    /// The port to listen on; 0 takes a free one.
    pub fn port(mut self, port: u16) -> Builder {
        self.port = port;
        self
    }

    /// Whether an address other machines can reach is allowed. The sandbox's secrets are public.
    pub fn allow_remote(mut self, allow: bool) -> Builder {
        self.allow_remote = allow;
        self
    }

    /// Whether to speak HTTP without TLS.
    pub fn plain_http(mut self, plain: bool) -> Builder {
        self.plain_http = plain;
        self
    }

    /// Where to write the certificate to trust. The file stays when the sandbox goes.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Builder {
        self.ca_file = Some(path.into());
        self
    }

    /// Starts the server on a thread of its own. It answers as soon as this returns.
    ///
    /// # Errors
    /// When the address is not loopback and not allowed, the port is taken, or the CA file cannot be written.
    pub fn start(self) -> io::Result<Sandbox> {
        if !self.address.is_loopback() && !self.allow_remote {
            let refusal = format!(
                "{} is not a loopback address, and was not allowed as one that other machines can reach",
                self.address
            );
            return Err(io::Error::new(io::ErrorKind::InvalidInput, refusal));
        }
        let listener = listen(SocketAddr::new(self.address, self.port))?;
        let address = listener.local_addr()?;
        let identity = Identity::new(&self.address.to_string())?;
        let ca_pem = identity.ca_pem.clone();
        let ca_file = write_ca(self.ca_file, &ca_pem)?;
        let shared = Arc::new(Shared::new(!self.plain_http));
        let admin = Admin::new(shared.clone());
        let accounts = admin.accounts();
        let identity = (!self.plain_http).then_some(identity);
        let server =
            Arc::new(Server { shared, identity, admin: admin::router(admin.clone()), crowd: Crowd::new() });
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let serve = move || {
            runtime.block_on(async {
                // Inside the runtime, because that is where the listener registers itself.
                if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                    server.run(listener, stopped).await;
                }
            });
        };
        let thread = thread::Builder::new().name("ccauth-sandbox".to_owned()).spawn(serve)?;
        let scheme = if self.plain_http { "http" } else { "https" };
        let url = format!("{scheme}://{}", reachable(address));
        Ok(Sandbox { url, ca_pem, ca_file, accounts, admin, stop: Some(stop), thread: Some(thread) })
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn write_ca(chosen: Option<PathBuf>, pem: &str) -> io::Result<CaFile> {
    match chosen {
        Some(path) => {
            std::fs::write(&path, pem)?;
            Ok(CaFile::Kept(path))
        }
        None => {
            let mut file = tempfile::Builder::new().prefix("ccauth-sandbox-ca-").suffix(".pem").tempfile()?;
            file.write_all(pem.as_bytes())?;
            Ok(CaFile::Temporary(file))
        }
    }
}

/// An address to connect to; nobody connects to "any address".
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            Ipv4Addr::LOCALHOST.into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        });
    }
    address
}
