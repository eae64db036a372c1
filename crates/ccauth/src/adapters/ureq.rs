//! The HTTPS transport: ureq and rustls, with every setting chosen for a single request that carries
//! credentials.
//!
//! | setting | value | why |
//! |---|---|---|
//! | timeouts | whole request, resolution, connection with TLS, each write; none for silence before the reply, since a slow vendor may have acted | ureq's default is none |
//! | redirects | none | they would carry credentials to another host |
//! | decoding | none, `Accept-Encoding: identity` | a small body must not become a large one |
//! | reply | 16 KiB of header, 64 KiB of body | a vendor's reply has less than 4 KiB |
//! | scheme | https, except where the login allows http, or the address connected to is loopback | |
//! | proxy | only a configured one | a variable of the environment must not divert credentials |
//! | idle connections | none are kept | a token request comes once in hours, and a fork must inherit none |
//! | roots | see the field `ca_file` | |

use std::fmt;
use std::io::Read;
use std::sync::OnceLock;

use ccauth_core::http::{self, Method, StatusCode, Uri};
use ccauth_core::{
    Body, Error, MAX_BODY, Place, Reply, Request, Transport, detail, is_close_delimited, zeroize::Zeroizing,
};
use ureq::tls::TlsConfig;
use ureq::{Agent, AsSendBody, config::Config};

use super::bounded::Bounded;
use super::failure::translate;
use super::resolver::Checked;
use super::roots::roots;
use super::settings::Settings;

const MAX_HEADER: usize = 16 * 1024;

/// The built-in transport. Opens nothing before its first request, keeps nothing open after one.
pub(crate) struct UreqTransport {
    settings: Settings,
    agent: OnceLock<Agent>,
}

impl UreqTransport {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings, agent: OnceLock::new() }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Made at the first request: the roots are read and parsed for it.
    fn agent(&self) -> Result<&Agent, ureq::Error> {
        if let Some(agent) = self.agent.get() {
            return Ok(agent);
        }
        let config = config(&self.settings).map_err(|e| ureq::Error::Other(Box::new(e)))?;
        let resolver = Checked { clear_text_anywhere: self.settings.https_only || self.settings.allow_http };
        Ok(self.agent.get_or_init(|| Agent::with_parts(config, Bounded::default(), resolver)))
    }

    /// Where a request goes, for messages: host, port, and the proxy on the way.
    fn peer(&self, uri: &Uri) -> String {
        let port = uri.port_u16().unwrap_or(if self.settings.https_only { 443 } else { 80 });
        let peer = format!("{}:{port}", uri.host().unwrap_or_default());
        match &self.settings.proxy {
            Some(proxy) => format!("{peer} through the proxy {}:{}", proxy.host(), proxy.port()),
            None => peer,
        }
    }

    fn exchange<B: AsSendBody>(&self, request: http::Request<B>) -> Result<Reply, ureq::Error> {
        let (head, mut body) = self.agent()?.run(request)?.into_parts();
        let headers = &head.headers;
        let promised = body.content_length();
        if promised.is_some_and(|length| length > MAX_BODY as u64) {
            return Err(ureq::Error::BodyExceedsLimit(MAX_BODY as u64));
        }
        let has_end = head.status == StatusCode::NO_CONTENT || !is_close_delimited(headers);
        if !has_end && self.settings.refuse_close_delimited {
            let message = "the reply's end is marked by the connection's close alone";
            return Err(ureq::Error::Other(Box::new(Error::new(&detail::BODY_CUT, message))));
        }
        // Room for everything at once: a growing buffer leaves copies of the token behind.
        let room = promised.map_or(MAX_BODY, |length| usize::try_from(length).unwrap_or(MAX_BODY));
        let mut bytes = Zeroizing::new(Vec::with_capacity(room + 1));
        body.with_config().limit(MAX_BODY as u64).reader().read_to_end(&mut bytes)?;
        Ok(Reply::from_parts(head, Body::new(std::mem::take(&mut *bytes))))
    }
}

impl Transport for UreqTransport {
    fn send(&self, request: Request) -> Result<Reply, Error> {
        let (mut head, body) = request.into_parts();
        let peer = self.peer(&head.uri);
        if body.place() == Place::Query {
            head.uri = with_query(&head.uri, body.bytes())?;
        }
        let reply = if head.method == Method::GET {
            self.exchange(http::Request::from_parts(head, ()))
        } else {
            self.exchange(http::Request::from_parts(head, body.bytes()))
        };
        reply.map_err(|e| translate(e, &peer, &self.settings))
    }
}

/// Shows the settings but the proxy, which may hold a password.
impl fmt::Debug for UreqTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UreqTransport")
            .field("timeout", &self.settings.total)
            .field("connect_timeout", &self.settings.step)
            .field("extra_roots", &self.settings.extra_roots.len())
            .field("proxy", &self.settings.proxy.is_some())
            .finish()
    }
}

fn config(settings: &Settings) -> Result<Config, Error> {
    let (total, step) = (Some(settings.total), Some(settings.step));
    let roots = roots(&settings.extra_roots)?;
    Ok(Agent::config_builder()
        .http_status_as_error(false)
        .https_only(settings.https_only)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(settings.proxy.clone())
        .user_agent(settings.user_agent.as_str())
        .accept_encoding("identity")
        .timeout_global(total)
        .timeout_resolve(step)
        .timeout_connect(step)
        .timeout_per_write(step)
        .max_response_header_size(MAX_HEADER)
        // Larger than the header's limit: a header that fills the buffer to the brim would look like an end
        // of the connection.
        .input_buffer_size(MAX_HEADER + 1024)
        .output_buffer_size(MAX_HEADER)
        .max_idle_connections(0)
        .max_idle_connections_per_host(0)
        .tls_config(TlsConfig::builder().root_certs(roots).build())
        .build())
}

fn with_query(uri: &Uri, arguments: &[u8]) -> Result<Uri, Error> {
    let bad = || Error::new(&detail::INTERNAL, "the arguments make no URL");
    let arguments = std::str::from_utf8(arguments).map_err(|_| bad())?;
    let start = if uri.query().is_some() { '&' } else { '?' };
    Zeroizing::new(format!("{uri}{start}{arguments}")).parse().map_err(|_| bad())
}
