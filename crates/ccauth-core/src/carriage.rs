//! How a token travels with a business call.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use http::HeaderName;
use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, EXPECT, HOST, PROXY_AUTHORIZATION, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};

use crate::detail::CONFIG_VALUE;
use crate::error::Error;

/// Headers that belong to the connection or frame the request: no token may stand there.
const FRAMING: [HeaderName; 9] =
    [CONNECTION, CONTENT_LENGTH, EXPECT, HOST, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];

/// How a token travels with a business call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Carriage {
    /// `Authorization: Bearer <token>`
    Bearer,
    /// `Authorization: <token>`, without a scheme.
    Bare,
    /// `<name>: <token>`
    Header(HeaderName),
    /// `?<name>=<token>`. Leaks into access logs; used only where the vendor offers nothing else.
    Query(Cow<'static, str>),
    /// `Authorization: Basic <credentials>`: the credentials themselves, without a token request.
    Basic,
}

impl Carriage {
    /// Reads what [`Carriage`]'s `Display` writes: `bearer`, `bare`, `basic`, `header:NAME`, `query:NAME`.
    ///
    /// # Errors
    /// `config.value`, naming the forms.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bad = || {
            Error::new(
                &CONFIG_VALUE,
                "carriage: expected bearer, bare, basic, header:NAME or query:NAME".to_string(),
            )
        };
        Ok(match text.split_once(':') {
            None => match text {
                "bearer" => Self::Bearer,
                "bare" => Self::Bare,
                "basic" => Self::Basic,
                _ => return Err(bad()),
            },
            Some(("header", name)) => {
                let name: HeaderName = name.parse().map_err(|_| bad())?;
                if FRAMING.contains(&name) { return Err(bad()) } else { Self::Header(name) }
            }
            Some(("query", name))
                if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') =>
            {
                Self::Query(name.to_string().into())
            }
            Some(_) => return Err(bad()),
        })
    }

    /// The name of the header or of the query parameter.
    pub fn name(&self) -> &str {
        match self {
            Self::Header(name) => name.as_str(),
            Self::Query(name) => name,
            Self::Bearer | Self::Bare | Self::Basic => AUTHORIZATION.as_str(),
        }
    }

    /// Whether the token travels in the URL, and so leaks into logs.
    pub fn is_query(&self) -> bool {
        matches!(self, Self::Query(_))
    }

    /// The header's value for `token`; for a query, the bare value before percent-encoding.
    pub(crate) fn value(&self, token: &str) -> String {
        match self {
            Self::Bearer => format!("Bearer {token}"),
            Self::Basic => format!("Basic {token}"),
            Self::Bare | Self::Header(_) | Self::Query(_) => token.to_string(),
        }
    }
}

impl fmt::Display for Carriage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bearer => f.write_str("bearer"),
            Self::Bare => f.write_str("bare"),
            Self::Basic => f.write_str("basic"),
            Self::Header(name) => write!(f, "header:{name}"),
            Self::Query(name) => write!(f, "query:{name}"),
        }
    }
}
