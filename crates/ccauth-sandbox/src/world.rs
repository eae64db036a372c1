//! What the vendors know and change: accounts, tokens, quirks, counters, and the clock.
//!
//! A world is cheap to clone, and a vendor is a function of a request and a world. A reply which must
//! look right without anything having happened is therefore answered from a clone.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use crate::account::Account;
use crate::clock::Clock;
use crate::error::Invalid;
use crate::token::{Fate, Token, Tokens};
use crate::vendors;

/// Each costs memory, and every login looks at them all.
const MOST_ACCOUNTS: usize = 10_000;

#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) accounts: Vec<Account>,
    pub(crate) tokens: Tokens,
    /// What single vendors note.
    pub(crate) notes: vendors::Notes,
    quirks: HashMap<(&'static str, &'static str), bool>,
    serial: u64,
    seed: RandomState,
}

/// A switch in a vendor's behaviour.
pub(crate) struct Quirk {
    pub(crate) name: &'static str,
    pub(crate) default: bool,
    pub(crate) about: &'static str,
}

impl World {
    pub(crate) fn new() -> World {
        let mut world = World {
            clock: Clock::default(),
            accounts: vendors::ALL.iter().flat_map(|vendor| vendor.accounts()).collect(),
            tokens: Tokens::default(),
            notes: vendors::Notes::default(),
            quirks: HashMap::new(),
            serial: 0,
            seed: RandomState::new(),
        };
        for vendor in vendors::ALL {
            for quirk in vendor.quirks() {
                world.quirks.insert((vendor.id(), quirk.name), quirk.default);
            }
        }
        world
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }

    pub(crate) fn quirk(&self, vendor: &'static str, name: &'static str) -> bool {
        self.quirks.get(&(vendor, name)).copied().unwrap_or_default()
    }

    pub(crate) fn set_quirk(&mut self, vendor: &str, name: &str, on: bool) -> Result<(), Invalid> {
        let vendor = vendors::find(vendor)?;
        let Some(quirk) = vendor.quirks().iter().find(|quirk| quirk.name == name) else {
            let known: Vec<&str> = vendor.quirks().iter().map(|quirk| quirk.name).collect();
            return Err(Invalid::new("name", format!("{} has the quirks {}", vendor.id(), known.join(", "))));
        };
        self.quirks.insert((vendor.id(), quirk.name), on);
        Ok(())
    }

    pub(crate) fn accounts_of(&self, vendor: &str) -> impl Iterator<Item = &Account> {
        self.accounts.iter().filter(move |account| account.vendor() == vendor)
    }

    /// Adds an account, in place of one of the same vendor and name.
    pub(crate) fn add_account(&mut self, account: Account) -> Result<(), Invalid> {
        self.accounts.retain(|known| (known.vendor(), known.name()) != (account.vendor(), account.name()));
        if self.accounts.len() >= MOST_ACCOUNTS {
            return Err(Invalid::new("account", format!("there are {MOST_ACCOUNTS} already")));
        }
        self.accounts.push(account);
        Ok(())
    }

    /// A token of that account with `life` seconds before it. The vendor notes what else it needs.
    pub(crate) fn mint(&mut self, vendor: &'static str, account: &str, value: String, life: i64) -> Token {
        let now = self.now();
        Token {
            id: self.next_serial(),
            vendor,
            account: account.to_owned(),
            value,
            issued_at: now,
            expires_at: now.saturating_add(life),
            grant: String::new(),
            notes: vendors::TokenNotes::default(),
            fate: Fate::Untouched,
        }
    }

    pub(crate) fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// 32 bytes no other sandbox and no earlier call has given. Unique, not secret: it is a sandbox.
    pub(crate) fn noise(&mut self) -> [u8; 32] {
        let serial = self.next_serial();
        let mut noise = [0; 32];
        for (part, chunk) in noise.chunks_exact_mut(8).enumerate() {
            let mut hasher = self.seed.build_hasher();
            hasher.write_u64(serial);
            hasher.write_usize(part);
            chunk.copy_from_slice(&hasher.finish().to_be_bytes());
        }
        noise
    }
}
