//! What a vendor's words about credentials, tokens and haste mean.
//!
//! Most vendors have no codes for these, and change a letter, a blank or the case of a sentence without a word.
//! So words match loosely: letters and digits alone, in any case, from the start of a word. What is in no row says
//! nothing: a guess could hold an account back.

use alloc::string::String;

use crate::detail::{
    ACCOUNT_LOCKED, CREDENTIALS_REJECTED, Detail, TOKEN_EXPIRED, TOKEN_REJECTED, TOKEN_UNSEEN,
    VENDOR_THROTTLED,
};
use crate::op::Op;
use crate::reading::Reading;
use crate::said::Said;
use crate::value::Value;

/// Phrases, all of which a sentence holds, and what it then says.
type Row = (&'static [&'static str], &'static Detail);

/// Whatever was asked.
static ALWAYS: &[Row] = &[
    (&["account", "locked"], &ACCOUNT_LOCKED),
    (&["too many"], &VENDOR_THROTTLED),
    (&["rate limit"], &VENDOR_THROTTLED),
];

/// Where credentials were sent.
static OF_CREDENTIALS: &[Row] = &[
    (&["authentication fail"], &CREDENTIALS_REJECTED),
    (&["authentication error"], &CREDENTIALS_REJECTED),
    (&["login fail"], &CREDENTIALS_REJECTED),
    (&["login incorrect"], &CREDENTIALS_REJECTED),
    (&["credential", "invalid"], &CREDENTIALS_REJECTED),
    (&["credential", "incorrect"], &CREDENTIALS_REJECTED),
    (&["credential", "wrong"], &CREDENTIALS_REJECTED),
    (&["credential", "not match"], &CREDENTIALS_REJECTED),
    (&["bad credential"], &CREDENTIALS_REJECTED),
    (&["username", "invalid"], &CREDENTIALS_REJECTED),
    (&["password", "invalid"], &CREDENTIALS_REJECTED),
    (&["password", "incorrect"], &CREDENTIALS_REJECTED),
    (&["password", "wrong"], &CREDENTIALS_REJECTED),
    (&["password", "not match"], &CREDENTIALS_REJECTED),
    (&["password", "expired"], &CREDENTIALS_REJECTED),
];

/// Where a token was sent.
static OF_A_TOKEN: &[Row] = &[
    (&["token has expired"], &TOKEN_EXPIRED),
    (&["token is expired"], &TOKEN_EXPIRED),
    (&["token expired"], &TOKEN_EXPIRED),
    (&["expired token"], &TOKEN_EXPIRED),
    (&["blacklisted"], &TOKEN_REJECTED),
    (&["token", "invalid"], &TOKEN_REJECTED),
    (&["token", "unknown"], &TOKEN_REJECTED),
    (&["token", "revoked"], &TOKEN_REJECTED),
    (&["token not found"], &TOKEN_REJECTED),
    (&["token not provided"], &TOKEN_UNSEEN),
    (&["token not given"], &TOKEN_UNSEEN),
    (&["token absent"], &TOKEN_UNSEEN),
    (&["token is absent"], &TOKEN_UNSEEN),
    (&["token missing"], &TOKEN_UNSEEN),
    (&["token is missing"], &TOKEN_UNSEEN),
    (&["missing token"], &TOKEN_UNSEEN),
    (&["no token"], &TOKEN_UNSEEN),
    (&["token could not be parsed from the request"], &TOKEN_UNSEEN),
];

impl Reading<'_> {
    /// What a failure comes to: what its words say where they are known, otherwise the status.
    pub fn cause(&self, said: &Said<'_>) -> Option<&'static Detail> {
        let words = said.message.or(said.code.and_then(Value::text));
        words.and_then(|words| self.by_words(words)).or_else(|| self.by_status())
    }

    /// What a vendor's words say, under a status that lets them speak: a server that has failed is believed about
    /// a token, which some frameworks report so, and not about credentials; a proxy about neither.
    pub fn by_words(&self, words: &str) -> Option<&'static Detail> {
        let asked: &[Row] = if self.op() == Op::Issue { OF_CREDENTIALS } else { OF_A_TOKEN };
        let rows = match (self.status(), self.op()) {
            (200..=299 | 400 | 401 | 403 | 409 | 422 | 423 | 429, _) => [ALWAYS, asked],
            (500..=599, Op::Renew | Op::Validate | Op::Revoke) => [&[], OF_A_TOKEN],
            _ => return None,
        };
        let said = folded(words);
        let holds = |phrase: &&str| said.match_indices(phrase).any(|(at, _)| said[..at].ends_with(' '));
        rows.into_iter().flatten().find(|(phrases, _)| phrases.iter().all(holds)).map(|(_, cause)| *cause)
    }
}

/// Letters and digits in lower case, one blank for everything between them, and one before all.
fn folded(words: &str) -> String {
    let mut folded = String::from(" ");
    for c in words.chars() {
        if c.is_alphanumeric() {
            folded.extend(c.to_lowercase());
        } else if !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded
}
