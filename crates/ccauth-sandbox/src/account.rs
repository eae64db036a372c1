//! Accounts: who may ask for tokens, under the field names ccauth uses.

use std::fmt;

use serde::Serialize;

use crate::error::Invalid;
use crate::vendors;

/// The principals which misbehave without any set-up: the value of an account's first field.
pub(crate) const MAGIC: [&str; 4] = ["acct-429", "acct-500", "acct-slow", "acct-lockout"];

/// A vendor account the sandbox knows.
///
/// The credentials are compared byte by byte, so an account may hold anything a real one may: colons,
/// percent signs, quotes, spaces, letters beyond ASCII.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    vendor: String,
    name: String,
    fields: Vec<Field>,
}

/// One credential field of an [`Account`]. Its `Debug` form hides a secret value.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// The name ccauth gives it: `account_sid`, `password`, `scopes`, …
    pub name: String,
    /// What the account holder sends, as it is.
    pub value: String,
    /// Whether the value must stay out of logs.
    pub secret: bool,
}

impl Account {
    /// An account of `vendor`, known by `name` to the admin interface.
    ///
    /// # Errors
    /// When the vendor is unknown, a field is not one of the vendor's or given twice, or a required one is
    /// missing; the message names it.
    pub fn new<N, V>(
        vendor: &str,
        name: impl Into<String>,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Account, Invalid>
    where
        N: Into<String>,
        V: Into<String>,
    {
        let specs = vendors::find(vendor)?.fields();
        let mut account = Account { vendor: vendor.to_owned(), name: name.into(), fields: Vec::new() };
        for (field, value) in fields {
            let (field, value) = (field.into(), value.into());
            let Some(spec) = specs.iter().find(|spec| spec.name == field) else {
                let known: Vec<&str> = specs.iter().map(|spec| spec.name).collect();
                return Err(Invalid::new(field, format!("{vendor} has the fields {}", known.join(", "))));
            };
            if account.field(&field).is_some() {
                return Err(Invalid::new(field, "given twice"));
            }
            account.fields.push(Field { name: field, value, secret: spec.secret });
        }
        // In the vendor's order: the principal stands first.
        account.fields.sort_by_key(|field| specs.iter().position(|spec| spec.name == field.name));
        match specs.iter().find(|spec| spec.required && account.field(spec.name).is_none()) {
            Some(missing) => Err(Invalid::new(missing.name, format!("{vendor} needs it"))),
            None => Ok(account),
        }
    }

    /// The vendor's id, for example `servetel`.
    pub fn vendor(&self) -> &str {
        &self.vendor
    }

    /// What the admin interface calls it: `demo`, `acct-429`, …
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The credential fields, in the vendor's order.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The value of one field.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|field| field.name == name).map(|field| field.value.as_str())
    }

    /// A field the vendor's table calls required; absent only for a name the vendor does not have.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.field(name).unwrap_or_default()
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        if let Some(field) = self.fields.iter_mut().find(|field| field.name == name) {
            value.clone_into(&mut field.value);
        }
    }

    /// How the account misbehaves; told by its principal, so an added `acct-500` works too.
    pub(crate) fn temper(&self) -> Temper {
        match self.fields.first().map(|field| field.value.as_str()) {
            Some("acct-429") => Temper::TooManyRequests,
            Some("acct-500") => Temper::ServerError,
            Some("acct-slow") => Temper::Slow,
            Some("acct-lockout") => Temper::LockedOut,
            Some("acct-failed-200") => Temper::FailedWith200,
            _ => Temper::Calm,
        }
    }
}

/// What an account does in place of a plain answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Temper {
    Calm,
    TooManyRequests,
    ServerError,
    Slow,
    LockedOut,
    FailedWith200,
}

/// A field of a vendor's accounts; the first one of a vendor is its principal.
pub(crate) struct FieldSpec {
    pub(crate) name: &'static str,
    pub(crate) secret: bool,
    pub(crate) required: bool,
}

impl FieldSpec {
    pub(crate) const fn open(name: &'static str) -> FieldSpec {
        FieldSpec { name, secret: false, required: true }
    }

    pub(crate) const fn secret(name: &'static str) -> FieldSpec {
        FieldSpec { name, secret: true, required: true }
    }

    pub(crate) const fn optional(name: &'static str) -> FieldSpec {
        FieldSpec { name, secret: false, required: false }
    }
}

/// What is left of a secret for people to tell it by: its last four characters, if it is long enough.
pub(crate) fn mask(secret: &str) -> String {
    let tail: Vec<char> = secret.chars().rev().take(4).collect();
    if secret.chars().count() < 24 {
        "…".to_owned()
    } else {
        format!("…{}", tail.iter().rev().collect::<String>())
    }
}

/// An account as the admin interface shows it: secrets masked.
#[derive(Serialize)]
pub(crate) struct AccountView {
    vendor: String,
    name: String,
    fields: Vec<(String, String)>,
}

impl From<&Account> for AccountView {
    fn from(account: &Account) -> AccountView {
        let shown = |field: &Field| {
            (field.name.clone(), if field.secret { mask(&field.value) } else { field.value.clone() })
        };
        AccountView {
            vendor: account.vendor.clone(),
            name: account.name.clone(),
            fields: account.fields.iter().map(shown).collect(),
        }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Account { vendor, name, fields } = self;
        f.debug_struct("Account").field("vendor", vendor).field("name", name).field("fields", fields).finish()
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.secret { "…" } else { &self.value };
        write!(f, "{}={value:?}", self.name)
    }
}
