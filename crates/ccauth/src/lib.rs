#![doc = include_str!("../README.md")]
#![doc = ""]
#![doc = "# The words"]
//!
//! An [`Account`] is a checked login at one vendor. [`Account::issue`] obtains a [`Token`],
//! [`Account::renew`] renews it in the way of its vendor, and [`Account::validate`], [`Account::revoke`] and
//! [`Account::change_password`] exist where the vendor has them: its [`Descriptor`] says so. A token knows its
//! [`Expiry`] and how it travels; [`Token::header`] or [`Token::query`] gives what to attach. Every failure is
//! an [`Error`], whose [`ErrorKind`] says what a caller can do.
//!
//! A [`Source`] is an account whose token is kept valid: open it once, and ask it before each call.
//!
//! A [`Client`] is what the accounts of a process share: the clock and the way that requests travel. There is
//! one by default; a host with a [`Transport`] or a [`Clock`] of its own makes another.
//!
//! Nothing secret is logged up to debug. At trace the crate `ureq` logs requests and replies byte for byte: keep its
//! target below that (`RUST_LOG=info,ureq=debug`), or compile trace out.
//!
//! Calls of an account block the calling thread, at most for the field `timeout_ms`, and start no thread of their own;
//! whoever asks a source for a token sets a deadline, or waits for as long as its request, and those before it in line,
//! may take. Sources share a thread that wakes them, while there are any, and a few that make their requests and end
//! when none is left: see [`Limits`]. Threads that resolve host names, one for each name, end five seconds after the
//! last lookup.
//!
//! Features, all additive: `contactnow`, `exotel`, `sangoma`, `servetel`, one for each vendor crate, and
//! `ureq`, the HTTPS transport, and `file-store`, which keeps tokens in a directory. All are on by default.

mod account;
mod adapters;
mod client;
mod registry;
mod scheduler;
mod shelf;
mod source;
mod sync;

pub use account::{Account, AccountBuilder};
#[doc(hidden)]
pub use adapters::let_idle_threads_go;
pub use adapters::manual_clock::ManualClock;
pub use ccauth_core::life::{EventKind, Ladder, Policy, Status};
pub use ccauth_core::{
    // What a token is and how it is used.
    Attachment,
    // What a vendor needs and can do.
    BaseUrl,
    // For hosts that send requests or tell the time themselves, and for new vendors.
    Body,
    Carriage,
    Clock,
    Descriptor,
    // What went wrong.
    Detail,
    Entry,
    Error,
    ErrorKind,
    Exchange,
    Expiry,
    ExpirySource,
    Field,
    FieldKind,
    Fields,
    Instant,
    // For hosts that keep tokens themselves.
    Kept,
    Lease,
    Lifetime,
    Login,
    MAX_BODY,
    Need,
    Now,
    Op,
    Outcome,
    Place,
    Provenance,
    Quoted,
    Reading,
    Renewal,
    Reply,
    Request,
    Retry,
    Role,
    Secret,
    Store,
    Timestamp,
    Token,
    Transport,
    Vendor,
    detail,
    exchange,
    http,
    jiff,
    warning,
    zeroize,
};
pub use client::{Client, ClientBuilder};
pub use registry::{common_fields, vendor, vendors};
pub use scheduler::Limits;
#[doc(hidden)]
pub use source::Window;
pub use source::{Event, Glance, Source, Subscription, Waiting, Wish};
