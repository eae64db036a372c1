//! The fields that every vendor has, whatever sends its requests.

use crate::field::{Field, FieldKind, Role};
use crate::op::Renewal;

/// Where the vendor is, and how its token is used. Those of the transport come on top.
pub static COMMON: &[Field] = &[
    Field::new(
        "base_url",
        Role::Identity,
        FieldKind::Text,
        "Prefix of every path, instead of the vendor's own host.",
    ),
    Field::new("region", Role::Identity, FieldKind::Text, "Selects one of the vendor's base URLs by name."),
    Field::new(
        "allow_http",
        Role::Transport,
        FieldKind::Choice(&["true", "false"]),
        "Set to true to send credentials in clear text to a host that is not loopback, or through a proxy.",
    ),
    Field::new(
        "carriage",
        Role::Vendor,
        FieldKind::Text,
        "How the token travels: bearer, bare, basic, header:NAME or query:NAME.",
    ),
    Field::new(
        "renewal",
        Role::Source,
        FieldKind::Choice(Renewal::NAMES),
        "How the token is kept fresh, where the vendor behaves otherwise than its page says.",
    ),
    Field::new(
        "token",
        Role::Credential,
        FieldKind::Secret,
        "A token obtained elsewhere, used as it is; a leading Bearer is cut off.",
    ),
];
