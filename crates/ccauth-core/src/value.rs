//! A reply's document, read leniently where vendors are sloppy and strictly where it could be abused.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

use crate::detail::{self, Detail};

/// The deepest nesting that is read.
pub const MAX_DEPTH: usize = 16;

/// A JSON value that keeps duplicated members, so that they can be refused, and wipes its strings.
#[derive(Clone)]
pub enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number without a fraction; beyond 64 bits, the nearest that fits.
    Integer(i64),
    /// A number with a fraction.
    Fraction(f64),
    /// A string.
    Text(Zeroizing<String>),
    /// An array.
    Array(Vec<Value>),
    /// An object; no name stands twice.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// Reads one whole JSON document: nothing may follow it. A byte-order mark is skipped. Bytes that are no
    /// UTF-8 become a character that no token has: one odd byte must not hide what a vendor says.
    ///
    /// # Errors
    /// `body.empty`, `body.html`, `body.nesting`, `body.duplicate` or `body.unreadable`.
    pub fn from_json(bytes: &[u8]) -> Result<Self, &'static Detail> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        match bytes.trim_ascii_start().first() {
            None => return Err(&detail::BODY_EMPTY),
            Some(b'<') => return Err(&detail::BODY_HTML),
            Some(_) => {}
        }
        if depth(bytes) > MAX_DEPTH {
            return Err(&detail::BODY_NESTING);
        }
        let text = Zeroizing::new(String::from_utf8_lossy(bytes).into_owned());
        let value: Self = serde_json::from_str(&text).map_err(|_| &detail::BODY_UNREADABLE)?;
        if value.has_duplicates() {
            return Err(&detail::BODY_DUPLICATE);
        }
        Ok(value)
    }

    /// The member `name` of an object; `None` where it is missing, `null`, or this is no object.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let Self::Object(members) = self else { return None };
        members
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
            .filter(|v| !matches!(v, Self::Null))
    }

    /// A string as it is. Never a number: a vendor that sends a number for a token sends no token.
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// A yes or no, in every form that vendors send: true, "true", 1, "1" and their opposites.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            Self::Integer(1) => Some(true),
            Self::Integer(0) => Some(false),
            Self::Text(text) if text.eq_ignore_ascii_case("true") || text.as_str() == "1" => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") || text.as_str() == "0" => Some(false),
            _ => None,
        }
    }

    /// A whole number, or a string of one: digits with at most a minus before them.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Text(text) => {
                let digits = text.strip_prefix('-').unwrap_or(text);
                if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                    return None;
                }
                let overflow = if text.starts_with('-') { i64::MIN } else { i64::MAX };
                Some(text.parse().unwrap_or(overflow))
            }
            _ => None,
        }
    }

    /// A number of seconds, rounded down: a number of any form, or a string of one with blanks around it. `None`
    /// where it is neither. `as` saturates.
    #[expect(clippy::cast_possible_truncation, reason = "saturation is what is wanted")]
    pub fn seconds(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Fraction(number) => Some(number.floor() as i64),
            Self::Text(text) => {
                let number: serde_json::Number = serde_json::from_str(text.trim_ascii()).ok()?;
                number.as_i64().or_else(|| number.as_f64().map(|number| number.floor() as i64))
            }
            _ => None,
        }
    }

    /// Whether this says nothing: null, false, zero, a blank string, an empty array or object.
    pub fn is_nothing(&self) -> bool {
        match self {
            Self::Null | Self::Bool(false) | Self::Integer(0) => true,
            Self::Text(text) => text.trim_ascii().is_empty(),
            Self::Array(values) => values.is_empty(),
            Self::Object(members) => members.is_empty(),
            Self::Bool(true) | Self::Integer(_) | Self::Fraction(_) => false,
        }
    }

    /// Calls `see` with each string that is a member, and the member's name.
    pub(crate) fn visit(&self, see: &mut impl FnMut(&str, &str)) {
        match self {
            Self::Object(members) => {
                for (name, value) in members {
                    if let Self::Text(text) = value {
                        see(name, text);
                    }
                    value.visit(see);
                }
            }
            Self::Array(values) => values.iter().for_each(|value| value.visit(see)),
            _ => {}
        }
    }

    fn has_duplicates(&self) -> bool {
        match self {
            Self::Object(members) => members.iter().enumerate().any(|(n, (name, value))| {
                value.has_duplicates() || members[..n].iter().any(|(other, _)| other == name)
            }),
            Self::Array(values) => values.iter().any(Self::has_duplicates),
            _ => false,
        }
    }
}

/// The deepest nesting of brackets outside strings. Counted before parsing, so that no parser recurses
/// on a hostile document.
fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0usize, 0, false, false);
    for &byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Shows the shape without the contents.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Integer(_) | Self::Fraction(_) => "number",
            Self::Text(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Integer(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Integer(i64::try_from(number).unwrap_or(i64::MAX)))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        // 3600.0 is a whole number to JSON. `as` saturates at both ends.
        #[expect(clippy::cast_possible_truncation, reason = "saturation is what is wanted")]
        let whole = number as i64;
        #[expect(clippy::cast_precision_loss, reason = "beyond 2^53 every number is whole")]
        let same = whole as f64 == number || number.abs() >= 9.0e15;
        Ok(if same { Value::Integer(whole) } else { Value::Fraction(number) })
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(Zeroizing::new(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            // Otherwise room for four is made at once, and a document may be nothing but arrays of one.
            if values.is_empty() {
                values.reserve_exact(1);
            }
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            if members.is_empty() {
                members.reserve_exact(1);
            }
            members.push(member);
        }
        Ok(Value::Object(members))
    }
}
