//! The five vendors' token APIs on loopback, stateful, over TLS, with faults on demand. **For testing
//! only**: its secrets are public and its tokens open nothing.
//!
//! ```
//! let sandbox = ccauth_sandbox::Sandbox::builder().start()?;
//! let account = sandbox.account("servetel");
//! println!("{} takes {:?}", sandbox.base_url("servetel"), account.field("email"));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! A [`Sandbox`] listens on one port, each vendor below a prefix of its own: `/exotel-ccm`,
//! `/exotel-webrtc`, `/contactnow`, `/servetel`, `/sangoma`. It runs on a thread of its own, so tests need
//! no async runtime, and it ends when it is dropped. Clients have to trust its CA ([`Sandbox::ca_file`]).
//!
//! A token is asked for with an [`Account`] and taken by the vendor's [`Protected`] endpoint, so the whole
//! loop is visible. [`Admin`] moves the clock every expiry hangs on, adds accounts, expires and revokes
//! tokens, switches quirks, sets a [`Fault`] and reads the journal; the same is to be had over HTTP below
//! `/_sandbox/`, where people find a page to look at.
//!
//! It is written from the vendors' pages alone and shares no code with the client, so that one misreading
//! cannot pass on both sides. What a page does not say is marked as observed or assumed in the file of
//! that vendor. Absent: everything of the vendors but tokens, and real secrets.

mod account;
mod admin;
mod clock;
mod crowd;
mod encoding;
mod error;
mod exchange;
mod fault;
mod guide;
mod journal;
mod message;
mod sandbox;
mod script;
mod server;
mod state;
mod tls;
mod token;
mod vendors;
mod wire;
mod world;

pub use self::account::{Account, Field};
pub use self::admin::{Admin, QuirkState, Which};
pub use self::clock::ClockState;
pub use self::error::Invalid;
pub use self::fault::{Action, ArmedFault, Bytes, CertificateFault, Fault, Point, RetryAfter, When};
pub use self::journal::{Captured, Connection, Entry, Filter};
pub use self::sandbox::{Builder, Protected, Sandbox};
pub use self::token::TokenInfo;
