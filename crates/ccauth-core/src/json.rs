//! An object of JSON that holds a secret, as it is written.

use alloc::string::{String, ToString};

use zeroize::Zeroizing;

use crate::secret::Secret;

/// Members are added one by one. What is secret comes last: no copy of it is left behind where room is made.
pub(crate) struct Json(Zeroizing<String>);

impl Json {
    pub(crate) fn new(secret: usize) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(2048 + secret));
        text.push('{');
        Self(text)
    }

    fn name(&mut self, name: &str) {
        if !self.0.ends_with('{') {
            self.0.push(',');
        }
        self.0.push_str(&quoted(name));
        self.0.push(':');
    }

    pub(crate) fn text(&mut self, name: &str, text: &str) -> &mut Self {
        self.name(name);
        let text = quoted(text);
        self.0.reserve_exact(text.len() + 2);
        self.0.push_str(&text);
        self
    }

    pub(crate) fn number(&mut self, name: &str, number: i64) -> &mut Self {
        self.name(name);
        self.0.push_str(&number.to_string());
        self
    }

    pub(crate) fn open(&mut self, name: &str) -> &mut Self {
        self.name(name);
        self.0.push('{');
        self
    }

    pub(crate) fn close(&mut self) -> &mut Self {
        self.0.push('}');
        self
    }

    pub(crate) fn done(mut self) -> Secret {
        self.0.push('}');
        self.0.into()
    }
}

/// As a string of JSON. A token has no character that would be escaped.
fn quoted(text: &str) -> Zeroizing<String> {
    let is_plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
    if !is_plain {
        return Zeroizing::new(serde_json::to_string(text).unwrap_or_default());
    }
    let mut quoted = Zeroizing::new(String::with_capacity(text.len() + 2));
    ["\"", text, "\""].into_iter().for_each(|part| quoted.push_str(part));
    quoted
}
