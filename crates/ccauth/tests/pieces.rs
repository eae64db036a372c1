//! A source of one's own, out of the public pieces.

use std::sync::Arc;
use std::time::Duration;

use ccauth::{Clock, Instant, Login, ManualClock, Outcome, exchange};
use ccauth::{Error, Op, Secret, Timestamp, Token};
use ccauth_testkit::Scripted;

struct Source {
    login: Login,
    transport: Arc<Scripted>,
    clock: Arc<ManualClock>,
    held: Option<(Token, Instant)>,
}

impl Source {
    /// The held token, renewed in the vendor's way when less than a fifth of its life is left.
    fn token(&mut self) -> Result<Token, Error> {
        let op = match &self.held {
            Some((token, due)) if self.clock.now().instant < *due => return Ok(token.clone()),
            Some(_) => self.login.renewal().op(),
            None => Some(Op::Issue),
        };
        let held = self.held.as_ref().map(|(token, _)| token);
        let exchange = exchange(&self.login, &*self.transport, &*self.clock, op.expect("one to renew"), held);
        let Outcome::Token(token) = exchange.outcome? else { panic!("a token was asked for") };
        let life = token.expiry().left(exchange.sent_at.wall).unwrap_or(Duration::MAX);
        self.held = Some((token.clone(), exchange.sent_at.instant + life / 5 * 4));
        Ok(token)
    }
}

#[test]
fn a_source_is_forty_lines_over_the_public_pieces() {
    let reply = |token: &str| {
        let body = format!(r#"{{"success":true,"access_token":"{token}","expires_in":3600}}"#);
        format!("HTTP/1.1 200 OK\ncontent-type: application/json\n\n{body}")
    };
    let (first, second) = (reply("first"), reply("second"));
    let fields = [("email", Secret::from("clerk")), ("password", Secret::from("hunter2"))];
    let login = Login::new(ccauth::vendor("servetel").expect("a vendor"), fields).expect("good fields");
    let transport = Arc::new(Scripted::new([first.as_str(), second.as_str()]));
    let clock = Arc::new(ManualClock::new(Timestamp::from_second(1_800_000_000).expect("a time")));
    let mut source = Source { login, transport: transport.clone(), clock: clock.clone(), held: None };
    for (minutes, token, requests) in [(0, "first", 1), (47, "first", 1), (2, "second", 2), (47, "second", 2)]
    {
        clock.advance(Duration::from_secs(60 * minutes));
        let held = source.token().expect("a token");
        assert_eq!((held.value(), transport.sent().len()), (token, requests));
    }
    assert!(transport.sent()[1].contains("/v1/auth/refresh"));
}
