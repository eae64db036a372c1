//! Where a vendor is reached: a region's URL, or one that is checked.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use http::Uri;
use url::{Host, Url};

use crate::descriptor::BaseUrl;
use crate::detail::{CONFIG_URL, CONFIG_VALUE};
use crate::error::Error;
use crate::suggest::suggestion;

/// The base URL that is given or selected, without a slash at its end. `allow_http` allows it to a host that is
/// not loopback.
pub(crate) fn base_url(
    known: &[BaseUrl],
    given: Option<&str>,
    region: Option<&str>,
    allow_http: bool,
) -> Result<String, Error> {
    let regions = || known.iter().map(|base| base.region);
    match (given, region) {
        (Some(_), Some(_)) => Err(Error::new(&CONFIG_VALUE, "region: give region or base_url, not both")),
        (Some(text), None) => check_url(text, allow_http),
        (None, Some(region)) => match known.iter().find(|base| base.region == region) {
            Some(base) => Ok(base.url.to_string()),
            None => Err(Error::new(
                &CONFIG_VALUE,
                format!(
                    "region: expected one of {}{}",
                    regions().collect::<Vec<_>>().join(", "),
                    suggestion(region, regions())
                ),
            )),
        },
        (None, None) => match known.first() {
            Some(base) => Ok(base.url.to_string()),
            None => Err(Error::new(&CONFIG_VALUE, "base_url: this vendor has no host of its own; give one")),
        },
    }
}

fn check_url(text: &str, allow_http: bool) -> Result<String, Error> {
    let bad = |what: &str| Err(Error::new(&CONFIG_URL, format!("base_url: {what}")));
    let Ok(url) = Url::parse(text) else {
        return bad("expected a URL such as https://api.example.com");
    };
    if !matches!(url.scheme(), "https" | "http") {
        return bad("expected the scheme https");
    }
    // `https:host` and `https:///host` have no host by RFC 3986, and one by the parser used here.
    if text.split_once("://").is_none_or(|(_, rest)| rest.starts_with(['/', '\\'])) {
        return bad("expected a URL such as https://api.example.com");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return bad(
            "a user or password in the URL would be sent as Basic credentials; use the vendor's fields",
        );
    }
    if url.query().is_some() || url.fragment().is_some() {
        return bad("expected no query and no fragment");
    }
    let loopback = match url.host() {
        Some(Host::Domain(name)) if name.ends_with('.') => {
            return bad("expected a host without a dot at its end");
        }
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return bad("expected a host"),
    };
    if url.scheme() == "http" && !loopback && !allow_http {
        return bad("http would send credentials in clear text; use https, or say allow_http=true");
    }
    let kept = url.as_str().trim_end_matches('/');
    // Requests are made of the kept form by another, stricter parser.
    match kept.parse::<Uri>() {
        Ok(_) => Ok(kept.to_string()),
        Err(_) => bad("expected a URL such as https://api.example.com"),
    }
}
