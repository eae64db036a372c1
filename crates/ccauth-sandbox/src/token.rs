//! Issued tokens and what has become of them.

use serde::Serialize;

use crate::account::mask;
use crate::vendors::TokenNotes;

/// Beyond this many tokens the oldest is forgotten: a load test must not fill the memory.
const KEPT: usize = 20_000;

/// A token as the admin interface shows it: the value masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TokenInfo {
    /// Its number in this sandbox.
    pub id: u64,
    /// The vendor's id.
    pub vendor: String,
    /// The account's name.
    pub account: String,
    /// The last characters of the value.
    pub token: String,
    /// When it was issued, in epoch seconds of the sandbox's clock.
    pub issued_at: i64,
    /// When it expires, likewise.
    pub expires_at: i64,
    /// Seconds of life left; zero when it is expired or dead.
    pub remaining_s: i64,
    /// `live`, `expired`, `revoked` or `superseded` (a refresh has replaced it).
    pub state: &'static str,
}

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) id: u64,
    pub(crate) vendor: &'static str,
    pub(crate) account: String,
    pub(crate) value: String,
    pub(crate) issued_at: i64,
    pub(crate) expires_at: i64,
    /// What it is good for: an entity, a set of scopes, an account SID.
    pub(crate) grant: String,
    /// What single vendors note with it.
    pub(crate) notes: TokenNotes,
    pub(crate) fate: Fate,
}

/// What was done to a token, apart from time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Untouched,
    Revoked,
    Superseded,
}

/// What a token is worth now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Live,
    Expired,
    Dead,
}

impl Token {
    pub(crate) fn standing(&self, now: i64) -> Standing {
        match self.fate {
            Fate::Untouched if now < self.expires_at => Standing::Live,
            Fate::Untouched => Standing::Expired,
            Fate::Revoked | Fate::Superseded => Standing::Dead,
        }
    }

    pub(crate) fn info(&self, now: i64) -> TokenInfo {
        let live = self.standing(now) == Standing::Live;
        TokenInfo {
            id: self.id,
            vendor: self.vendor.to_owned(),
            account: self.account.clone(),
            token: mask(&self.value),
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            remaining_s: if live { self.expires_at.saturating_sub(now) } else { 0 },
            state: match (self.fate, live) {
                (Fate::Revoked, _) => "revoked",
                (Fate::Superseded, _) => "superseded",
                (Fate::Untouched, true) => "live",
                (Fate::Untouched, false) => "expired",
            },
        }
    }
}

/// Every token issued, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tokens(Vec<Token>);

impl Tokens {
    pub(crate) fn keep(&mut self, token: Token) {
        if self.0.len() >= KEPT {
            self.0.remove(0);
        }
        self.0.push(token);
    }

    /// The newest first: that is the one being asked for.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Token> {
        self.0.iter().rev()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Token> {
        self.0.iter_mut().rev()
    }

    pub(crate) fn find(&self, vendor: &str, value: &str) -> Option<&Token> {
        self.iter().find(|token| token.vendor == vendor && token.value == value)
    }

    pub(crate) fn find_mut(&mut self, vendor: &str, value: &str) -> Option<&mut Token> {
        self.iter_mut().find(|token| token.vendor == vendor && token.value == value)
    }

    /// The live token of an account for that grant: what the vendors which re-serve a token serve.
    pub(crate) fn live(&mut self, vendor: &str, account: &str, grant: &str, now: i64) -> Option<&mut Token> {
        self.iter_mut().find(|token| {
            let same = token.vendor == vendor && token.account == account && token.grant == grant;
            same && token.standing(now) == Standing::Live
        })
    }
}
