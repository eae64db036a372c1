//! One account at one vendor, and the vendor's operations, each a single request.

use std::sync::Arc;

use arc_swap::ArcSwap;
use ccauth_core::{
    Clock, Descriptor, Error, Exchange, Expiry, Login, Op, Outcome, Secret, Timestamp, Token, Transport,
    detail, exchange,
};

use crate::adapters::FIELDS;
use crate::client::Client;
use crate::registry;
use crate::shelf::Shelf;

/// A checked login at a vendor. Every call sends at most one request and returns within the field
/// `timeout_ms`. Cheap to clone, and free to be called by many threads at once; clones share the login.
#[derive(Clone, Debug)]
pub struct Account(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    /// Replaced as a whole.
    login: ArcSwap<Login>,
    transport: Arc<dyn Transport>,
    /// Where a source of it keeps its tokens.
    shelf: Option<Arc<Shelf>>,
    client: Client,
}

/// Collects the fields of an [`Account`].
#[derive(Clone, Debug)]
pub struct AccountBuilder {
    vendor_id: String,
    fields: Vec<(String, Secret)>,
    client: Option<Client>,
}

impl Account {
    /// Starts an account of the vendor with this id. A wrong id is reported by [`AccountBuilder::build`].
    pub fn builder(vendor_id: &str) -> AccountBuilder {
        AccountBuilder { vendor_id: vendor_id.to_owned(), fields: Vec::new(), client: None }
    }

    fn new(login: Login, client: Client) -> Result<Self, Error> {
        let transport = client.transport(&login).map_err(|e| e.with_vendor(login.descriptor().id))?;
        let shelf = client.shelf(&login).map_err(|e| e.with_vendor(login.descriptor().id))?;
        Ok(Self(Arc::new(Parts { login: ArcSwap::from_pointee(login), transport, shelf, client })))
    }

    /// The same account with one field replaced: a rotated key, another time limit. Everything is checked again,
    /// by whoever owns the field; this account stays as it is.
    ///
    /// # Errors
    /// As [`AccountBuilder::build`].
    pub fn with(&self, name: &str, value: impl Into<Secret>) -> Result<Self, Error> {
        let mut login = self.login().with(name, value.into())?;
        login.forget_replaced();
        Self::new(login, self.0.client.clone())
    }

    /// What the vendor needs and can do.
    pub fn descriptor(&self) -> &'static Descriptor {
        self.0.login.load().descriptor()
    }

    /// The fields as they are now: where the vendor is reached, how the token travels and is kept fresh.
    pub fn login(&self) -> Arc<Login> {
        self.0.login.load_full()
    }

    /// The way that requests travel, for a call of your own with the same timeouts, roots and proxy.
    pub fn transport(&self) -> &dyn Transport {
        &*self.0.transport
    }

    /// Obtains a token with the credentials. A pasted token, and plain Basic, need no request.
    ///
    /// # Errors
    /// `token.expired` when the token has already ended; otherwise whatever the vendor or the way to it
    /// says.
    pub fn issue(&self) -> Result<Token, Error> {
        self.token(Op::Issue, None)
    }

    /// Renews `held` in the vendor's way: exchanges it, or asks for another. A vendor that re-serves a
    /// live token gives the same one: compare with [`Token::same_value`].
    ///
    /// # Errors
    /// As [`Account::issue`]; `operation.unsupported` where there is nothing to renew. Where an exchange
    /// fails, `held` must be taken for lost: go on with [`Account::issue`].
    pub fn renew(&self, held: &Token) -> Result<Token, Error> {
        let op = self.login().renewal().op().ok_or_else(|| {
            let message = "the renewal of this account is static: there is nothing to renew";
            Error::new(&detail::OPERATION_UNSUPPORTED, message).with_vendor(self.descriptor().id)
        })?;
        self.token(op, Some(held))
    }

    /// Asks the vendor whether `held` is still valid, and until when.
    ///
    /// # Errors
    /// Kind REVOKED when it is not; `operation.unsupported` where the vendor cannot say.
    pub fn validate(&self, held: &Token) -> Result<Expiry, Error> {
        match self.run(&self.login(), Op::Validate, Some(held))? {
            Outcome::Valid(expiry) => Ok(expiry),
            other => Err(self.unexpected(Op::Validate, &other)),
        }
    }

    /// Makes `held` invalid, for every holder.
    ///
    /// # Errors
    /// `operation.unsupported` where the vendor cannot.
    pub fn revoke(&self, held: &Token) -> Result<(), Error> {
        self.run(&self.login(), Op::Revoke, Some(held)).map(drop)
    }

    /// Changes the account's password by means of `held`; this account and its clones go on with the new one. On
    /// failure they keep the old one: where [`ErrorKind::may_have_acted`](crate::ErrorKind::may_have_acted), the vendor may have the new one.
    ///
    /// # Errors
    /// `config.value` when `new` is not usable; `operation.unsupported` where the vendor cannot.
    pub fn change_password(&self, held: &Token, new: impl Into<Secret>) -> Result<(), Error> {
        if !self.descriptor().can(Op::ChangePassword) {
            return Err(self.descriptor().unsupported(Op::ChangePassword));
        }
        let mut login = self.login().with("password", new.into())?;
        self.run(&login, Op::ChangePassword, Some(held))?;
        login.forget_replaced();
        self.0.login.store(Arc::new(login));
        Ok(())
    }

    fn token(&self, op: Op, held: Option<&Token>) -> Result<Token, Error> {
        match self.run(&self.login(), op, held)? {
            Outcome::Token(token) => Ok(token),
            other => Err(self.unexpected(op, &other)),
        }
    }

    fn run(&self, login: &Login, op: Op, held: Option<&Token>) -> Result<Outcome, Error> {
        self.send(login, op, held).outcome
    }

    /// One operation, and when it began and ended.
    pub(crate) fn exchange(&self, op: Op, held: Option<&Token>) -> Exchange {
        self.send(&self.login(), op, held)
    }

    fn send(&self, login: &Login, op: Op, held: Option<&Token>) -> Exchange {
        let exchange = exchange(login, self.transport(), self.clock(), op, held);
        let id = self.descriptor().id;
        match &exchange.outcome {
            Ok(_) => log::debug!("{id}: {} succeeded", op.name()),
            Err(e) => log::debug!("{id}: {} failed: {e}", op.name()),
        }
        exchange
    }

    /// The host and its port, whose budget a request is counted against.
    pub(crate) fn host(&self) -> String {
        let login = self.login();
        let behind = login.base_url().split_once("://").map_or("", |(_, behind)| behind);
        behind.split('/').next().unwrap_or_default().to_owned()
    }

    /// Whether it is the same one, not one of equal parts.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Where a source of it keeps its tokens. A token that needs no request needs no place either.
    pub(crate) fn shelf(&self) -> Option<&Arc<Shelf>> {
        self.0.shelf.as_ref().filter(|_| self.login().ready(Timestamp::UNIX_EPOCH).is_none())
    }

    pub(crate) fn client(&self) -> &Client {
        &self.0.client
    }

    fn clock(&self) -> &dyn Clock {
        self.client().clock()
    }

    fn unexpected(&self, op: Op, outcome: &Outcome) -> Error {
        let message = format!("{} came to {outcome:?}", op.name());
        Error::new(&detail::INTERNAL, message).with_vendor(self.descriptor().id)
    }
}

impl AccountBuilder {
    /// Uses `client` instead of the process's default one.
    #[must_use]
    pub fn client(mut self, client: &Client) -> Self {
        self.client = Some(client.clone());
        self
    }

    /// Sets one of the vendor's fields, or one of those that all vendors have. Names and values are
    /// checked by [`AccountBuilder::build`].
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// Sets a field in the place of what it had, and checks its name and, by itself, its value at once.
    ///
    /// # Errors
    /// `config.unknown` (with the nearest name), `config.value` or, for a wrong id, `config.vendor`; what the field had
    /// stays.
    pub fn set(&mut self, name: &str, value: impl Into<Secret>) -> Result<(), Error> {
        let value = value.into();
        Login::check_field(registry::vendor(&self.vendor_id)?, &FIELDS, name, &value)?;
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value));
        Ok(())
    }

    /// Checks every field and makes the account. Reads the CA file and the store's key if they are named; sends nothing.
    ///
    /// # Errors
    /// Kind INVALID, naming the field and what was expected, never the value.
    pub fn build(self) -> Result<Account, Error> {
        let vendor = registry::vendor(&self.vendor_id)?;
        let fields = self.fields.iter().map(|(name, value)| (name.as_str(), value.clone()));
        let login = Login::with_fields_of(vendor, &FIELDS, fields)?;
        Account::new(login, self.client.unwrap_or_default())
    }
}
