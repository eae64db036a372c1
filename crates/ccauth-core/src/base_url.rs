//! Where a vendor is reached: a region's URL, or one that is checked.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

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
    let Some((scheme, rest)) = text.trim().split_once("://") else {
        return bad("expected a URL such as https://api.example.com");
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (scheme, default_port) = match scheme.to_ascii_lowercase().as_str() {
        "https" => ("https", 443),
        "http" => ("http", 80),
        _ => return bad("expected the scheme https"),
    };
    if authority.contains('@') {
        return bad(
            "a user or password in the URL would be sent as Basic credentials; use the vendor's fields",
        );
    }
    if path.contains(['?', '#']) {
        return bad("expected no query and no fragment");
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (authority, ""),
    };
    if host.ends_with('.') {
        return bad("expected a host without a dot at its end");
    }
    if !host.is_ascii() {
        return bad("expected a host in ASCII; write an international name in its xn-- form");
    }
    let Some(host) = Host::parse(host) else {
        return bad(
            "expected a URL such as https://api.example.com, its host a name or an address such as 127.0.0.1 or [::1]",
        );
    };
    let digits = port.bytes().all(|digit| digit.is_ascii_digit());
    let port = match port.parse::<u16>() {
        _ if port.is_empty() => String::new(),
        Ok(number) if digits && number == default_port => String::new(),
        Ok(number) if digits => format!(":{number}"),
        _ => return bad("expected a port from 0 to 65535"),
    };
    if !is_path(path) {
        return bad("expected a path without . and .., with all but plain characters percent-encoded");
    }
    if scheme == "http" && !host.loopback && !allow_http {
        return bad("http would send credentials in clear text; use https, or say allow_http=true");
    }
    Ok(format!("{scheme}://{}{port}{}", host.name, path.trim_end_matches('/')))
}

/// The host of a URL in the one form in which it is kept: small letters, an IPv6 address in brackets.
pub(crate) struct Host {
    pub(crate) name: String,
    loopback: bool,
}

impl Host {
    /// A name in ASCII or an address as RFC 3986 section 3.2.2 writes it. An address in any other notation, such as
    /// `127.1`, is none: what reads the URL next could take it for a name.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(address) = text.strip_prefix('[') {
            let address: Ipv6Addr = address.strip_suffix(']')?.parse().ok()?;
            return Some(Self { name: format!("[{address}]"), loopback: address.is_loopback() });
        }
        let name = text.to_ascii_lowercase();
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if name.len() > 253 || !name.split('.').all(|l| matches!(l.len(), 1..=63) && l.bytes().all(legal)) {
            return None;
        }
        let loopback = match name.parse::<Ipv4Addr>() {
            Ok(address) => address.is_loopback(),
            Err(_) if is_number(name.rsplit('.').next()?) => return None,
            Err(_) => name == "localhost",
        };
        Some(Self { name, loopback })
    }
}

/// Whether a label makes the name that ends with it an IPv4 address, well written or not.
fn is_number(label: &str) -> bool {
    match label.strip_prefix("0x") {
        Some(digits) => digits.bytes().all(|digit| digit.is_ascii_hexdigit()),
        None => label.bytes().all(|digit| digit.is_ascii_digit()),
    }
}

/// Whether it is a path of RFC 3986 that means the same to everyone who reads it.
fn is_path(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/".contains(&byte);
    let plain = |part: &str| part.bytes().all(legal);
    let escaped = |part: &str| {
        part.split_at_checked(2)
            .is_some_and(|(code, rest)| code.bytes().all(|digit| digit.is_ascii_hexdigit()) && plain(rest))
    };
    // An escaped dot is a dot to many.
    let is_dots = |part: &str| matches!(&*part.to_ascii_lowercase().replace("%2e", "."), "." | "..");
    let mut parts = text.split('%');
    parts.next().is_none_or(plain) && parts.all(escaped) && !text.split('/').any(is_dots)
}
