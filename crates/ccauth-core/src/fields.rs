//! The values of a login's fields: each is known, present and well formed.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

use crate::Timestamp;
use crate::base_url::base_url;
use crate::basic::{basic_credentials, without_scheme};
use crate::carriage::Carriage;
use crate::common::COMMON;
use crate::descriptor::Descriptor;
use crate::detail::{CONFIG_MISSING, CONFIG_UNKNOWN, CONFIG_VALUE};
use crate::error::Error;
use crate::field::{Field, FieldKind, Need, Role};
use crate::jwt;
use crate::op::{Op, Renewal};
use crate::secret::Secret;
use crate::suggest::{quoted, suggestion};
use crate::token::{Expiry, Token};

/// What a vendor sees of a [`Login`](crate::Login): its fields' values, and what they come to.
#[derive(Clone)]
pub struct Fields {
    descriptor: &'static Descriptor,
    /// Of other owners than the vendor and this crate.
    others: &'static [Field],
    values: Vec<(&'static Field, Secret)>,
    base_url: String,
    carriage: Carriage,
    renewal: Renewal,
    /// The token that needs no request.
    ready: Option<Box<Token>>,
    /// The value that was replaced: a vendor may still say it back.
    replaced: Option<Secret>,
}

impl Fields {
    pub(crate) fn new<'a>(
        descriptor: &'static Descriptor,
        others: &'static [Field],
        given: impl IntoIterator<Item = (&'a str, Secret)>,
    ) -> Result<Self, Error> {
        let mut fields = Self {
            descriptor,
            others,
            values: Vec::new(),
            base_url: String::new(),
            carriage: descriptor.carriage.clone(),
            renewal: descriptor.renewal,
            ready: None,
            replaced: None,
        };
        for (name, value) in given {
            let field = checked(descriptor, others, name, &value)?;
            if fields.get(field.name).is_some() {
                return Err(Error::new(&CONFIG_VALUE, format!("{name}: given twice")));
            }
            fields.values.push((field, value));
        }
        fields.values.shrink_to_fit();
        fields.base_url = base_url(
            descriptor.base_urls,
            fields.get("base_url"),
            fields.get("region"),
            fields.get("allow_http") == Some("true"),
        )?;
        fields.settle()?;
        Ok(fields)
    }

    /// What the values come to together.
    fn settle(&mut self) -> Result<(), Error> {
        if let Some(text) = self.get("carriage") {
            self.carriage = Carriage::parse(text)?;
        }
        if self.carriage == Carriage::Basic && self.descriptor.basic.is_none() {
            return Err(Error::new(&CONFIG_VALUE, "carriage: this vendor takes no plain Basic"));
        }
        if let Some(word) = self.get("renewal") {
            let unknown = || Error::new(&CONFIG_VALUE, "renewal: no such mode");
            self.renewal = Renewal::from_name(word).ok_or_else(unknown)?;
        }
        if self.get("token").is_some() || self.carriage == Carriage::Basic {
            self.renewal = Renewal::Static;
        }
        if self.renewal == Renewal::Refresh && !self.descriptor.can(Op::Renew) {
            return Err(Error::new(&CONFIG_VALUE, "renewal: this vendor has no refresh"));
        }
        if self.get("token").is_none() {
            self.check_present()?;
        }
        self.ready = self.parse_ready()?.map(Box::new);
        Ok(())
    }

    /// Names every field that is missing.
    fn check_present(&self) -> Result<(), Error> {
        let missing = |field: &Field| {
            let (alternative, or) = match field.need {
                Need::Required => ("", String::new()),
                Need::Unless(other) => (other, format!(" (or {other})")),
                Need::Optional => return None,
            };
            let there = self.get(field.name).is_some() || self.get(alternative).is_some();
            (!there).then(|| format!("{}{or} is missing: {}", field.name, field.doc))
        };
        let missing: Vec<String> = self.descriptor.fields.iter().filter_map(missing).collect();
        if missing.is_empty() { Ok(()) } else { Err(Error::new(&CONFIG_MISSING, missing.join(" "))) }
    }

    /// The same fields with one value replaced, which is remembered.
    pub(crate) fn with(&self, name: &str, value: Secret) -> Result<Self, Error> {
        let kept = self.values.iter().filter(|(field, _)| field.name != name);
        let kept = kept.map(|(field, value)| (field.name, value.clone()));
        let mut fields = Self::new(self.descriptor, self.others, kept.chain([(name, value)]))?;
        fields.replaced = self.get(name).map(Secret::from);
        Ok(fields)
    }

    pub(crate) fn forget_replaced(&mut self) {
        self.replaced = None;
    }

    /// The vendor's descriptor.
    pub fn descriptor(&self) -> &'static Descriptor {
        self.descriptor
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
                .with_vendor(self.descriptor.id)
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
        self.ready.as_deref().cloned().map(|token| token.with_issued_at(now))
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
        match (&self.carriage, self.descriptor.basic) {
            (Carriage::Basic, Some((user, password))) => {
                let pair = basic_credentials(self.require(user)?, self.require(password)?);
                let token = Token::new(pair.into(), Carriage::Basic, begin, Expiry::NEVER);
                token.map(Some).map_err(|e| unusable("carriage", e))
            }
            _ => Ok(None),
        }
    }

    /// What tells this account's token from every other's, without a secret: vendor, base URL, and every value
    /// whose role is [`Role::Identity`], lists in order. Two logins with the same identity and the same
    /// [`Fields::credential`] get the same token.
    pub fn identity(&self) -> String {
        // No value holds a line break. What `base_url` and `region` come to is there already.
        let mut identity = format!("{}\n{}", self.descriptor.id, self.base_url);
        let values =
            self.of_role(Role::Identity).filter(|(field, _)| !COMMON.iter().any(|c| c.name == field.name));
        for (field, value) in values {
            let value = match field.kind {
                FieldKind::List => ordered(value),
                _ => String::from(value),
            };
            identity.push_str(&format!("\n{}={value}", field.name));
        }
        identity
    }

    /// Every value whose role is [`Role::Credential`], behind its name: what no token outlasts.
    pub fn credential(&self) -> Secret {
        let room =
            self.of_role(Role::Credential).map(|(field, value)| field.name.len() + value.len() + 2).sum();
        // Growing would leave copies behind.
        let mut all = Zeroizing::new(String::with_capacity(room));
        for (field, value) in self.of_role(Role::Credential) {
            for part in [field.name, "=", value, "\n"] {
                all.push_str(part);
            }
        }
        all.into()
    }

    /// The values of a role, in the order in which the fields are declared.
    fn of_role(&self, role: Role) -> impl Iterator<Item = (&'static Field, &str)> {
        let all = self.descriptor.fields.iter().chain(COMMON).chain(self.others);
        all.filter(move |field| field.role == role).filter_map(|field| Some((field, self.get(field.name)?)))
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

    /// Checks the user id of plain Basic, which cannot hold a colon (RFC 7617 section 2).
    ///
    /// # Errors
    /// `config.value`, naming the field.
    pub fn check_basic_user(&self, name: &'static str) -> Result<(), Error> {
        match self.get(name) {
            Some(user) if user.contains(':') => {
                Err(Error::new(&CONFIG_VALUE, format!("{name}: a colon cannot stand in a Basic user id")))
            }
            _ => Ok(()),
        }
    }
}

/// The field of this name, where it may have this value by itself.
pub(crate) fn checked(
    descriptor: &'static Descriptor,
    others: &'static [Field],
    name: &str,
    value: &Secret,
) -> Result<&'static Field, Error> {
    let all = || descriptor.fields.iter().chain(COMMON).chain(others);
    let field = all().find(|field| field.name == name).ok_or_else(|| {
        let names: Vec<&str> = all().map(|field| field.name).collect();
        let hint = suggestion(name, names.iter().copied());
        let message = format!("no field {}{hint} (there is {})", quoted(name), names.join(", "));
        Error::new(&CONFIG_UNKNOWN, message)
    })?;
    field.check_value(value.expose())?;
    Ok(field)
}

/// The words of a list, each once.
fn ordered(list: &str) -> String {
    let mut words: Vec<&str> = list.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words.dedup();
    words.join(" ")
}

/// Shows the vendor and the field names; values only of fields that are not secret.
impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Login");
        out.field("vendor", &self.descriptor.id).field("base_url", &self.base_url);
        for (field, value) in &self.values {
            match field.kind {
                FieldKind::Secret => out.field(field.name, value),
                _ => out.field(field.name, &value.expose()),
            };
        }
        out.finish()
    }
}
