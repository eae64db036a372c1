//! Fields: those that every vendor has, and the checks that every value passes.

use alloc::format;
use alloc::string::{String, ToString};

use crate::detail::{CONFIG_UNKNOWN, CONFIG_VALUE};
use crate::error::Error;
use crate::suggest::{quoted, suggestion};
use crate::vendor::{Descriptor, Field, FieldKind, Need, Provenance, Renewal};

/// The longest value of a field, in bytes.
pub const MAX_VALUE: usize = 4 * 1024;

const fn common(name: &'static str, kind: FieldKind, doc: &'static str) -> Field {
    Field { name, kind, need: Need::Optional, doc, source: Provenance::Documented }
}

/// The fields that every vendor has: where it is, how its token is used, and how requests travel.
pub static COMMON: &[Field] = &[
    common("base_url", FieldKind::Text, "Prefix of every path, instead of the vendor's own host."),
    common("region", FieldKind::Text, "Selects one of the vendor's base URLs by name."),
    common(
        "allow_http",
        FieldKind::Choice(&["true", "false"]),
        "Set to true to send credentials in clear text to a host that is not loopback, or through a proxy.",
    ),
    common(
        "carriage",
        FieldKind::Text,
        "How the token travels: bearer, bare, basic, header:NAME or query:NAME.",
    ),
    common(
        "renewal",
        FieldKind::Choice(Renewal::NAMES),
        "How the token is kept fresh, where the vendor behaves otherwise than its page says.",
    ),
    common(
        "token",
        FieldKind::Secret,
        "A token obtained elsewhere, used as it is; a leading Bearer is cut off.",
    ),
    common("timeout_ms", FieldKind::Text, "Milliseconds for a whole request, 100 to 600000. Default 10000."),
    common(
        "connect_timeout_ms",
        FieldKind::Text,
        "Milliseconds each for name resolution, for the connection with TLS, and for silence between two reads, 100 to 600000. Default 3000.",
    ),
    common(
        "ca_file",
        FieldKind::Text,
        "A PEM file of certificate authorities that are trusted besides the platform's.",
    ),
    common(
        "proxy",
        FieldKind::Secret,
        "An http:// proxy, with its user and password if it needs them. The environment's proxy variables are ignored.",
    ),
    common("user_agent", FieldKind::Text, "The User-Agent of requests. Default ccauth/<version>."),
    common(
        "close_delimited",
        FieldKind::Choice(&["accept", "refuse"]),
        "Whether a reply counts whose end only the connection's close marks. Default accept: its whole document must parse.",
    ),
];

/// The field of this name, the vendor's own or a common one.
pub(crate) fn find(descriptor: &'static Descriptor, name: &str) -> Result<&'static Field, Error> {
    let all = || descriptor.fields.iter().chain(COMMON);
    all().find(|field| field.name == name).ok_or_else(|| {
        let hint = suggestion(name, all().map(|field| field.name));
        Error::new(&CONFIG_UNKNOWN, format!("no field {}{hint}", quoted(name)))
    })
}

/// Refuses what no field may hold, and what this one may not.
pub(crate) fn check_value(field: &Field, value: &str) -> Result<(), Error> {
    let bad = |what: String| Err(Error::new(&CONFIG_VALUE, format!("{}: {what}", field.name)));
    if value.is_empty() {
        return bad("the value is empty".to_string());
    }
    if value.len() > MAX_VALUE {
        return bad("the value is longer than 4 KiB".to_string());
    }
    if value.chars().any(char::is_control) {
        return bad("the value holds a control character (a newline at its end?)".to_string());
    }
    match field.kind {
        FieldKind::Choice(words) if !words.contains(&value) => {
            bad(format!("expected one of {}{}", words.join(", "), suggestion(value, words.iter().copied())))
        }
        _ => Ok(()),
    }
}
