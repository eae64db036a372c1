//! The handle behind every switch: faults, clock, accounts, tokens, quirks, journal.

mod guard;
mod http;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub(crate) use self::http::router;
use crate::account::Account;
use crate::clock::ClockState;
use crate::error::Invalid;
use crate::fault::{ArmedFault, Fault, Faults};
use crate::journal::{Captured, Connection, Entry, Filter};
use crate::state::{Shared, State};
use crate::token::{Fate, Token, TokenInfo};
use crate::vendors;
use crate::world::World;

/// Steers a running sandbox from a test. Cheap to clone, and usable from any thread.
///
/// Every method but [`captured`](Admin::captured) has its counterpart in the HTTP interface.
#[derive(Clone)]
pub struct Admin {
    shared: Arc<Shared>,
}

/// Which tokens an instruction is about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Which {
    /// The one with this value.
    Token(String),
    /// The one with this number.
    Id(u64),
    /// All of this vendor.
    Vendor(String),
}

/// A switch in a vendor's behaviour, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct QuirkState {
    /// The vendor's id.
    pub vendor: &'static str,
    /// The quirk's name.
    pub name: &'static str,
    /// Whether it is on.
    pub on: bool,
    /// What it does.
    pub about: &'static str,
}

impl Admin {
    pub(crate) fn new(shared: Arc<Shared>) -> Admin {
        Admin { shared }
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.shared.tls
    }

    /// Back to the beginning: accounts, quirks and clock as at the start; no tokens, faults or entries.
    pub fn reset(&self) {
        self.shared.change(|state| {
            state.world = World::new();
            state.faults = Faults::new();
            state.journal.clear();
        });
    }

    /// The accounts as they stand now; a changed password shows.
    pub fn accounts(&self) -> Vec<Account> {
        self.shared.look(|state| state.world.accounts.clone())
    }

    /// Adds an account, in place of one of the same vendor and name.
    ///
    /// # Errors
    /// When there are 10,000 already.
    pub fn add_account(&self, account: Account) -> Result<(), Invalid> {
        self.shared.change(|state| state.world.add_account(account))
    }

    /// The tokens issued, the newest first, values masked.
    pub fn tokens(&self) -> Vec<TokenInfo> {
        self.shared.look(|state| {
            let now = state.world.now();
            state.world.tokens.iter().map(|token| token.info(now)).collect()
        })
    }

    /// Ends the life of tokens as time would. Tells how many there were.
    ///
    /// # Errors
    /// When there is no such vendor.
    pub fn expire(&self, which: &Which) -> Result<usize, Invalid> {
        self.each_token(which, |token, now| token.expires_at = token.expires_at.min(now))
    }

    /// Revokes tokens before their time. Tells how many there were.
    ///
    /// # Errors
    /// When there is no such vendor.
    pub fn revoke(&self, which: &Which) -> Result<usize, Invalid> {
        self.each_token(which, |token, _| token.fate = Fate::Revoked)
    }

    /// How the clock stands.
    pub fn clock(&self) -> ClockState {
        self.shared.look(|state| state.world.clock.state())
    }

    /// Stops the clock.
    pub fn freeze(&self) {
        self.shared.change(|state| state.world.clock.freeze());
    }

    /// Lets the clock go on from where it stands.
    pub fn unfreeze(&self) {
        self.shared.change(|state| state.world.clock.unfreeze());
    }

    /// Moves the clock ahead by so many seconds, or back.
    pub fn advance(&self, seconds: i64) {
        self.shared.change(|state| state.world.clock.advance(seconds));
    }

    /// Sets the clock so many seconds ahead of the machine's, or behind.
    pub fn set_offset(&self, seconds: i64) {
        self.shared.change(|state| state.world.clock.set_offset(seconds));
    }

    /// The faults that are set.
    pub fn faults(&self) -> Vec<ArmedFault> {
        self.shared.look(|state| state.faults.list().to_vec())
    }

    /// Sets a fault; gives its number.
    ///
    /// # Errors
    /// When the fault cannot work, or 1,000 are set; the error names the field that makes it so.
    pub fn add_fault(&self, fault: Fault) -> Result<u64, Invalid> {
        self.shared.change(|state| state.faults.add(fault, self.shared.tls))
    }

    /// Removes a fault, and lets go the replies it holds. False if there is none of that number.
    pub fn remove_fault(&self, id: u64) -> bool {
        self.shared.change(|state| state.faults.remove(id))
    }

    /// Removes every fault.
    pub fn clear_faults(&self) {
        self.shared.change(|state| state.faults.clear());
    }

    /// Every quirk and how it stands.
    pub fn quirks(&self) -> Vec<QuirkState> {
        let of = |state: &State| {
            let all = vendors::ALL.iter().flat_map(|vendor| {
                vendor.quirks().iter().map(|quirk| {
                    let on = state.world.quirk(vendor.id(), quirk.name);
                    QuirkState { vendor: vendor.id(), name: quirk.name, on, about: quirk.about }
                })
            });
            all.collect()
        };
        self.shared.look(of)
    }

    /// Switches a quirk.
    ///
    /// # Errors
    /// When the vendor or the quirk is unknown; the message lists those there are.
    pub fn quirk(&self, vendor: &str, name: &str, on: bool) -> Result<(), Invalid> {
        self.shared.change(|state| state.world.set_quirk(vendor, name, on))
    }

    /// The journal, oldest first.
    pub fn requests(&self, filter: &Filter) -> Vec<Entry> {
        self.shared.look(|state| state.journal.entries(filter))
    }

    /// Waits until that many requests match; `None` when they do not within the timeout.
    pub fn wait_requests(&self, filter: &Filter, count: usize, timeout: Duration) -> Option<Vec<Entry>> {
        self.shared.wait(timeout, |state| {
            let entries = state.journal.entries(filter);
            (entries.len() >= count).then_some(entries)
        })
    }

    /// Forgets the requests and the closed connections.
    pub fn clear_requests(&self) {
        self.shared.change(|state| state.journal.clear());
    }

    /// The exact bytes of every request since the last clearing, secrets and all. For tests only: the HTTP
    /// interface never gives these away.
    pub fn captured(&self) -> Vec<Captured> {
        self.shared.look(|state| state.journal.captured())
    }

    /// The connections accepted, oldest first.
    pub fn connections(&self) -> Vec<Connection> {
        self.shared.look(|state| state.journal.connections())
    }

    /// Waits until that many connections have got through their handshake or failed in it; `None` when
    /// they do not within the timeout. An alert arrives a little after the client has given up.
    pub fn wait_connections(&self, count: usize, timeout: Duration) -> Option<Vec<Connection>> {
        self.shared.wait(timeout, |state| settled(state, count))
    }

    fn each_token(&self, which: &Which, mut change: impl FnMut(&mut Token, i64)) -> Result<usize, Invalid> {
        if let Which::Vendor(vendor) = which {
            vendors::find(vendor)?;
        }
        let changed = self.shared.change(|state| {
            let now = state.world.now();
            let chosen = state.world.tokens.iter_mut().filter(|token| match which {
                Which::Token(value) => token.value == *value,
                Which::Id(id) => token.id == *id,
                Which::Vendor(vendor) => token.vendor == vendor,
            });
            chosen.map(|token| change(token, now)).count()
        });
        Ok(changed)
    }
}

/// The connections, once that many of them are past their handshake.
fn settled(state: &State, count: usize) -> Option<Vec<Connection>> {
    let mut connections = state.journal.connections();
    connections.retain(|connection| connection.tls != "pending" || !connection.open);
    (connections.len() >= count).then_some(connections)
}

impl fmt::Debug for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admin").field("tls", &self.shared.tls).finish_non_exhaustive()
    }
}
