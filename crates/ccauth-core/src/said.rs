//! Where a document says why it failed: in one of a fixed list of members, however deep.
//!
//! Gateways, frameworks and the vendors' own parts each answer in a form of their own, under one and the same URL. So
//! the words are looked for wherever one of them puts any, and the first that say something count.

use crate::detail::{BODY_MEMBER, Detail, VENDOR_REFUSED};
use crate::error::Error;
use crate::quote::Quoted;
use crate::reading::Reading;
use crate::value::Value;

/// Members of words, those that explain before those that classify. All these names are in lower case, without
/// dashes and underscores.
static WORDS: &[&str] = &[
    "errordescription", // RFC 6749 section 5.2
    "description",
    "message",
    "errormessage",
    "errorsummary", // Okta
    "errormsg",
    "msg",
    "detail", // RFC 9457
    "details",
    "reason",
    "title",
    "error",
    "errors",
    "errorcauses",
];

/// Members of the vendor's own code. `error` is one where it does not look like words.
static CODES: &[&str] = &["code", "errorcode", "error"];

/// Members of the vendor's id of the request.
static IDS: &[&str] = &["requestid", "traceid", "errorid", "correlationid"];

/// Members that hold one of those above.
static AROUND: &[&str] =
    &["response", "errordata", "restexception", "fault", "error", "errors", "result", "data", "meta"];

/// Headers that hold the vendor's id of the request.
static ID_HEADERS: &[&str] = &["x-request-id", "x-correlation-id", "x-trace-id", "x-okta-request-id"];

/// What a document of failure says.
#[derive(Clone, Copy)]
pub struct Said<'v> {
    /// Why, in words for people.
    pub message: Option<&'v str>,
    /// The vendor's code: a number or one word.
    pub code: Option<&'v Value>,
    /// The vendor's id of the request.
    pub request_id: Option<&'v Value>,
}

impl<'v> Said<'v> {
    /// What `document` says.
    pub fn of(document: &'v Value) -> Self {
        let code = inmost(document, CODES, is_code);
        let request_id =
            inmost(document, IDS, |_, id| id.integer().is_some() || id.text().is_some_and(speaks));
        Self { message: words(document, code.and_then(Value::text)), code, request_id }
    }
}

impl Reading<'_> {
    /// A failure with this cause and all that the vendor says about it. Where nothing tells the cause, the vendor has
    /// refused if it is `refused` or says anything, and a member is missing if not.
    pub fn refusal(&self, cause: Option<&'static Detail>, said: &Said<'_>, refused: bool) -> Error {
        let says = refused || said.message.is_some() || said.code.is_some();
        let unexplained = if says { &VENDOR_REFUSED } else { &BODY_MEMBER };
        self.failure(cause.unwrap_or(unexplained))
            .with_vendor_code(self.quote_value(said.code))
            .with_vendor_message(said.message.and_then(|message| self.quote(message)))
            .with_request_id(self.quote_id(said.request_id).or_else(|| self.id_header()))
    }

    fn id_header(&self) -> Option<Quoted> {
        let headers = self.reply().headers();
        ID_HEADERS.iter().find_map(|name| self.quote_id_text(headers.get(*name)?.to_str().ok()?))
    }
}

/// The first words but `code`: an object's own before those of what stands around them.
fn words<'v>(value: &'v Value, code: Option<&str>) -> Option<&'v str> {
    match value {
        Value::Text(text) => Some(text.as_str()).filter(|text| speaks(text) && code != Some(text)),
        Value::Array(all) => all.iter().find_map(|one| words(one, code)),
        Value::Object(_) => named(value, WORDS)
            .find_map(|(_, member)| words(member, code).or_else(|| words_of_any(member, code)))
            .or_else(|| around(value).find_map(|around| words(around, code))),
        _ => None,
    }
}

/// The first words of `{"email": ["The email field is required."]}`, which says what was wrong with which field.
fn words_of_any<'v>(value: &'v Value, code: Option<&str>) -> Option<&'v str> {
    let Value::Object(members) = value else { return words(value, code) };
    members.iter().find_map(|(_, member)| words_of_any(member, code))
}

/// The first of these members that fits; what stands deeper is more to the point.
fn inmost<'v>(value: &'v Value, names: &[&str], fits: fn(&str, &Value) -> bool) -> Option<&'v Value> {
    match value {
        Value::Array(all) => all.iter().find_map(|one| inmost(one, names, fits)),
        Value::Object(_) => {
            let deeper = around(value).find_map(|around| inmost(around, names, fits));
            deeper.or_else(|| Some(named(value, names).find(|(name, value)| fits(name, value))?.1))
        }
        _ => None,
    }
}

/// The objects that stand in an object, alone or in a list, and may hold words. Bare texts there may be tokens.
fn around(object: &Value) -> impl Iterator<Item = &Value> {
    named(object, AROUND)
        .flat_map(|(_, value)| match value {
            Value::Array(all) => all.as_slice(),
            one => core::slice::from_ref(one),
        })
        .filter(|value| matches!(value, Value::Object(_)))
}

/// The members of an object that have one of these names, in the order of the names.
fn named<'v, 'n>(object: &'v Value, names: &'n [&str]) -> impl Iterator<Item = (&'n str, &'v Value)> {
    let members = if let Value::Object(members) = object { members.as_slice() } else { &[] };
    names.iter().flat_map(move |name| {
        members.iter().filter(move |(known, _)| same(known, name)).map(move |(_, value)| (*name, value))
    })
}

fn same(known: &str, name: &str) -> bool {
    known.bytes().filter(|b| !b"-_".contains(b)).map(|b| b.to_ascii_lowercase()).eq(name.bytes())
}

/// Whether a text says anything at all.
fn speaks(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

fn is_code(name: &str, value: &Value) -> bool {
    match value {
        Value::Integer(number) => *number != 0,
        Value::Text(text) => {
            let looks_like_one = text.contains(|c: char| c == '_' || c.is_ascii_digit());
            speaks(text) && !text.contains(char::is_whitespace) && (name != "error" || looks_like_one)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_codes_are_found_wherever_they_are_put() {
        for (document, code, message, request_id) in [
            (r#"{}"#, None, None, None),
            (r#"{"error":"no such account"}"#, None, Some("no such account"), None),
            (r#"{"error":"invalid_client"}"#, Some("invalid_client"), None, None),
            (
                r#"{"error":"invalid_client","error_description":"No."}"#,
                Some("invalid_client"),
                Some("No."),
                None,
            ),
            (r#"{"description":"","message":"M"}"#, None, Some("M"), None),
            (r#"{"description":" - ","message":"M"}"#, None, Some("M"), None),
            (r#"{"message":["M","N"]}"#, None, Some("M"), None),
            (r#"{"message":{"text":"","detail":"M"}}"#, None, Some("M"), None),
            (r#"{"error":{"code":"X-1","message":"M"}}"#, Some("X-1"), Some("M"), None),
            (r#"{"errors":[{"code":"X","message":"M"}]}"#, Some("X"), Some("M"), None),
            (
                r#"{"message":"","errors":{"email":["The email field is required."]}}"#,
                None,
                Some("The email field is required."),
                None,
            ),
            (r#"{"code":"C7","message":"M","trace_id":"T","details":[]}"#, Some("C7"), Some("M"), Some("T")),
            (
                r#"{"code":"C7","message":"","trace_id":"T","details":["D"]}"#,
                Some("C7"),
                Some("D"),
                Some("T"),
            ),
            (
                r#"{"errorCode":"E0000011","errorSummary":"M","errorId":"oae1","errorCauses":[]}"#,
                Some("E0000011"),
                Some("M"),
                Some("oae1"),
            ),
            (r#"{"errorSummary":"","errorCauses":[{"errorSummary":"M"}]}"#, None, Some("M"), None),
            (r#"{"RestException":{"Status":401,"Message":"M","Code":"C"}}"#, Some("C"), Some("M"), None),
            (
                r#"{"request_id":"R","response":{"code":401,"error_data":{"code":"1010","description":"","message":"M"}}}"#,
                Some("1010"),
                Some("M"),
                Some("R"),
            ),
            (r#"{"response":[{"error_data":null},{"error_data":{"message":"M"}}]}"#, None, Some("M"), None),
            (r#"{"title":"T","detail":"D","status":401}"#, None, Some("D"), None),
            (r#"{"Error":"E","RequestId":"R"}"#, None, Some("E"), Some("R")),
            (r#"{"access_token":"a","error":false,"errors":[],"message":null}"#, None, None, None),
        ] {
            let value = Value::from_json(document.as_bytes()).unwrap();
            let said = Said::of(&value);
            let texts =
                [said.code.and_then(Value::text), said.message, said.request_id.and_then(Value::text)];
            assert_eq!(texts, [code, message, request_id], "{document}");
        }
    }
}
