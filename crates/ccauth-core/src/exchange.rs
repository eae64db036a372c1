//! The one way to a vendor: build, send, read.

use alloc::format;
use alloc::string::ToString;

use crate::Timestamp;
use crate::detail::{BODY_HTML, ENDPOINT_WRONG, TOKEN_EXPIRED};
use crate::error::Error;
use crate::login::Login;
use crate::op::Op;
use crate::ports::{Clock, Now, Transport};
use crate::quote::masked;
use crate::reading::Reading;
use crate::token::Token;
use crate::vendor::Outcome;

/// What an operation came to, and when.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// When it began: a token's life is counted from here.
    pub sent_at: Now,
    /// When it ended.
    pub received_at: Now,
    /// What the vendor's clock showed when it answered, where its `Date` can be believed.
    pub vendor_clock: Option<Timestamp>,
    /// What the vendor gave. A token in it has not ended.
    pub outcome: Result<Outcome, Error>,
}

/// Makes one operation of the login's vendor: one request at most, none where a pasted token or plain Basic
/// answers [`Op::Issue`]. `held` is the token that the operation acts on; [`Op::ChangePassword`] takes the
/// login with the new password. Blocks as long as `transport` does.
pub fn exchange(
    login: &Login,
    transport: &dyn Transport,
    clock: &dyn Clock,
    op: Op,
    held: Option<&Token>,
) -> Exchange {
    let sent_at = clock.now();
    let mut vendor_clock = None;
    let outcome = ask(login, transport, op, held, sent_at, &mut vendor_clock);
    let received_at = clock.now();
    let outcome = outcome.and_then(|outcome| alive(outcome, login, received_at));
    let outcome = outcome.map_err(|e| e.with_heard_at(received_at.instant));
    Exchange { sent_at, received_at, vendor_clock, outcome }
}

fn ask(
    login: &Login,
    transport: &dyn Transport,
    op: Op,
    held: Option<&Token>,
    sent_at: Now,
    vendor_clock: &mut Option<Timestamp>,
) -> Result<Outcome, Error> {
    if op == Op::Issue
        && let Some(token) = login.ready(sent_at.wall)
    {
        return Ok(Outcome::Token(token));
    }
    let vendor = login.vendor();
    let request = vendor.build(op, login, held, sent_at.wall)?;
    // A token in the query is no part of the URI yet.
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let reply = transport.send(request).map_err(|e| e.with_vendor(vendor.descriptor().id))?;
    let reading = Reading::new(op, login, held, &reply, sent_at.wall);
    *vendor_clock = reading.date();
    let outcome = vendor.read(&reading);
    outcome.map_err(|e| match e.detail() == &ENDPOINT_WRONG || e.detail() == &BODY_HTML {
        true => e.with_place(&format!("{method} {}", masked(&uri.to_string(), login.secrets()))),
        false => e,
    })
}

fn alive(outcome: Outcome, login: &Login, now: Now) -> Result<Outcome, Error> {
    match outcome {
        Outcome::Token(token) if token.is_expired(now.wall) => {
            let message = "the token has expired; the vendor gives another one in a moment, a pasted one must be replaced";
            Err(Error::new(&TOKEN_EXPIRED, message).with_vendor(login.descriptor().id))
        }
        outcome => Ok(outcome),
    }
}
