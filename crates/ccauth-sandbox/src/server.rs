//! The loop: accept, shake hands, read requests, send what was decided.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_rustls::LazyConfigAcceptor;

use crate::crowd::{Crowd, Standing};
use crate::exchange::{Arrival, decide};
use crate::fault::{Action, ArmedFault, CertificateFault, Delivery, Form, Target};
use crate::message::Reply;
use crate::script::Script;
use crate::state::Shared;
use crate::tls::Identity;
use crate::wire::{Tap, Wire, reset_on_drop};

/// More than any client of a token API sends, in bytes.
const LARGEST_BODY: usize = 256 << 10;

/// Room for a fault's reply.
const LARGEST_ADMIN_BODY: usize = 1 << 20;

/// What a client gets that has come to the wrong port.
const GREETING: &[u8] = b"SSH-2.0-this is no ServerHello\r\n";

/// The kernel makes the least of it that it can.
const SMALLEST_WINDOW: usize = 1;

/// What every connection needs.
pub(crate) struct Server {
    pub(crate) shared: Arc<Shared>,
    /// `None` speaks plain HTTP.
    pub(crate) identity: Option<Identity>,
    pub(crate) admin: axum::Router,
    pub(crate) crowd: Crowd,
}

impl Server {
    /// Serves until told to stop; connections end with the runtime.
    pub(crate) async fn run(self: Arc<Server>, listener: TcpListener, mut stop: oneshot::Receiver<()>) {
        loop {
            tokio::select! {
                _ = &mut stop => return,
                () = self.accept(&listener) => {}
            }
        }
    }

    async fn accept(self: &Arc<Server>, listener: &TcpListener) {
        let Ok((stream, peer)) = listener.accept().await else {
            // Out of descriptors, or a client that left early: neither is a reason to stop.
            self.crowd.make_room();
            return tokio::time::sleep(Duration::from_millis(10)).await;
        };
        let seat = self.crowd.seat().await;
        let server = self.clone();
        tokio::spawn(async move {
            let _seat = seat;
            let (standing, watched) = watch::channel(Standing::New);
            tokio::select! {
                () = server.connection(stream, peer, standing) => {}
                () = server.crowd.must_leave(watched) => {}
            }
        });
    }

    async fn connection(
        self: &Arc<Server>,
        stream: TcpStream,
        peer: SocketAddr,
        standing: watch::Sender<Standing>,
    ) {
        let tap = Arc::new(Tap::default());
        let (id, struck) = self.shared.change(|state| {
            let struck = state.faults.pick(&Target::Connection);
            let label = struck.as_ref().map(|(id, fault)| ArmedFault::label(*id, &fault.action));
            (state.journal.accept(tap.clone(), label), struck.map(|(_, fault)| fault.action))
        });
        let _end = End { shared: &self.shared, id };
        // Small replies leave at once; latency is what clients measure here.
        let _ = stream.set_nodelay(true);
        if let Some(Action::NeverRead {}) = struck {
            let _ = SockRef::from(&stream).set_recv_buffer_size(SMALLEST_WINDOW);
        }
        match struck {
            Some(Action::Reset { .. }) => reset_on_drop(&stream),
            Some(Action::Close { .. }) => {}
            struck => {
                if let Some(wire) = self.handshake(id, stream, tap.clone(), struck.as_ref()).await {
                    match struck {
                        Some(Action::NeverRead {}) => std::future::pending().await,
                        _ => self.http(Peer { id, address: peer.ip(), tap, standing }, wire).await,
                    }
                }
            }
        }
    }

    /// The stream to speak HTTP over; `None` when there is nobody left to speak to.
    async fn handshake(
        &self,
        id: u64,
        stream: TcpStream,
        tap: Arc<Tap>,
        struck: Option<&Action>,
    ) -> Option<Wire> {
        let note = |outcome: String| self.shared.change(|state| state.journal.note_tls(id, outcome));
        let Some(identity) = &self.identity else {
            note("plain".to_owned());
            return Some(Wire::plain(stream, tap));
        };
        let hello = match LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream).await {
            Ok(hello) => hello,
            Err(error) => {
                note(reason(&error));
                return None;
            }
        };
        let sni = hello.client_hello().server_name().map(str::to_owned);
        self.shared.change(|state| state.journal.note_sni(id, sni));
        let certificate: Option<CertificateFault> = match struck {
            Some(Action::TlsStall {}) => {
                note("stalled on purpose".to_owned());
                drain(hello.io).await;
                return None;
            }
            Some(Action::TlsGarbage { bytes }) => {
                note("garbage on purpose".to_owned());
                let mut stream = hello.io;
                let garbage = bytes.as_ref().map_or(GREETING, |bytes| bytes.0.as_slice());
                let _ = stream.write_all(garbage).await;
                let _ = stream.shutdown().await;
                drain(stream).await;
                return None;
            }
            Some(Action::Certificate { kind }) => Some(*kind),
            _ => None,
        };
        match hello.into_stream(identity.config(certificate)).await {
            Ok(stream) => {
                note("ok".to_owned());
                Some(Wire::tls(stream, tap))
            }
            Err(error) => {
                note(reason(&error));
                None
            }
        }
    }

    /// HTTP until the client leaves, or until a script takes the connection over.
    async fn http(self: &Arc<Server>, peer: Peer, wire: Wire) {
        let (take_over, mut scripts) = mpsc::unbounded_channel();
        let peer = Arc::new(peer);
        let service = service_fn(|request| {
            let (server, peer, take_over) = (self.clone(), peer.clone(), take_over.clone());
            async move {
                let response = server.request(request, &peer, &take_over).await;
                peer.standing.send_replace(Standing::Idle);
                Ok::<_, Infallible>(response)
            }
        });
        let mut http = http1::Builder::new();
        let mut connection = http.title_case_headers(true).serve_connection(TokioIo::new(wire), service);
        let script: Option<Script> = tokio::select! {
            // A connection that breaks is the client's affair, and often a test's intention.
            _ = &mut connection => None,
            script = scripts.recv() => script,
        };
        if let Some(script) = script {
            script.play(connection.into_parts().io.into_inner()).await;
        }
    }

    async fn request(
        &self,
        request: Request<Incoming>,
        peer: &Peer,
        take_over: &mpsc::UnboundedSender<Script>,
    ) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let is_admin = parts.uri.path() == "/_sandbox" || parts.uri.path().starts_with("/_sandbox/");
        let limit = if is_admin { LARGEST_ADMIN_BODY } else { LARGEST_BODY };
        let body = to_bytes(Body::new(body), limit).await;
        let raw = peer.tap.take();
        peer.standing.send_replace(Standing::Busy);
        let Ok(body) = body else {
            let why = format!("The body is broken or larger than {} KiB.\n", limit >> 10);
            return response(Reply::new(413, "text/plain", why));
        };
        if is_admin {
            let admin = TowerToHyperService::new(self.admin.clone());
            let request = Request::from_parts(parts, Body::from(body));
            return admin.call(request).await.unwrap_or_else(|never: Infallible| match never {});
        }
        let arrival = Arrival {
            connection: peer.id,
            peer: peer.address,
            method: parts.method,
            uri: parts.uri,
            headers: parts.headers,
            body: body.to_vec(),
            raw,
        };
        let (delivery, fault) = self.shared.change(|state| decide(arrival, state));
        let Delivery { delay, held, form, .. } = delivery;
        tokio::time::sleep(delay).await;
        if let (true, Some(fault)) = (held, fault) {
            self.shared.wait_async(|state| (!state.faults.is_set(fault)).then_some(())).await;
        }
        match form {
            Form::Whole(reply) => response(reply),
            Form::Script(script) => {
                // The connection's task drops this future as soon as it has the script.
                let _ = take_over.send(script);
                std::future::pending().await
            }
        }
    }
}

/// Who is at the other end of a connection.
struct Peer {
    id: u64,
    address: IpAddr,
    tap: Arc<Tap>,
    standing: watch::Sender<Standing>,
}

/// Marks a connection as closed, however its task ends.
struct End<'a> {
    shared: &'a Shared,
    id: u64,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.shared.change(|state| state.journal.note_end(self.id));
    }
}

fn response(reply: Reply) -> Response<Body> {
    let mut response = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    // Faults are checked when they are set, so the headers are good.
    response.body(Body::from(reply.body)).unwrap_or_default()
}

/// Why a handshake failed: the client's alert by its name, where there is one.
fn reason(error: &io::Error) -> String {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::AlertReceived(alert)) => format!("alert {alert:?}"),
        Some(error) => format!("failed: {error}"),
        None => format!("failed: {error}"),
    }
}

/// Reads until the client leaves.
async fn drain(mut stream: TcpStream) {
    let mut ignored = [0; 1024];
    while stream.read(&mut ignored).await.is_ok_and(|count| count > 0) {}
}
