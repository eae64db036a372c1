//! A token that is kept valid.

mod events;
mod flight;
mod glance;
#[cfg(all(test, ccauth_loom))]
mod models;
mod share;
mod slot;
mod waiters;
mod window;

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use ccauth_core::http::{HeaderName, HeaderValue};
use ccauth_core::life::{Attempt, Learned, Life, Policy, Spread, Status, Want};
use ccauth_core::{Attachment, Carriage, Error, Expiry, Instant, Op, Outcome, Secret, Token, detail};

pub use self::events::{Event, Subscription};
use self::events::{Listeners, News};
pub use self::glance::Glance;
use self::waiters::Waiters;
pub use self::waiters::Waiting;
pub use self::window::Window;
use crate::account::Account;
use crate::adapters::machine;
use crate::client::Client;
use crate::scheduler::Id;
use crate::sync::{Condvar, Mutex};

/// An account whose token is kept valid: open it once, and ask it for the token before each call. At most one request is
/// under way at a time; whoever needs what it brings waits for it, and shares its failure too. Cheap to clone, and free
/// to be called by many threads at once.
///
/// With the field `store`, its token is shared with every other process that names the same one: whichever needs the next
/// token first asks for it, and the others take what it has kept. A process that is started anew asks for nothing while
/// the kept token lives. Where the store fails, the source goes on by itself, and [`Status::store_failure`] says why.
///
/// The first token is asked for when the source is opened, and each next one in time, whether somebody asks or not: by
/// threads of the [`Client`], which start when they are needed and end with the last source. Nothing waits for them
/// when a source is dropped.
#[derive(Clone)]
pub struct Source(Arc<Inner>);

struct Inner {
    client: Client,
    id: Id,
    carriage: Carriage,
    state: Mutex<State>,
    /// A request has ended.
    landed: Condvar,
    /// What is held, for those who take no lock.
    window: &'static Window,
    listeners: Listeners,
}

struct State {
    account: Account,
    life: Life,
    /// How many requests have ended, and the failure that the last one is for all who waited.
    ended: u64,
    shared_failure: Option<Error>,
    /// How many of them were for a token, and what came of the last.
    renewals: u64,
    last_renewal: Option<Learned>,
    waiters: Waiters,
    /// A request that was begun and waits for its turn.
    departing: Option<Attempt>,
    /// When the scheduler wakes it.
    timer: Option<Instant>,
    /// Why the store is not used, where it is not.
    store_failure: Option<Error>,
    news: News,
}

/// What somebody needs who asks for a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wish {
    /// How long the token must still live; nothing unless given.
    pub min_valid: Duration,
    /// How long to wait for it. Without one: until the request has had its turn ([`Limits`](crate::Limits)) and has
    /// ended, which the field `timeout_ms` bounds; with the field `store`, until whoever else makes it has had as long
    /// and two seconds, and two more for each use of a store that stalls.
    pub deadline: Option<Duration>,
}

impl Wish {
    /// A token that still lives for so long.
    #[must_use]
    pub fn min_valid(mut self, min_valid: Duration) -> Self {
        self.min_valid = min_valid;
        self
    }

    /// Within this time, or not at all. What was asked of the vendor goes on.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    fn want(&self) -> Result<Want, Error> {
        if self.deadline == Some(Duration::ZERO) {
            return Err(Error::new(&detail::CONFIG_VALUE, "deadline: expected more than nothing"));
        }
        Ok(Want { waits: true, min_valid: self.min_valid })
    }
}

impl Source {
    /// A source with the default policy. Returns at once; the first token is on its way.
    pub fn open(account: &Account) -> Self {
        static POLICY: LazyLock<Arc<Policy>> = LazyLock::new(Arc::default);
        Self::new(account, POLICY.clone())
    }

    /// A source with a policy of your own.
    ///
    /// # Errors
    /// `config.value`, naming the field of the policy.
    pub fn with_policy(account: &Account, policy: Policy) -> Result<Self, Error> {
        policy.check(&account.descriptor().lifetime).map_err(|e| e.with_vendor(account.descriptor().id))?;
        Ok(Self::new(account, Arc::new(policy)))
    }

    fn new(account: &Account, policy: Arc<Policy>) -> Self {
        let login = account.login();
        let spread = Spread::new(&login.identity(), &machine::name());
        let client = account.client().clone();
        let now = client.clock().now().instant;
        let life = Life::new(login.descriptor(), login.renewal(), policy, spread, now);
        let state = State {
            account: account.clone(),
            life,
            ended: 0,
            shared_failure: None,
            renewals: 0,
            last_renewal: None,
            waiters: Waiters::default(),
            departing: None,
            timer: None,
            store_failure: None,
            news: News::default(),
        };
        let source = Self(Arc::new(Inner {
            id: client.scheduler().enroll(),
            client,
            carriage: login.carriage().clone(),
            state: Mutex::new(state),
            landed: Condvar::new(),
            window: window::open(),
            listeners: Listeners::default(),
        }));
        source.0.settle(&mut source.0.lock());
        source
    }

    /// The token: at once while one is held that has not ended, otherwise as soon as the request has ended that
    /// brings it.
    ///
    /// # Errors
    /// What that request failed with, and what every one asked for since would fail with: see
    /// [`Error::retry_after`].
    pub fn token(&self) -> Result<Token, Error> {
        self.token_for(Wish::default())
    }

    /// [`Source::token`] for somebody with needs of their own.
    ///
    /// # Errors
    /// As [`Source::token`]; `deadline.passed`; `config.value` for a deadline of nothing, and for a life that the
    /// vendor's tokens do not have.
    pub fn token_for(&self, wish: Wish) -> Result<Token, Error> {
        self.token_and_generation(wish).map(|(token, _)| token)
    }

    /// [`Source::token_for`], and how many tokens there were so far, this one included: for
    /// [`Source::report_rejected_generation`], so that a call that is under way need not keep the token.
    ///
    /// # Errors
    /// As [`Source::token_for`].
    pub fn token_and_generation(&self, wish: Wish) -> Result<(Token, u64), Error> {
        self.0.wait(wish.want()?, wish.deadline)
    }

    /// The header to add to a call, its value marked sensitive.
    ///
    /// # Errors
    /// As [`Source::token`]; `carriage.query` where the vendor's token travels in the query.
    pub fn header(&self) -> Result<(HeaderName, HeaderValue), Error> {
        self.token()?.header()
    }

    /// What to add to a call, a header or a query argument: [`Source::token`], in the way of the vendor.
    ///
    /// # Errors
    /// As [`Source::token`].
    pub fn attachment(&self) -> Result<Attachment, Error> {
        self.token()?.attachment()
    }

    /// Asks for the next token now, and waits for it. Tells whether there is another: a vendor that serves the same one
    /// until it expires gives that.
    ///
    /// # Errors
    /// What the request failed with; the failure that still holds the vendor's door shut; `config.value` where there
    /// is nothing to renew.
    pub fn renew_now(&self) -> Result<bool, Error> {
        self.renew(None)
    }

    /// [`Source::renew_now`], within this time, or not at all. What was asked of the vendor goes on.
    ///
    /// # Errors
    /// As [`Source::renew_now`]; `deadline.passed`.
    pub fn renew_within(&self, deadline: Duration) -> Result<bool, Error> {
        self.renew(Some(deadline))
    }

    fn renew(&self, deadline: Option<Duration>) -> Result<bool, Error> {
        let end = deadline.map(|deadline| self.0.now() + deadline);
        let mut state = self.0.lock();
        let renewals = state.renewals;
        state.life.renew_now(self.0.now())?;
        drop(state);
        loop {
            let look = self.0.tick(Want::default(), None);
            let mut state = self.0.lock();
            if state.renewals > renewals {
                return match &state.last_renewal {
                    Some(Learned::Failed(error)) => Err(error.clone()),
                    last => Ok(matches!(last, Some(Learned::Renewed))),
                };
            }
            // What has ended may be another request, which was under way before, and may have shut the door.
            if state.life.is_renewal_wanted() {
                state.life.renew_now(self.0.now())?;
            }
            drop(state);
            if !self.0.sleep(look.ended, look.until, end) {
                return Err(self.0.lock().too_late("another token"));
            }
        }
    }

    /// Somebody was refused with `token`. Unless that is known, or it is no longer the one that is held, the next one is
    /// asked for, on another thread; until it is there, this one is served as stale, since one refusal may be a mistake.
    pub fn report_rejected(&self, token: &Token) {
        self.report(|life, now| life.report_rejected(token, now));
    }

    /// [`Source::report_rejected`], of the token of this generation: [`Glance::generation`],
    /// [`Source::token_and_generation`].
    pub fn report_rejected_generation(&self, generation: u64) {
        self.report(|life, now| life.report_rejected_generation(generation, now));
    }

    fn report(&self, report: impl FnOnce(&mut Life, Instant) -> bool) {
        let mut state = self.0.lock();
        if !report(&mut state.life, self.0.now()) {
            return;
        }
        self.0.publish(&state);
        let (_, departs) = state.look(self.0.client.clock().now(), Want::default(), None);
        self.0.go_on(state, departs, false);
        self.0.tell();
    }

    /// The account as it is now.
    pub fn account(&self) -> Account {
        self.0.lock().account.clone()
    }

    /// Goes on with one field replaced: a rotated key, another time limit. Where several belong together, a vendor must
    /// not see one of them alone: make another account and [`Source::replace`] it.
    ///
    /// # Errors
    /// As [`Account::with`] and [`Source::replace`].
    pub fn set(&self, name: &str, value: impl Into<Secret>) -> Result<(), Error> {
        let value = value.into();
        loop {
            let before = self.account();
            let account = before.with(name, value.clone())?;
            // Another thread may have replaced another field meanwhile.
            if self.swap(&account, Some(&before))? {
                return Ok(());
            }
        }
    }

    /// Goes on with other credentials: of the same account, or of another one at the same vendor. Every hold is over,
    /// and what was asked with the old ones says nothing any more.
    ///
    /// # Errors
    /// `config.value` for an account of another vendor or client, or with another mode of renewal or way to travel.
    pub fn replace(&self, account: &Account) -> Result<(), Error> {
        self.swap(account, None).map(drop)
    }

    /// Goes on with `account`, unless there is another one than `before` by now.
    fn swap(&self, account: &Account, before: Option<&Account>) -> Result<bool, Error> {
        let (new, mut state) = (account.login(), self.0.lock());
        if before.is_some_and(|before| !before.is(&state.account)) {
            return Ok(false);
        }
        let old = state.account.login();
        for (what, same) in [
            ("vendor", new.descriptor().id == old.descriptor().id),
            ("renewal", new.renewal() == old.renewal()),
            ("carriage", new.carriage() == old.carriage()),
            ("client", account.client().is(&self.0.client)),
        ] {
            if !same {
                let message = format!("{what}: another one than this source has; open another source");
                return Err(Error::new(&detail::CONFIG_VALUE, message).with_vendor(old.descriptor().id));
            }
        }
        state.life.replace_credentials(new.identity() == old.identity(), self.0.now());
        state.account = account.clone();
        self.0.settle(&mut state);
        drop(state);
        self.0.tell();
        Ok(true)
    }

    /// Asks the vendor whether the held token is still valid, and until when.
    ///
    /// # Errors
    /// As [`Account::validate`]; `token.needed` where none is held.
    pub fn validate(&self) -> Result<Expiry, Error> {
        let ask = |account: &Account, held: &Token| account.validate(held).map(Outcome::Valid);
        match self.0.operate(Op::Validate, ask, |_| {})? {
            Outcome::Valid(expiry) => Ok(expiry),
            other => Err(Error::new(&detail::INTERNAL, format!("a validation came to {other:?}"))),
        }
    }

    /// Makes the held token invalid, for every holder, and drops it. Whoever asks then gets another one.
    ///
    /// # Errors
    /// As [`Account::revoke`]; `token.needed` where none is held.
    pub fn revoke(&self) -> Result<(), Error> {
        let ask = |account: &Account, held: &Token| account.revoke(held).map(|()| Outcome::Done);
        self.0.operate(Op::Revoke, ask, Life::drop_token).map(drop)
    }

    /// Changes the account's password by means of the held token, and goes on with the new one; the token stays.
    ///
    /// # Errors
    /// As [`Account::change_password`]; `token.needed` where none is held.
    pub fn change_password(&self, new: impl Into<Secret>) -> Result<(), Error> {
        let new = new.into();
        let ask =
            |account: &Account, held: &Token| account.change_password(held, new).map(|()| Outcome::Done);
        self.0.operate(Op::ChangePassword, ask, Life::password_changed).map(drop)
    }

    /// How the source stands. Waits for nothing.
    pub fn status(&self) -> Status {
        let state = self.0.lock();
        let mut status = state.life.status(self.0.client.clock().now());
        status.store_failure = state.store_failure.clone();
        status
    }
}

/// Shows the vendor and how the source stands, and nothing secret.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let vendor = self.0.lock().account.descriptor().id;
        f.debug_struct("Source").field("vendor", &vendor).field("status", &self.status()).finish()
    }
}
