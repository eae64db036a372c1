//! The five vendors. Each is a function of a request and the [`World`], written from its vendor's page.
//!
//! Every file opens with what its page documents, what other public documents and clients show
//! (observed), and what is assumed where neither says anything.

mod contactnow;
mod exotel_ccm;
mod exotel_webrtc;
mod sangoma;
mod servetel;

use std::time::Duration;

use crate::account::{Account, FieldSpec, MAGIC};
use crate::error::Invalid;
use crate::message::{Call, Reply};
use crate::world::{Quirk, World};

pub(crate) static ALL: [&dyn Vendor; 5] = [
    &exotel_ccm::ExotelCcm,
    &exotel_webrtc::ExotelWebRtc,
    &contactnow::ContactNow,
    &servetel::Servetel,
    &sangoma::Sangoma,
];

/// What single vendors note in a [`World`], each in its own file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes {
    exotel_ccm: exotel_ccm::Notes,
    servetel: servetel::Notes,
}

/// What single vendors note with a token, each in its own file.
#[derive(Clone, Debug, Default)]
pub(crate) struct TokenNotes {
    contactnow: contactnow::TokenNotes,
    servetel: servetel::TokenNotes,
}

/// The secret of every ready-made account.
pub(crate) const DEMO_SECRET: &str = "demo-secret";

/// How long `acct-slow` takes.
const SLOW: Duration = Duration::from_secs(2);

pub(crate) trait Vendor: Sync {
    fn id(&self) -> &'static str;

    /// The credential fields; the first one is the principal, which the magic accounts are told by.
    fn fields(&self) -> &'static [FieldSpec];

    fn quirks(&self) -> &'static [Quirk];

    /// A ready-made account of that principal, with the demo secret.
    fn account(&self, name: &str, principal: &str) -> Account;

    /// What a request is for: `token`, `refresh`, `protected`, …; `None` when the vendor has no such page.
    fn route(&self, call: &Call) -> Option<&'static str>;

    fn answer(&self, route: &'static str, call: &Call, world: &mut World) -> Reply;

    /// The vendor's own way of saying that a request failed with this status.
    fn failure(&self, status: u16, call: &Call, world: &mut World) -> Reply;

    /// A failure under HTTP status 200.
    fn failure_with_200(&self, call: &Call, world: &mut World) -> Reply;

    /// The path that takes a token, and how it is carried there.
    fn protected(&self, account: &Account) -> (String, &'static str);

    /// curl's arguments for a token of that account.
    fn curl(&self, base_url: &str, account: &Account) -> String;

    /// The accounts there are from the start.
    fn accounts(&self) -> Vec<Account> {
        let magic = MAGIC.iter().map(|principal| self.account(principal, principal));
        [self.account("demo", "demo")].into_iter().chain(magic).collect()
    }
}

pub(crate) fn find(id: &str) -> Result<&'static dyn Vendor, Invalid> {
    ALL.iter().copied().find(|vendor| vendor.id() == id).ok_or_else(|| {
        let known: Vec<&str> = ALL.iter().map(|vendor| vendor.id()).collect();
        Invalid::new("vendor", format!("{id:?} is none of {}", known.join(", ")))
    })
}

/// A ready-made account; the fields are the vendor's own, so nothing is left to check.
fn ready_made<const N: usize>(vendor: &str, name: &str, fields: [(&str, &str); N]) -> Account {
    Account::new(vendor, name, fields).unwrap_or_else(|error| unreachable!("{vendor} {name}: {error}"))
}

/// In single quotes, as a POSIX shell reads them.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
