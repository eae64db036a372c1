//! A case: one exchange with a vendor, as files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ccauth_core::{
    Attachment, Expiry, ExpirySource, Login, Op, Provenance, Reply, Secret, Timestamp, Token, Vendor, warning,
};
use serde::Deserialize;

use crate::wire::parse_reply;

/// When every case happens, unless it says otherwise: 2026-11-23T10:00:00Z.
const NOW: i64 = 1_795_428_000;

/// One exchange: `cases/<vendor>/<case>/{case.toml, reply.http}`.
///
/// The exact request is `request.http` beside them or, where the case changes nothing about it, the
/// vendor's `cases/<vendor>/<op>.http`. Fields that the case does not set come from
/// `cases/<vendor>/base.toml`.
#[derive(Debug)]
pub struct Case {
    /// The directory's name: a sentence of behaviour.
    pub name: String,
    /// What is asked.
    pub op: Op,
    /// The checked fields.
    pub login: Login,
    /// Every secret of the exchange: none may show anywhere.
    pub secrets: Vec<String>,
    /// The token held before.
    pub held: Option<Token>,
    /// When the request is sent.
    pub now: Timestamp,
    /// The exact request.
    pub request: Vec<u8>,
    /// The reply.
    pub reply: Reply,
    /// What it must come to.
    pub expect: Expect,
}

/// `case.toml`, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// `documented`, `observed` or `assumed`, then where: "documented: the page's sample reply".
    source: String,
    #[serde(default = "issue")]
    op: String,
    now: Option<i64>,
    #[serde(default)]
    fields: BTreeMap<String, String>,
    held: Option<String>,
    expect: Expect,
}

/// `base.toml`: what the cases of a vendor share.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Base {
    fields: BTreeMap<String, String>,
    held: Option<String>,
}

/// What a reply must come to: a token, a validity, success, or an error. What is not named is not there:
/// extras, warnings, vendor code and message, request id and wait are compared whole.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// The token's bytes.
    pub token: Option<String>,
    /// Its life in seconds from the request's start; none for a token that never ends.
    pub expires_in: Option<i64>,
    /// `server`, `jwt`, `documented` or `never`.
    pub expiry_source: Option<String>,
    /// The attachment as `name: value` of a header, or `?name=value`.
    pub attach: Option<String>,
    /// What else the vendor said.
    pub extras: BTreeMap<String, String>,
    /// What was odd about the reply.
    pub warnings: Vec<String>,
    /// The operation succeeds without a token.
    pub done: bool,
    /// The token is valid for so many seconds.
    pub valid_for: Option<i64>,
    /// The error's detail, e.g. `credentials.rejected`.
    pub error: Option<String>,
    /// The error's fields.
    pub vendor_code: Option<String>,
    /// The error's fields.
    pub vendor_message: Option<String>,
    /// The error's fields.
    pub request_id: Option<String>,
    /// In seconds.
    pub retry_after: Option<u64>,
}

fn issue() -> String {
    Op::Issue.name().to_owned()
}

impl Case {
    /// Every case of `vendor` below `root`, sorted by name.
    ///
    /// # Panics
    /// With the file's name, on a case that cannot be read.
    pub fn load_all(vendor: &'static dyn Vendor, root: &str) -> Vec<Self> {
        let home = Path::new(root).join(vendor.descriptor().id);
        let base: Base = read_toml(&home.join("base.toml"));
        let entries = fs::read_dir(&home).unwrap_or_else(|e| panic!("{}: {e}", home.display()));
        let mut dirs: Vec<PathBuf> =
            entries.map(|e| e.expect("a directory entry").path()).filter(|p| p.is_dir()).collect();
        dirs.sort();
        dirs.iter().map(|dir| Self::load(vendor, &base, &home, dir)).collect()
    }

    fn load(vendor: &'static dyn Vendor, base: &Base, home: &Path, dir: &Path) -> Self {
        let name = dir.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let file: File = read_toml(&dir.join("case.toml"));
        let mark = file.source.split_once(": ").and_then(|(mark, _)| Provenance::from_name(mark));
        assert!(mark.is_some(), "{name}: `source` must say documented, observed or assumed, and where");
        let mut fields = base.fields.clone();
        for (field, value) in file.fields {
            // An empty value takes a field of base.toml away.
            if value.is_empty() {
                fields.remove(&field)
            } else {
                fields.insert(field, value)
            };
        }
        let login = Login::new(vendor, fields.iter().map(|(n, v)| (n.as_str(), Secret::from(v.as_str()))))
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        let op = Op::from_name(&file.op).unwrap_or_else(|| panic!("{name}: op {}", file.op));
        let now = Timestamp::from_second(file.now.unwrap_or(NOW)).expect("a time");
        let held = file.held.as_ref().or(base.held.as_ref()).filter(|_| op != Op::Issue).map(|text| {
            Token::new(text.as_str().into(), login.carriage().clone(), now, Expiry::NEVER)
                .expect("a held token")
        });
        let secret = |name: &str| {
            vendor
                .descriptor()
                .fields
                .iter()
                .any(|f| f.name == name && f.kind == ccauth_core::FieldKind::Secret)
        };
        let secrets = fields.iter().filter(|(n, _)| secret(n)).map(|(_, v)| v.clone());
        let secrets = secrets.chain(held.as_ref().map(|t| t.value().to_owned())).collect();
        let own = dir.join("request.http");
        let request = if own.exists() { own } else { home.join(format!("{}.http", op.name())) };
        Self {
            op,
            login,
            secrets,
            held,
            now,
            request: read(&request),
            reply: parse_reply(&read(&dir.join("reply.http"))),
            expect: file.expect,
            name,
        }
    }
}

impl Expect {
    /// Compares a token with what is expected of it.
    pub fn check_token(&self, name: &str, token: &Token, now: Timestamp) {
        assert_eq!(Some(token.value()), self.token.as_deref(), "{name}: token");
        let left = token.expires_at().map(|at| at.duration_since(now).as_secs());
        assert_eq!(left, self.expires_in, "{name}: expires_in");
        let source = self.expiry_source.as_deref().unwrap_or(ExpirySource::Server.name());
        assert_eq!(token.expiry().source.name(), source, "{name}: expiry_source");
        if let Some(attach) = &self.attach {
            assert_eq!(attach, &attachment(token), "{name}: attach");
        }
        let extras: BTreeMap<String, String> =
            token.extras().map(|(name, words)| (name.to_owned(), words.to_owned())).collect();
        assert_eq!(extras, self.extras, "{name}: extras");
        assert_eq!(token.warnings(), self.warnings, "{name}: warnings");
        for word in token.warnings() {
            assert!(warning::ALL.iter().any(|(known, _)| known == word), "{name}: {word} is not documented");
        }
    }
}

fn attachment(token: &Token) -> String {
    let attachment = token.attachment().expect("every token has one");
    match attachment {
        Attachment::Query { .. } => format!("?{}", token.query().expect("a query").expose()),
        _ => format!("{}: {}", attachment.name(), attachment.value()),
    }
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn read_toml<T: for<'de> Deserialize<'de>>(path: &Path) -> T {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
