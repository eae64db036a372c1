//! Texts without what encodings, cases and blanks change: for finding a secret that a vendor rewrote.
//!
//! To list the encodings in which a secret can come back would be to miss one. So both sides lose them: escapes of
//! HTML, JSON and URLs are undone, and nothing but letters and digits is compared. What is then alike is not
//! certainly the secret, and not to be shown.

use alloc::string::{String, ToString};

use form_urlencoded::parse;
use zeroize::Zeroizing;

/// Shorter ones are alike by chance.
const LEAST: usize = 3;

/// How often an escape may stand within another.
const DEPTH: usize = 3;

/// Whether `text` may hold `secret`, in whatever form.
pub(crate) fn holds(text: &str, secret: &str) -> bool {
    // Nothing that is undone makes a text longer.
    if text.len() < secret.bytes().filter(u8::is_ascii_alphanumeric).count().max(LEAST) {
        return false;
    }
    let wanted = [folded(secret, char::is_alphanumeric), folded(secret, |c| c.is_ascii_alphanumeric())];
    let mut text = Zeroizing::new(text.to_string());
    for _ in 0..=DEPTH {
        let said = [folded(&text, char::is_alphanumeric), folded(&text, |c| c.is_ascii_alphanumeric())];
        let mut pairs = said.iter().zip(&wanted);
        if pairs.any(|(said, wanted)| wanted.len() >= LEAST && said.contains(wanted.as_str())) {
            return true;
        }
        text = unescaped(&text);
    }
    false
}

/// The characters that count, in lower case.
fn folded(text: &str, counts: impl Fn(char) -> bool) -> Zeroizing<String> {
    let mut folded = Zeroizing::new(String::with_capacity(text.len() + text.len() / 2));
    folded.extend(text.chars().filter(|c| counts(*c)).flat_map(char::to_lowercase));
    folded
}

/// `text` with one layer of escapes undone: `&#65;`, `\u0041`, `%41`, and `&amp;`, which may begin another. Those that
/// stand for no letter or digit of ASCII go.
fn unescaped(text: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some(at) = rest.find(['&', '\\']) {
        out.push_str(&rest[..at]);
        let (c, taken) = escape(&rest[at..]);
        out.extend(c);
        rest = &rest[at + taken..];
    }
    out.push_str(rest);
    // As one name without a value.
    let out = Zeroizing::new(out.replace('&', "%26").replace('=', "%3D"));
    Zeroizing::new(parse(out.as_bytes()).map(|(name, _)| name).collect())
}

/// The character of the escape at the start of `text`, and how many bytes the escape takes.
fn escape(text: &str) -> (Option<char>, usize) {
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    if let Some(name) = text.strip_prefix('&') {
        let Some(end) = name.find(';').filter(|end| (1..=10).contains(end)) else { return (None, 1) };
        let c = match name[..end].strip_prefix('#') {
            Some(code) => match code.strip_prefix(['x', 'X']) {
                Some(code) => number(code, 16),
                None => number(code, 10),
            },
            None => (name[..end] == *"amp").then_some('&'),
        };
        return (c, end + 2);
    }
    match text.as_bytes().get(1) {
        Some(b'u') => match text.get(2..6) {
            Some(code) if code.bytes().all(|b| b.is_ascii_hexdigit()) => (number(code, 16), 6),
            // Not an escape: the backslash alone goes, as everywhere.
            _ => (None, 1),
        },
        Some(b'n' | b'r' | b't' | b'b' | b'f') => (None, 2),
        _ => (None, 1),
    }
}
