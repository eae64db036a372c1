//! One account at one vendor, and the vendor's operations, each a single request.

use std::sync::Arc;

use ccauth_core::{
    Descriptor, Error, Expiry, Login, Op, Outcome, Reading, Renewal, Secret, Token, Transport, Vendor, detail,
};

use crate::adapters::clock;
use crate::registry;

/// One account at one vendor. Every call sends at most one request and returns within the field
/// `timeout_ms`. Share it between threads by reference: it holds no lock.
#[derive(Clone, Debug)]
pub struct Client {
    vendor: &'static dyn Vendor,
    login: Login,
    transport: Arc<dyn Transport>,
}

/// Collects the fields of a [`Client`].
#[derive(Debug)]
pub struct ClientBuilder {
    vendor: Result<&'static dyn Vendor, Error>,
    fields: Vec<(String, Secret)>,
    transport: Option<Arc<dyn Transport>>,
}

impl Client {
    /// Starts a client of the vendor with this id. A wrong id is reported by [`ClientBuilder::build`].
    pub fn builder(vendor_id: &str) -> ClientBuilder {
        ClientBuilder { vendor: registry::vendor(vendor_id), fields: Vec::new(), transport: None }
    }

    /// What the vendor needs and can do.
    pub fn descriptor(&self) -> &'static Descriptor {
        self.vendor.descriptor()
    }

    /// How this account's token is kept fresh.
    pub fn renewal(&self) -> Renewal {
        self.login.renewal()
    }

    /// The prefix of every path.
    pub fn base_url(&self) -> &str {
        self.login.base_url()
    }

    /// The way that requests travel, for a call of your own with the same timeouts, roots and proxy.
    pub fn transport(&self) -> &dyn Transport {
        &*self.transport
    }

    /// Obtains a token with the credentials. A pasted token, and plain Basic, need no request.
    ///
    /// # Errors
    /// `token.expired` when the token has already ended; otherwise whatever the vendor or the way to it
    /// says.
    pub fn issue(&self) -> Result<Token, Error> {
        let token = match self.login.ready(clock::now())? {
            Some(token) => token,
            None => return self.token(Op::Issue, None),
        };
        self.alive(token)
    }

    /// Renews `held` in the vendor's way: exchanges it, or asks for another. A vendor that re-serves a
    /// live token gives the same one: compare with [`Token::same_value`].
    ///
    /// # Errors
    /// As [`Client::issue`]; `operation.unsupported` where there is nothing to renew. Where an exchange
    /// fails, `held` must be taken for lost: go on with [`Client::issue`].
    pub fn renew(&self, held: &Token) -> Result<Token, Error> {
        match self.login.renewal() {
            Renewal::Refresh => self.token(Op::Renew, Some(held)),
            Renewal::Static => {
                let message = "the renewal of this account is static: there is nothing to renew";
                Err(Error::new(&detail::OPERATION_UNSUPPORTED, message).with_vendor(self.descriptor().id))
            }
            _ => self.issue(),
        }
    }

    /// Asks the vendor whether `held` is still valid, and until when.
    ///
    /// # Errors
    /// Kind REVOKED when it is not; `operation.unsupported` where the vendor cannot say.
    pub fn validate(&self, held: &Token) -> Result<Expiry, Error> {
        match self.run(&self.login, Op::Validate, Some(held))? {
            Outcome::Valid(expiry) => Ok(expiry),
            other => Err(self.unexpected(Op::Validate, &other)),
        }
    }

    /// Makes `held` invalid, for every holder.
    ///
    /// # Errors
    /// `operation.unsupported` where the vendor cannot.
    pub fn revoke(&self, held: &Token) -> Result<(), Error> {
        self.run(&self.login, Op::Revoke, Some(held)).map(drop)
    }

    /// Changes the account's password by means of `held`, and goes on with the new one. On failure the client
    /// keeps the old one. Which one the vendor has then is certain after the kinds INVALID, UNSUPPORTED,
    /// CREDENTIALS, FORBIDDEN, REVOKED, RESOLVE, CONNECT and TLS alone: after any other, it may have acted
    /// before the reply went wrong.
    ///
    /// # Errors
    /// `config.value` when `new` is not usable; `operation.unsupported` where the vendor cannot.
    pub fn change_password(&mut self, held: &Token, new: impl Into<Secret>) -> Result<(), Error> {
        if !self.descriptor().can(Op::ChangePassword) {
            return Err(self.descriptor().unsupported(Op::ChangePassword));
        }
        let mut login = self.login.with(self.vendor, "password", new.into())?;
        self.run(&login, Op::ChangePassword, Some(held))?;
        login.forget_replaced();
        self.login = login;
        Ok(())
    }

    fn token(&self, op: Op, held: Option<&Token>) -> Result<Token, Error> {
        match self.run(&self.login, op, held)? {
            Outcome::Token(token) => self.alive(token),
            other => Err(self.unexpected(op, &other)),
        }
    }

    fn alive(&self, token: Token) -> Result<Token, Error> {
        if !token.is_expired(clock::now()) {
            return Ok(token);
        }
        let message =
            "the token has expired; the vendor gives another one in a moment, a pasted one must be replaced";
        Err(Error::new(&detail::TOKEN_EXPIRED, message).with_vendor(self.descriptor().id))
    }

    /// Builds, sends, reads: the one way to the vendor.
    fn run(&self, login: &Login, op: Op, held: Option<&Token>) -> Result<Outcome, Error> {
        let id = self.descriptor().id;
        let sent_at = clock::now();
        let request = self.vendor.build(op, login, held, sent_at)?;
        let reply = self.transport.send(request).map_err(|e| e.with_vendor(id));
        let outcome =
            reply.and_then(|reply| self.vendor.read(&Reading::new(op, login, held, &reply, sent_at)));
        match &outcome {
            Ok(_) => log::debug!("{id}: {} succeeded", op.name()),
            Err(e) => log::debug!("{id}: {} failed: {e}", op.name()),
        }
        outcome
    }

    fn unexpected(&self, op: Op, outcome: &Outcome) -> Error {
        let message = format!("{} came to {outcome:?}", op.name());
        Error::new(&detail::INTERNAL, message).with_vendor(self.descriptor().id)
    }
}

impl ClientBuilder {
    /// Sets one of the vendor's fields, or one of those that all vendors have. Names and values are
    /// checked by [`ClientBuilder::build`].
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// Sends requests through `transport` instead of the built-in one. The fields of the built-in one
    /// (timeouts, CA file, proxy) are then without effect.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Checks every field and makes the client. Reads the CA file if one is named; sends nothing.
    ///
    /// # Errors
    /// Kind INVALID, naming the field and what was expected, never the value.
    pub fn build(self) -> Result<Client, Error> {
        let vendor = self.vendor?;
        let login =
            Login::new(vendor, self.fields.iter().map(|(name, value)| (name.as_str(), value.clone())))?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => default_transport(&login).map_err(|e| e.with_vendor(vendor.descriptor().id))?,
        };
        Ok(Client { vendor, login, transport })
    }
}

#[cfg(feature = "ureq")]
fn default_transport(login: &Login) -> Result<Arc<dyn Transport>, Error> {
    Ok(Arc::new(crate::UreqTransport::new(login)?))
}

#[cfg(not(feature = "ureq"))]
fn default_transport(_: &Login) -> Result<Arc<dyn Transport>, Error> {
    Err(Error::new(&detail::TRANSPORT_MISSING, "this build has no HTTPS transport; hand one in"))
}
