//! The XML form of a reply, read into the document that its JSON form would be: the root's children are
//! the members of an object, their text is a string.
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

/// The root of every reply. Markup with another one is a page.
const ROOT: &str = "result";

/// The most members or attributes of one element.
const MAX_WIDTH: usize = 64;

type Result<T> = core::result::Result<T, &'static Detail>;

/// Whether a reply is markup: XML or HTML, never JSON.
pub(crate) fn is_markup(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.trim_ascii_start().starts_with(b"<")
}

/// Reads one whole document: nothing but blanks and comments may follow it. A byte-order mark is skipped.
///
/// # Errors
/// `body.html`, `body.nesting`, `body.duplicate`, `body.member` or `body.unreadable`.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value> {
    let text = core::str::from_utf8(bytes).map_err(|_| &detail::BODY_UNREADABLE)?;
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        match reader.read_event().map_err(|_| &detail::BODY_UNREADABLE)? {
            Event::Start(start) => {
                let element = Element::new(&start)?;
                if open.is_empty() && !element.name.eq_ignore_ascii_case(ROOT) {
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
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof if open.is_empty() => break,
            Event::Eof | Event::DocType(_) | Event::Empty(_) => return Err(&detail::BODY_UNREADABLE),
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
            if n == MAX_WIDTH || attribute.is_err() {
                return Err(&detail::BODY_UNREADABLE);
            }
        }
        let name = start.name().as_ref().to_owned();
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
            return Ok((self.name, Value::Text(self.text)));
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
