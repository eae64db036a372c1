//! A host with an HTTP client of its own: ccauth builds and reads, the host sends.
#![expect(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use std::sync::Arc;

use ccauth::{Account, Client, Error, Reply, Request, Transport};
use ccauth::{Body, http::Response};

/// Stands for the host's client; this one answers from memory.
#[derive(Debug)]
struct HostTransport;

impl Transport for HostTransport {
    fn send(&self, request: Request) -> Result<Reply, Error> {
        // Arguments marked `Place::Query` would go behind a `?`; these go into the content.
        println!("{} {} with {} bytes", request.method(), request.uri(), request.body().bytes().len());
        let reply = br#"{"access_token":"from-the-host","scope":"cx.agent-calls","expires_in":3600}"#;
        let mut answer = Response::new(Body::new(reply.to_vec()));
        answer.headers_mut().insert("content-length", reply.len().into());
        Ok(answer)
    }
}

fn main() -> Result<(), Error> {
    let client = Client::builder().transport(Arc::new(HostTransport)).build();
    let account = Account::builder("sangoma")
        .client(&client)
        .field("client_id", "id")
        .field("client_secret", "secret")
        .field("scopes", "cx.agent-calls")
        .build()?;
    let token = account.issue()?;
    println!("scope {:?}, expiry from {}", token.extra("scope"), token.expiry().source.name());
    Ok(())
}
