//! A vendor's words, with the secrets taken out.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use crate::fold;
use crate::suggest::is_control;

/// With padding or without.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD_ALPHABET: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE_ALPHABET: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// As long as a token or a key: nothing that explains a failure.
const LONG: usize = 40;

/// The longest quotation of a vendor's words, in characters.
const MAX_QUOTE: usize = 160;

/// What stands in a vendor's words where a secret stood.
const MASK: &str = "[redacted]";

/// What stands for a vendor's words that may hold a secret in another form.
const WITHHELD: &str = "[withheld: it may hold a secret]";

/// A vendor's words as they may be shown: one line, at most 160 characters, without any secret that was known
/// when they were quoted, and without what looks like one. Only quoting makes one, and nothing else that a
/// vendor said gets into an [`Error`](crate::Error) or a [`Token`](crate::Token) beside its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoted(String);

impl Quoted {
    /// Quotes what was quoted before, read back from where it was kept: nothing more is known to be secret,
    /// but what looks like it is masked. `None` where nothing is left.
    pub fn again(text: &str) -> Option<Self> {
        quote(text, core::iter::empty, Shape::Words)
    }

    /// What was quoted before, read back from where this crate has kept it.
    pub(crate) fn kept(text: &str) -> Self {
        Self(one_line(text).as_str().to_owned())
    }

    /// The same words, unless they may hold `secret`.
    pub(crate) fn without(self, secret: &str) -> Self {
        if fold::holds(&self.0, secret) { Self::withheld() } else { self }
    }

    /// In place of words that may hold a secret.
    pub(crate) fn withheld() -> Self {
        Self(String::from(WITHHELD))
    }

    /// The words, if any, and behind them a number of the vendor's: `… (failed logins: 3)`.
    #[must_use]
    pub fn counted(words: Option<Self>, what: &'static str, number: i64) -> Self {
        let words = words.map(|words| words.0 + " ").unwrap_or_default();
        Self(format!("{words}({what}: {number})"))
    }

    /// Several quotations as one line.
    pub(crate) fn joined(words: impl Iterator<Item = Self>) -> Self {
        Self(words.map(|word| word.0).collect::<Vec<_>>().join(" "))
    }

    /// A word of our own that the vendor repeats.
    pub(crate) fn ours(word: &str) -> Self {
        Self(word.to_owned())
    }
}

impl Deref for Quoted {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A sentence: what looks like a token is none of it.
    Words,
    /// The hex digits of a request, which look like a token.
    Id,
}

/// What [`Reading::quote`](crate::Reading::quote) promises.
pub(crate) fn quote<'a, I: Iterator<Item = &'a str>>(
    text: &str,
    secrets: impl Fn() -> I,
    shape: Shape,
) -> Option<Quoted> {
    let line = masked(text, secrets());
    if secrets().any(|secret| line.split(MASK).any(|between| fold::holds(between, secret))) {
        return Some(Quoted::withheld());
    }
    let (mut out, mut after_scheme) = (String::new(), false);
    for word in line.split_whitespace() {
        let looks = shape == Shape::Words && (word.len() >= LONG || random(word));
        let hide = after_scheme || looks || hides(word, secrets());
        // Also in `'Basic abc'` and `authorization:Bearer abc`.
        let end = word.rsplit(|c: char| !c.is_alphanumeric()).find(|part| !part.is_empty());
        after_scheme =
            end.is_some_and(|e| e.eq_ignore_ascii_case("basic") || e.eq_ignore_ascii_case("bearer"));
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(if hide { MASK } else { word });
        if out.chars().nth(MAX_QUOTE).is_some() {
            let end = out.char_indices().nth(MAX_QUOTE - 1).map_or(0, |(end, _)| end);
            out.truncate(end);
            out.push('…');
            break;
        }
    }
    (!out.is_empty()).then_some(Quoted(out))
}

/// Whether a word holds what looks like a token or a key: 20 letters and digits in a row, some of them digits.
fn random(word: &str) -> bool {
    let mut runs = word.split(|c: char| !c.is_ascii_alphanumeric());
    runs.any(|run| run.len() >= 20 && run.contains(|c: char| c.is_ascii_digit()))
}

/// Whether a word holds base64 of something that holds a secret: the credentials of an echoed Basic header.
fn hides<'a>(word: &str, secrets: impl Iterator<Item = &'a str>) -> bool {
    let of_base64 = |c: char| c.is_ascii_alphanumeric() || "+/-_=".contains(c);
    let parts = || word.split(|c| !of_base64(c)).filter(|part| part.len() >= 4);
    let plain: Vec<Zeroizing<Vec<u8>>> = [STANDARD_ALPHABET, URL_SAFE_ALPHABET]
        .into_iter()
        .flat_map(|engine| parts().filter_map(move |part| engine.decode(part).ok()).map(Zeroizing::new))
        .collect();
    let mut secrets = secrets;
    secrets.any(|secret| plain.iter().any(|plain| fold::holds(&String::from_utf8_lossy(plain), secret)))
}

/// `text` on one line, with a mask over every stretch that `secrets` cover. All are found before any is
/// masked: what is left holds no part of one, and no mask stands within a mask, which would tell a secret
/// that looks like one.
pub(crate) fn masked<'a>(text: &str, secrets: impl Iterator<Item = &'a str>) -> String {
    let line = one_line(text);
    let mut covered = Vec::new();
    for form in secrets.flat_map(sent_forms) {
        // Masking one or two characters would show where they are, and hide nothing.
        if form.len() > 2 {
            let starts = line.char_indices().filter(|(at, _)| line[*at..].starts_with(form.as_str()));
            covered.extend(starts.map(|(at, _)| at..at + form.len()));
        }
    }
    covered.sort_unstable_by_key(|stretch| stretch.start);
    let (mut out, mut shown) = (String::new(), 0);
    for stretch in covered {
        if stretch.start > shown || out.is_empty() {
            out.push_str(&line[shown..stretch.start]);
            out.push_str(MASK);
        }
        shown = shown.max(stretch.end);
    }
    out.push_str(&line[shown..]);
    out
}

/// `text` without controls, with one blank wherever there are several.
fn one_line(text: &str) -> Zeroizing<String> {
    let mut line = Zeroizing::new(String::with_capacity(text.len()));
    for word in text.split(|c: char| c.is_whitespace() || is_control(c)).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// The forms in which requests carry `secret`: as it is, in a form, in a JSON string; and the password within
/// an encoded pair of user id and password.
fn sent_forms(secret: &str) -> [Zeroizing<String>; 4] {
    let json = Zeroizing::new(serde_json::to_string(secret).unwrap_or_default());
    let unquoted = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default();
    let form = byte_serialize(secret.as_bytes()).collect();
    let pair = Zeroizing::new(STANDARD.decode(secret).unwrap_or_default());
    let password =
        str::from_utf8(&pair).ok().and_then(|pair| Some(pair.split_once(':')?.1)).unwrap_or_default();
    [one_line(secret), Zeroizing::new(form), one_line(unquoted), one_line(password)]
}
