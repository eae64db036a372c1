//! A login that is usable because it exists: every field is known, present and well formed.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::Timestamp;
use crate::base_url::base_url;
use crate::carriage::Carriage;
use crate::detail::{CONFIG_MISSING, CONFIG_VALUE};
use crate::error::Error;
pub use crate::fields::{COMMON, MAX_VALUE};
use crate::fields::{check_value, find};
use crate::jwt;
use crate::request::basic_credentials;
use crate::secret::Secret;
use crate::token::{Expiry, Token};
use crate::vendor::{Descriptor, Field, FieldKind, Need, Op, Renewal, Vendor};

/// One account at one vendor: credentials and options that have passed every check.
#[derive(Clone)]
pub struct Login {
    vendor: &'static dyn Vendor,
    values: Vec<(&'static Field, Secret)>,
    base_url: String,
    carriage: Carriage,
    renewal: Renewal,
    /// The token that needs no request.
    ready: Option<Token>,
    /// The value that [`Login::with`] took away: a vendor may still say it back.
    replaced: Option<Secret>,
}

impl Login {
    /// Checks `fields` against the vendor's descriptor.
    ///
    /// # Errors
    /// `config.unknown` (with the nearest name), `config.missing`, `config.value` or `config.url`. The
    /// message names the field, never its value.
    pub fn new<'a>(
        vendor: &'static dyn Vendor,
        fields: impl IntoIterator<Item = (&'a str, Secret)>,
    ) -> Result<Self, Error> {
        let descriptor = vendor.descriptor();
        let refuse = |e: Error| e.with_vendor(descriptor.id);
        let mut values: Vec<(&'static Field, Secret)> = Vec::new();
        for (name, value) in fields {
            let field = find(descriptor, name).map_err(refuse)?;
            check_value(field, value.expose()).map_err(refuse)?;
            if values.iter().any(|(known, _)| known.name == field.name) {
                return Err(refuse(Error::new(&CONFIG_VALUE, format!("{name}: given twice"))));
            }
            values.push((field, value));
        }
        Self::assemble(vendor, values).map_err(refuse)
    }

    fn assemble(vendor: &'static dyn Vendor, values: Vec<(&'static Field, Secret)>) -> Result<Self, Error> {
        let descriptor = vendor.descriptor();
        let mut login = Self {
            vendor,
            values,
            base_url: String::new(),
            carriage: descriptor.carriage.clone(),
            renewal: descriptor.renewal,
            ready: None,
            replaced: None,
        };
        login.base_url = base_url(&login)?;
        if let Some(text) = login.get("carriage") {
            login.carriage = Carriage::parse(text)?;
        }
        if login.carriage == Carriage::Basic && descriptor.basic.is_none() {
            return Err(Error::new(&CONFIG_VALUE, "carriage: this vendor takes no plain Basic"));
        }
        if let Some(word) = login.get("renewal") {
            let unknown = || Error::new(&CONFIG_VALUE, "renewal: no such mode");
            login.renewal = Renewal::from_name(word).ok_or_else(unknown)?;
        }
        if login.get("token").is_some() || login.carriage == Carriage::Basic {
            login.renewal = Renewal::Static;
        }
        if login.renewal == Renewal::Refresh && !descriptor.can(Op::Renew) {
            return Err(Error::new(&CONFIG_VALUE, "renewal: this vendor has no refresh"));
        }
        if login.get("token").is_none() {
            for field in descriptor.fields {
                login.check_present(field)?;
            }
        }
        login.ready = login.parse_ready()?;
        vendor.check(&login)?;
        Ok(login)
    }

    fn check_present(&self, field: &Field) -> Result<(), Error> {
        let alternative = match field.need {
            Need::Required => "",
            Need::Unless(other) => other,
            Need::Optional => return Ok(()),
        };
        if self.get(field.name).is_some() || self.get(alternative).is_some() {
            return Ok(());
        }
        let or = if alternative.is_empty() { String::new() } else { format!(" (or {alternative})") };
        Err(Error::new(&CONFIG_MISSING, format!("{}{or} is missing: {}", field.name, field.doc)))
    }

    /// The same login with one value replaced: a new password, a rotated key. The replaced value is kept for
    /// taking it out of a vendor's words, until [`Login::forget_replaced`].
    ///
    /// # Errors
    /// As [`Login::new`].
    pub fn with(&self, name: &str, value: Secret) -> Result<Self, Error> {
        let kept = self.values.iter().filter(|(field, _)| field.name != name);
        let kept = kept.map(|(field, value)| (field.name, value.clone()));
        let mut login = Self::new(self.vendor, kept.chain([(name, value)]))?;
        login.replaced = self.get(name).map(Secret::from);
        Ok(login)
    }

    /// Wipes the value that [`Login::with`] replaced.
    pub fn forget_replaced(&mut self) {
        self.replaced = None;
    }

    /// The vendor.
    pub fn vendor(&self) -> &'static dyn Vendor {
        self.vendor
    }

    /// The vendor's descriptor.
    pub fn descriptor(&self) -> &'static Descriptor {
        self.vendor.descriptor()
    }

    /// A field's value, if it was given.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(field, _)| field.name == name).map(|(_, value)| value.expose())
    }

    /// A field's value.
    ///
    /// # Errors
    /// `config.missing`: a login with a pasted token has no credentials to obtain another.
    pub fn require(&self, name: &'static str) -> Result<&str, Error> {
        self.get(name).ok_or_else(|| {
            Error::new(&CONFIG_MISSING, format!("{name} is needed for this operation"))
                .with_vendor(self.descriptor().id)
        })
    }

    /// The prefix of every path: `https://host[:port][/path]`, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// How the token travels.
    pub fn carriage(&self) -> &Carriage {
        &self.carriage
    }

    /// How the token is kept fresh.
    pub fn renewal(&self) -> Renewal {
        self.renewal
    }

    /// The token that needs no request, as if asked for at `now`: the pasted one, or the credentials themselves
    /// as plain Basic.
    pub fn ready(&self, now: Timestamp) -> Option<Token> {
        self.ready.clone().map(|token| token.with_issued_at(now))
    }

    fn parse_ready(&self) -> Result<Option<Token>, Error> {
        // No vendor sent this text: it is the configuration's, and asking again mends nothing.
        let unusable = |field: &str, e: Error| Error::new(&CONFIG_VALUE, format!("{field}: {}", e.message()));
        let begin = Timestamp::UNIX_EPOCH;
        if let Some(pasted) = self.get("token") {
            let bare = without_scheme(pasted, "bearer");
            let expiry = jwt::expiry(bare).unwrap_or(Expiry::NEVER);
            let token = Token::new(bare.into(), self.carriage.clone(), begin, expiry);
            return token.map(Some).map_err(|e| unusable("token", e));
        }
        match (&self.carriage, self.descriptor().basic) {
            (Carriage::Basic, Some((user, password))) => {
                let pair = basic_credentials(self.require(user)?, self.require(password)?);
                let token = Token::new(pair.into(), Carriage::Basic, begin, Expiry::NEVER);
                token.map(Some).map_err(|e| unusable("carriage", e))
            }
            _ => Ok(None),
        }
    }

    /// Every secret value, for taking them out of a vendor's words: as it is, and without the scheme that was
    /// pasted with it, since the vendor may quote either form.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.values
            .iter()
            .filter(|(field, _)| field.kind == FieldKind::Secret)
            .map(|(_, value)| value)
            .chain(&self.replaced)
            .map(Secret::expose)
            .flat_map(|value| [value, without_scheme(without_scheme(value, "bearer"), "basic")])
    }
}

/// Shows the vendor and the field names; values only of fields that are not secret.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Login");
        out.field("vendor", &self.descriptor().id).field("base_url", &self.base_url);
        for (field, value) in &self.values {
            match field.kind {
                FieldKind::Secret => out.field(field.name, value),
                FieldKind::Text | FieldKind::Choice(_) => out.field(field.name, &value.expose()),
            };
        }
        out.finish()
    }
}

/// Checks the user id of plain Basic, which cannot hold a colon (RFC 7617 section 2).
///
/// # Errors
/// `config.value`, naming the field.
pub fn check_basic_user(login: &Login, name: &'static str) -> Result<(), Error> {
    match login.get(name) {
        Some(user) if user.contains(':') => {
            Err(Error::new(&CONFIG_VALUE, format!("{name}: a colon cannot stand in a Basic user id")))
        }
        _ => Ok(()),
    }
}

/// A pasted credential without blanks around it and without the scheme before it: `Basic abc` is `abc`.
pub fn without_scheme<'a>(pasted: &'a str, scheme: &str) -> &'a str {
    let pasted = pasted.trim();
    let (first, rest) = pasted.split_once(' ').unwrap_or((pasted, ""));
    if first.eq_ignore_ascii_case(scheme) { rest.trim_start() } else { pasted }
}
