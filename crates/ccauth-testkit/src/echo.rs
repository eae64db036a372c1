//! Vendors that say secrets back, under every name of a member that a vendor's source knows.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ccauth_core::http::Response;
use ccauth_core::{Body, Login, Op, Reading, Reply, Timestamp, Token, Vendor};
use serde_json::{Map, Value, json};

/// The statuses under which words are read.
const STATUSES: [u16; 8] = [200, 400, 401, 403, 422, 429, 500, 503];

/// What an exchange may hold that must not show.
pub(crate) struct Told<'a> {
    pub(crate) login: &'a Login,
    pub(crate) held: Option<&'a Token>,
    pub(crate) secrets: &'a [String],
    pub(crate) now: Timestamp,
}

/// Every name that stands in a string literal of the vendor crate's sources: what it reads is among them.
pub(crate) fn names(sources: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(sources).unwrap_or_else(|e| panic!("{}: {e}", sources.display()));
    let files = entries.map(|entry| entry.expect("a directory entry").path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files.flat_map(|file| literals(&fs::read_to_string(file).expect("a source file"))).collect()
}

fn literals(source: &str) -> Vec<String> {
    let code =
        source.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let is_name = |text: &&str| {
        let mut letters = text.chars();
        letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
            && letters.all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
            && text.len() <= 40
    };
    code.split('"').skip(1).step_by(2).filter(is_name).map(str::to_owned).collect()
}

/// Reads replies that hold every secret under each name, up to three levels deep, and gives all that this shows.
///
/// # Panics
/// Where one of the secrets shows.
pub(crate) fn nothing_is_shown(vendor: &dyn Vendor, names: &BTreeSet<String>, told: &Told<'_>) {
    let echo = told.secrets.join(" and ");
    let flat: Value = names.iter().map(|name| (name.clone(), json!(echo))).collect::<Map<_, _>>().into();
    let under = |name: &String, inner: &Value| {
        let mut outer = flat.clone();
        outer[name] = inner.clone();
        outer
    };
    let say = |document: &Value, statuses: &[u16]| {
        let body = document.to_string();
        for status in statuses {
            for op in vendor.descriptor().operations {
                check(vendor, *op, &reply(*status, body.as_bytes()), told, &body);
            }
        }
    };
    say(&flat, &STATUSES);
    for name in names {
        say(&under(name, &flat), &STATUSES);
        say(&under(name, &json!([flat])), &STATUSES);
        // So many that the outer levels hold nothing else.
        for outer in names {
            say(&json!({ outer: { name: flat } }), &[200, 401]);
        }
    }
    for rewrite in REWRITES {
        let secrets: Vec<String> = told.secrets.iter().map(|secret| rewrite(secret)).collect();
        let echo = secrets.join(" and ");
        let flat: Value = names.iter().map(|name| (name.clone(), json!(echo))).collect::<Map<_, _>>().into();
        let body = flat.to_string();
        for status in STATUSES {
            for op in vendor.descriptor().operations {
                let told = Told { secrets: &secrets, ..*told };
                check(vendor, *op, &reply(status, body.as_bytes()), &told, &body);
            }
        }
    }
}

/// The forms in which a vendor may say a secret back, whatever it was asked in.
const REWRITES: [fn(&str) -> String; 7] = [
    |secret| secret.chars().map(|c| format!("&#{};", u32::from(c))).collect(),
    |secret| secret.bytes().map(|b| format!("%{b:02x}")).collect(),
    |secret| secret.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect(),
    |secret| secret.to_uppercase(),
    |secret| secret.chars().flat_map(|c| [c, ' ']).collect(),
    |secret| secret.chars().flat_map(|c| [c, '\u{200b}']).collect(),
    |secret| URL_SAFE_NO_PAD.encode(secret),
];

fn check(vendor: &dyn Vendor, op: Op, reply: &Reply, told: &Told<'_>, body: &str) {
    let shown = match vendor.read(&Reading::new(op, told.login, told.held, reply, told.now)) {
        Ok(outcome) => format!("{outcome:?}"),
        Err(e) => format!("{e} {e:?} {:?} {:?} {:?}", e.vendor_code(), e.vendor_message(), e.request_id()),
    };
    let id = vendor.descriptor().id;
    for secret in told.secrets {
        assert!(!shown.contains(secret.as_str()), "{id}: {} shows a secret of {body}: {shown}", op.name());
    }
}

fn reply(status: u16, body: &[u8]) -> Reply {
    let reply = Response::builder().status(status).header("content-type", "application/json");
    reply.header("content-length", body.len()).body(Body::new(body.to_vec())).expect("a reply")
}

#[cfg(test)]
mod tests {
    use ccauth_core::{Error, Value, detail};

    use super::*;
    use crate::fake::{Fake, login, passes};

    /// Where the words of one member get to, unmasked.
    #[derive(Clone, Copy, Debug)]
    enum Place {
        Message,
        Nowhere,
        Quoted,
    }

    fn shows(path: &'static [&'static str], place: Place) -> bool {
        let vendor = Fake::new(move |reading| {
            let document = reading.json()?;
            let member = path.iter().try_fold(&document, |value, name| value.get(name));
            let words = member.and_then(Value::text).unwrap_or_default();
            let failure = reading.failure(&detail::VENDOR_REFUSED);
            Err(match place {
                Place::Message => Error::new(&detail::VENDOR_REFUSED, words),
                Place::Quoted => failure.with_vendor_message(reading.quote(words)),
                Place::Nowhere => failure,
            })
        });
        let login = login(vendor);
        let source = "fn f() { a(\"grund\", \"Why-2\", \"x y\", \"_z\"); } // \"comment\"\n// \"left.out\"";
        let names = literals(source).into_iter().collect();
        let secrets = ["s3cret-w0rd".to_owned()];
        let told = Told { login: &login, held: None, secrets: &secrets, now: Timestamp::UNIX_EPOCH };
        !passes(|| nothing_is_shown(vendor, &names, &told))
    }

    #[test]
    fn a_vendor_that_quotes_unmasked_is_caught_whatever_the_member_s_name() {
        for path in [&["grund"][..], &["Why-2"], &["_z", "grund"], &["grund", "_z", "Why-2"]] {
            assert!(shows(path, Place::Message), "{path:?}");
            assert!(!shows(path, Place::Quoted), "{path:?}");
            assert!(!shows(path, Place::Nowhere), "{path:?}");
        }
        assert!(!shows(&["left.out"], Place::Message), "a name that stands in no literal");
    }
}
