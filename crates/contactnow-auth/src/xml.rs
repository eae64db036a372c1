//! The XML form of a reply, read into the document that its JSON form would be: the root's children are
//! the members of an object, their text without the blanks around it is a string. What the root is called, and
//! any prefix of a namespace, means nothing.
//!
//! A document type is refused, so no entity can be declared and nothing outside is fetched; depth, members
//! and attributes have limits; nothing recurses.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use ccauth_core::zeroize::Zeroizing;
use ccauth_core::{Detail, MAX_DEPTH, Value, detail};
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};

/// What pages, and PHP's warnings, begin with.
const HTML: [&str; 9] = ["b", "body", "br", "div", "font", "h1", "head", "html", "p"];

/// The most members or attributes of one element.
const MAX_WIDTH: usize = 64;

type Result<T> = core::result::Result<T, &'static Detail>;

/// The text of a reply that is markup, XML or HTML: never JSON. It is decoded as its byte-order mark or its
/// declaration says, UTF-8 otherwise; what does not fit becomes a character that no token has.
pub(crate) fn markup(bytes: &[u8]) -> Option<Zeroizing<String>> {
    // No encoding here makes more than three bytes of one, so no part of a secret stays behind in a buffer that grew.
    let mut text = Zeroizing::new(String::with_capacity(3 * bytes.len()));
    match bytes {
        [0xFF, 0xFE, units @ ..] | units @ [b'<', 0, ..] => utf_16(units, u16::from_le_bytes, &mut text),
        [0xFE, 0xFF, units @ ..] | units @ [0, b'<', ..] => utf_16(units, u16::from_be_bytes, &mut text),
        _ if declared(bytes).is_some_and(is_windows_1252) => text.extend(bytes.iter().map(windows_1252)),
        _ => {
            for chunk in bytes.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(bytes).utf8_chunks() {
                text.push_str(chunk.valid());
                text.extend((!chunk.invalid().is_empty()).then_some(char::REPLACEMENT_CHARACTER));
            }
        }
    }
    text.trim_start().starts_with('<').then_some(text)
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16, text: &mut String) {
    let (units, odd) = bytes.as_chunks();
    let characters = char::decode_utf16(units.iter().copied().map(unit));
    text.extend(characters.map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER)));
    text.extend((!odd.is_empty()).then_some(char::REPLACEMENT_CHARACTER));
}

/// The names of Windows-1252 and of the encodings within it. XML itself asks for UTF-8 and UTF-16 alone.
fn is_windows_1252(name: &[u8]) -> bool {
    let names = ["iso-8859-1", "latin1", "us-ascii", "windows-1252"];
    names.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

fn windows_1252(byte: &u8) -> char {
    const FROM_80_TO_9F: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ";
    match byte {
        0x80..=0x9F => {
            FROM_80_TO_9F.chars().nth(usize::from(byte - 0x80)).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        _ => char::from(*byte),
    }
}

/// What `<?xml … encoding="…"?>` names.
fn declared(bytes: &[u8]) -> Option<&[u8]> {
    let head = bytes.trim_ascii_start().strip_prefix(b"<?xml")?;
    let head = &head[..head.windows(2).position(|pair| pair == b"?>")?];
    let at = head.windows(8).position(|word| word == b"encoding")?;
    let mut quoted = head[at + 8..].split(|byte| matches!(byte, b'"' | b'\''));
    quoted.nth(1)
}

/// Reads one whole document: nothing but blanks and comments may follow it.
///
/// # Errors
/// `body.html`, `body.nesting`, `body.duplicate`, `body.member` or `body.unreadable`.
pub(crate) fn parse(text: &str) -> Result<Value> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        match reader.read_event().map_err(|_| &detail::BODY_UNREADABLE)? {
            Event::Start(start) => {
                let element = Element::new(&start)?;
                if open.is_empty() && HTML.iter().any(|name| element.name.eq_ignore_ascii_case(name)) {
                    return Err(&detail::BODY_HTML);
                }
                if open.len() == MAX_DEPTH {
                    return Err(&detail::BODY_NESTING);
                }
                open.push(element);
            }
            Event::End(_) => {
                let (name, value) = open.pop().ok_or(&detail::BODY_UNREADABLE)?.close()?;
                match open.last_mut() {
                    Some(parent) => parent.add(name, value)?,
                    None if root.is_none() => root = Some(value),
                    None => return Err(&detail::BODY_UNREADABLE),
                }
            }
            Event::Text(text) => append(open.last_mut(), &text.xml10_content())?,
            Event::CData(text) => append(open.last_mut(), &text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(|_| &detail::BODY_UNREADABLE)?;
                match (character, resolve_xml_entity(&reference)) {
                    (Some(character), _) => append(open.last_mut(), character.encode_utf8(&mut [0; 4]))?,
                    (None, Some(text)) => append(open.last_mut(), text)?,
                    (None, None) => return Err(&detail::BODY_UNREADABLE),
                }
            }
            Event::DocType(name) if name.get(..4).is_some_and(|n| n.eq_ignore_ascii_case("html")) => {
                return Err(&detail::BODY_HTML);
            }
            Event::Comment(_) | Event::PI(_) => {}
            Event::Decl(_) if open.is_empty() && root.is_none() => {}
            Event::Eof if open.is_empty() => break,
            Event::Eof | Event::Decl(_) | Event::DocType(_) | Event::Empty(_) => {
                return Err(&detail::BODY_UNREADABLE);
            }
        }
    }
    match root {
        Some(root @ Value::Object(_)) => Ok(root),
        Some(_) => Err(&detail::BODY_MEMBER),
        None => Err(&detail::BODY_UNREADABLE),
    }
}

/// An element whose end has not come yet.
struct Element {
    name: String,
    text: Zeroizing<String>,
    members: Vec<(String, Value)>,
}

impl Element {
    fn new(start: &BytesStart<'_>) -> Result<Self> {
        // No member stands in an attribute: they are counted and checked, then ignored.
        for (n, attribute) in start.attributes().enumerate() {
            let legal = attribute.is_ok_and(|attribute| !attribute.value.contains('<'));
            if n == MAX_WIDTH || !legal {
                return Err(&detail::BODY_UNREADABLE);
            }
        }
        let name = start.local_name().as_ref().to_owned();
        Ok(Self { name, text: Zeroizing::default(), members: Vec::new() })
    }

    fn add(&mut self, name: String, value: Value) -> Result<()> {
        if self.members.iter().any(|(known, _)| *known == name) {
            return Err(&detail::BODY_DUPLICATE);
        }
        if self.members.len() == MAX_WIDTH {
            return Err(&detail::BODY_UNREADABLE);
        }
        self.members.push((name, value));
        Ok(())
    }

    fn close(self) -> Result<(String, Value)> {
        if self.members.is_empty() {
            let text = self.text.trim_matches([' ', '\t', '\r', '\n']).to_owned();
            return Ok((self.name, Value::Text(Zeroizing::new(text))));
        }
        // Between members there may be blanks, and nothing else.
        blank(&self.text)?;
        Ok((self.name, Value::Object(self.members)))
    }
}

/// Adds text to the element around it; outside of all only blanks may stand.
fn append(element: Option<&mut Element>, text: &str) -> Result<()> {
    let Some(element) = element else { return blank(text) };
    element.text.push_str(text);
    Ok(())
}

fn blank(text: &str) -> Result<()> {
    if text.bytes().all(|b| b.is_ascii_whitespace()) { Ok(()) } else { Err(&detail::BODY_UNREADABLE) }
}
