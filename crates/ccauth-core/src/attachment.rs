//! What a token adds to a call.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

use form_urlencoded::byte_serialize;
use http::{HeaderName, HeaderValue};
use zeroize::Zeroizing;

use crate::detail::CONFIG_URL;
use crate::error::Error;
use crate::secret::Secret;

/// What a token adds to a call: a header or a query argument. `Debug` hides the value.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Attachment {
    /// A header.
    Header {
        /// Its name.
        name: HeaderName,
        /// Its value with the scheme, marked sensitive.
        value: HeaderValue,
    },
    /// A query argument. A URL with it must stay out of logs.
    Query {
        /// Its name.
        name: Cow<'static, str>,
        /// Its value, not yet percent-encoded.
        value: Secret,
    },
}

impl Attachment {
    /// The header's or the argument's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Header { name, .. } => name.as_str(),
            Self::Query { name, .. } => name,
        }
    }

    /// The header's value with its scheme, or the argument's, not yet percent-encoded.
    pub fn value(&self) -> &str {
        match self {
            // A token is visible ASCII.
            Self::Header { value, .. } => value.to_str().unwrap_or_default(),
            Self::Query { value, .. } => value.expose(),
        }
    }

    /// Adds it to `request`, in the place of a header of the same name, or behind the arguments that the URL
    /// has.
    ///
    /// # Errors
    /// `config.url` where the URL has no room for it.
    pub fn apply<B>(&self, request: &mut http::Request<B>) -> Result<(), Error> {
        match self {
            Self::Header { name, value } => {
                request.headers_mut().insert(name.clone(), value.clone());
            }
            Self::Query { name, value } => {
                let start = if request.uri().query().is_some() { '&' } else { '?' };
                let target =
                    Zeroizing::new(format!("{}{start}{}", request.uri(), pair(name, value).expose()));
                let too_long = |_| Error::new(&CONFIG_URL, "the URL is too long with the token");
                *request.uri_mut() = target.parse().map_err(too_long)?;
            }
        }
        Ok(())
    }
}

/// `name=value` with the value percent-encoded.
pub(crate) fn pair(name: &str, value: &Secret) -> Secret {
    let mut pair = String::with_capacity(name.len() + 1 + 3 * value.expose().len());
    pair.push_str(name);
    pair.push('=');
    pair.extend(byte_serialize(value.expose().as_bytes()));
    Secret::new(pair)
}
